#!/usr/bin/env bash
# Export what there is, in parts of 15 MB under $OUT whose names begin with TAG: fetch.sh codec|voices|speech|rest TAG
W=${W:-/tmp/run} PYTHON=${PYTHON:-python3}
[ -e "$W/log/drive.log" ] || { echo "no run here"; exit 9; }
export PYTHONPATH=$W/site CUDA_VISIBLE_DEVICES= OMP_NUM_THREADS=8
cd "$W/g/training" || exit 9
ckpt=$W/ckpt x=$W/x models=$W/models; mkdir -p "$x" "$models"
best() { for c in "$ckpt/$1.pt.best" "$ckpt/$1.pt"; do [ -e "$c" ] && echo "$c" && break; done; }
send() { split -b 15M - "$OUT/$tag.$what."; }
what=$1 tag=$2
case $what in
speech)
  cp "$(best language_model)" "$x/language_model.pt" && "$PYTHON" export_speech.py --checkpoints "$x" --out "$models" \
    && tar cf - -C "$models" language-model | send ;;
codec)
  "$PYTHON" export_codec.py --checkpoint "$(best decoder)" --out "$models/codec" \
    && tar cf - -C "$models" codec | send ;;
voices)
  "$PYTHON" export_codec.py --checkpoint "$(best voices)" --out "$models/voices" --decoder-only \
    && tar cf - -C "$models" voices | send ;;
rest)
  "$PYTHON" run/pack_rest.py --checkpoints "$ckpt" --out "$models" # drive.sh has packed the tokens
  tar cf - -C "$models" helpers.pt $([ -e "$models/tokens.pt" ] && echo tokens.pt) | xz -1 -T8 | send ;;
esac
tar cf - -C "$W" log | xz -T4 >"$OUT/$tag.logs.txz"
ls -la "$OUT"; W=$W bash "$W/g/run/waitlog.sh" 0 /nothing "${3:-3}"
