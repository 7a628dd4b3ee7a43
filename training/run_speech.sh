#!/usr/bin/env bash
# Tokenizer, then language model and flow side by side on one GPU, after run_codec.sh.
# Usage: run_speech.sh SECONDS_LM SECONDS_FLOW. In the environment: TOKENIZER_SECONDS, PYTHON, DATA, CKPT,
# CODEC, TEACHER, LOG, SAMPLES, MODELS, EXTRA (options of every training script, such as --resume).
# Latents and tokens that are there already are kept, so that models which are resumed stay valid;
# with FRESH=1 they are made again.
set -u
cd "$(dirname "$0")"
python=${PYTHON:-python3} data=${DATA:-/tmp/data} ckpt=${CKPT:-/tmp/ckpt} log=${LOG:-/tmp/log}
codec=${CODEC:-$ckpt/codec.pt} teacher=${TEACHER:-$ckpt/teacher.pt}
mkdir -p "$ckpt" "$log"
export PYTHONUNBUFFERED=1
common=(--data "$data" --codec "$codec" --teacher "$teacher")
read -ra extra <<<"${EXTRA:-}"

fail() {
  echo "$1 failed" >&2
  tail -n 20 "$log/$1.log" >&2
  exit 1
}

[ -n "${FRESH:-}" ] && rm -f "$data/latents.pt" "$data/tokens.pt"
if [ ! -f "$data/latents.pt" ]; then
  "$python" encode_latents.py --data "$data" --codec "$codec" >"$log/encode.log" 2>&1 || fail encode
fi
if [ ! -f "$data/tokens.pt" ] || [ ! -f "$ckpt/tokenizer.pt" ]; then
  "$python" train_tokenizer.py "${common[@]}" --out "$ckpt/tokenizer.pt" \
    --seconds "${TOKENIZER_SECONDS:-45}" "${extra[@]}" >"$log/tokenizer.log" 2>&1 || fail tokenizer
fi
"$python" train_lm.py "${common[@]}" --out "$ckpt/language_model.pt" --seconds "$1" "${extra[@]}" \
  >"$log/lm.log" 2>&1 &
lm=$!
"$python" train_flow.py "${common[@]}" --out "$ckpt/flow.pt" --seconds "$2" "${extra[@]}" \
  >"$log/flow.log" 2>&1 &
flow=$!
wait "$lm" || fail lm
wait "$flow" || fail flow
"$python" export_speech.py --checkpoints "$ckpt" --out "${MODELS:-/tmp/models}" >"$log/export.log" 2>&1 || fail export
"$python" synthesize_samples.py --data "$data" --codec "$codec" --checkpoints "$ckpt" \
  --out "${SAMPLES:-/tmp/samples}" >"$log/samples.log" 2>&1 || fail samples
tail -n 3 "$log"/{tokenizer,lm,flow,export,samples}.log
