#!/usr/bin/env bash
# Tokenizer, then language model and flow side by side on one GPU, after the codec (see run_all.sh).
# Usage: run_speech.sh SECONDS_LM SECONDS_FLOW. In the environment: TOKENIZER_SECONDS, PYTHON, DATA, CKPT,
# CODEC, TEACHER, LOG, SAMPLES, SENTENCES (per voice), MODELS, EXTRA (options of every training script, such as --resume).
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

# a script that stops at once, as when a CUDA graph cannot be captured, runs again without graphs
train() {
  local name=$1 begin=$SECONDS
  shift
  "$python" "$@" "${common[@]}" "${extra[@]}" >"$log/$name.log" 2>&1 && return
  [ $((SECONDS - begin)) -lt 60 ] || return 1
  mv "$log/$name.log" "$log/$name-graph.log"
  "$python" "$@" "${common[@]}" "${extra[@]}" --eager >"$log/$name.log" 2>&1
}

[ -n "${FRESH:-}" ] && rm -f "$data/latents.pt" "$data/tokens.pt"
if [ ! -f "$data/latents.pt" ]; then
  "$python" encode_latents.py --data "$data" --codec "$codec" >"$log/encode.log" 2>&1 || fail encode
fi
if [ ! -f "$data/tokens.pt" ] || [ ! -f "$ckpt/tokenizer.pt" ]; then
  train tokenizer train_tokenizer.py --out "$ckpt/tokenizer.pt" --seconds "${TOKENIZER_SECONDS:-45}" ||
    fail tokenizer
fi
train lm train_lm.py --out "$ckpt/language_model.pt" --seconds "$1" &
lm=$!
train flow train_flow.py --out "$ckpt/flow.pt" --seconds "$2" &
flow=$!
wait "$lm" || fail lm
wait "$flow" || fail flow
"$python" export_speech.py --checkpoints "$ckpt" --out "${MODELS:-/tmp/models}" >"$log/export.log" 2>&1 || fail export
"$python" synthesize_samples.py --data "$data" --codec "$codec" --checkpoints "$ckpt" \
  --out "${SAMPLES:-/tmp/samples}" --sentences "${SENTENCES:-6}" >"$log/samples.log" 2>&1 || fail samples
tail -n 3 "$log"/{tokenizer,lm,flow,export,samples}.log 2>/dev/null
