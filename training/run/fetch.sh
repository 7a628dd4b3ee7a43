#!/usr/bin/env bash
# Export what there is, in parts of 15 MB under $OUT whose names begin with TAG: fetch.sh speech|codec|last|rest TAG
W=${W:-/tmp/run} PYTHON=${PYTHON:-python3}
export PYTHONPATH=$W/site CUDA_VISIBLE_DEVICES= OMP_NUM_THREADS=8
cd "$W/g/training" || exit 9
ckpt=$W/ckpt x=$W/x models=$W/models; mkdir -p "$x" "$models"
case $1 in
speech)
  for m in language_model language_model_small; do
    for c in "$ckpt/$m.pt.best" "$ckpt/$m.pt"; do [ -e "$c" ] && cp "$c" "$x/$m.pt" && break; done
  done
  "$PYTHON" export_speech.py --checkpoints "$x" --out "$models"
  tar cf - -C "$models" $(cd "$models" && ls -d language-model*) | split -b 15M - "$OUT/$2.speech." ;;
codec | last)
  for c in "$ckpt/decoder.pt.best" "$ckpt/decoder.pt" "$ckpt/codec.pt"; do
    [ "$1" = last ] && [ "$c" = "$ckpt/decoder.pt.best" ] && continue
    [ -e "$c" ] && break
  done
  echo "$c"; "$PYTHON" export_codec.py --checkpoint "$c" --out "$models/codec"
  tar cf - -C "$models" codec/model.safetensors codec/config.json | split -b 15M - "$OUT/$2.$1." ;;
rest)
  "$PYTHON" run/pack_rest.py --checkpoints "$ckpt" --data "$W/all" --out "$models"
  tar cf - -C "$models" helpers.pt $([ -e "$models/tokens.pt" ] && echo tokens.pt) | xz -1 -T8 | split -b 15M - "$OUT/$2.rest." ;;
esac
tar cf - -C "$W" log | xz -T4 >"$OUT/$2.logs.txz"
ls -la "$OUT"; W=$W bash "$W/g/run/waitlog.sh" 0 /nothing "${3:-3}"
