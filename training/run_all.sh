#!/usr/bin/env bash
# Every stage of training in order, from sentences to the files in models/.
# Usage: run_all.sh SENTENCES CMUDICT [PEOPLE]
#   SENTENCES  one sentence a line
#   CMUDICT    CMU's pronouncing dictionary in its own form
#   PEOPLE     folder with adults/, callie/, commands/ (data/trim_human.sh makes it); without it the
#              codec does not carry over to people
# In the environment: WORK (/tmp), MODELS (../models), ROOT (see data/synthesize.py), PYTHON, and the
# seconds of the stages: TEACHER_SECONDS, CODEC_SECONDS, SPECTRAL_SECONDS, TOKENIZER_SECONDS, LM_SECONDS,
# FLOW_SECONDS, G2P_SECONDS. A stage whose result is there is not done again.
set -euo pipefail
sentences=$(realpath "$1") dictionary=$(realpath "$2") people=${3:+$(realpath "$3")}
cd "$(dirname "$0")"
work=${WORK:-/tmp} python=${PYTHON:-python3}
models=$(realpath "${MODELS:-../models}")
raw=$work/raw data=$work/data ckpt=$work/ckpt log=$work/log
mkdir -p "$raw" "$data" "$ckpt" "$log"
export PYTHONUNBUFFERED=1

if [ ! -f "$data/hts.pt" ]; then
  if [ -z "${ROOT:-}" ] && [ ! -x data/flite_dump ]; then
    cc -O2 data/flite_dump.c -o data/flite_dump -lflite_cmu_us_slt -lflite_cmu_us_rms \
      -lflite_cmu_us_awb -lflite_cmu_us_kal16 -lflite_usenglish -lflite_cmulex -lflite -lm
  fi
  "$python" data/synthesize.py --root "${ROOT:-}" --text "$sentences" --out "$raw" --hts 2600 \
    --flite rms=1500,awb=1500,kal16=700,slt=700 --espeak 500
  OMP_NUM_THREADS=1 "$python" data/pack.py --raw "$raw" --human "$people" --cmudict "$dictionary" \
    --out "$data"
fi

# the codec waits for the teacher, which trains beside it, before it distils
if [ ! -f "$ckpt/codec.done" ]; then
  "$python" train_teacher.py --data "$data" --out "$ckpt/teacher.pt" \
    --seconds "${TEACHER_SECONDS:-80}" >"$log/teacher.log" 2>&1 &
  teacher=$!
  "$python" train_codec.py --data "$data" --out "$ckpt/codec.pt" --teacher "$ckpt/teacher.pt" \
    --batch 24 --seconds "${CODEC_SECONDS:-495}" --spectral-seconds "${SPECTRAL_SECONDS:-110}" \
    --teacher-wait 60 --resume >"$log/codec.log" 2>&1
  wait "$teacher"
  touch "$ckpt/codec.done"
fi
"$python" export_codec.py --checkpoint "$ckpt/codec.pt" --out "$models/codec"
"$python" evaluate_codec.py --data "$data" --codec "$ckpt/codec.pt" --clips 4 || echo 'not evaluated' >&2

# tokenizer, language model and flow, and their export
PYTHON=$python DATA=$data CKPT=$ckpt LOG=$log MODELS=$models SAMPLES=$work/samples \
  ./run_speech.sh "${LM_SECONDS:-240}" "${FLOW_SECONDS:-240}"

if [ ! -f "$models/g2p/model.safetensors" ]; then
  "$python" train_g2p.py --dictionary "$dictionary" --out "$models/g2p" \
    --seconds "${G2P_SECONDS:-75}"
fi
