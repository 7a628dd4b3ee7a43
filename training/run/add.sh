#!/usr/bin/env bash
# Unpack a part that was carried after the start, then mark it: add.sh FOLDER
W=${W:-/tmp/run} PYTHON=${PYTHON:-python3}
[ -e "$W/log/drive.log" ] || { echo "no run here"; exit 9; }
for f in "$1"/*; do
  case $f in
  */judge.zip) "$PYTHON" -m zipfile -e "$f" "$W/site" ;;
  *.zip) "$PYTHON" -m zipfile -e "$f" "$W/human" ;;
  *.whl) "$PYTHON" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target "$W/site" "$f" ;;
  */model.safetensors.xz) xz -dc -T0 "$f" >"$W/landed/model.safetensors" ;;
  */discriminators.pt) cp "$f" "$W/landed/" ;;
  *.xz) n=$(basename "$f" .xz); xz -dc "$f" >"$W/$n.tmp" && mv "$W/$n.tmp" "$W/$n" ;;
  *) cp -r "$f" "$W/" ;;
  esac || echo "failed: $f"
done
touch "$W/$(basename "$1").ready"
ls "$W" "$W/human" "$W/landed" | tr '\n' ' '; tail -n 5 "$W/log/drive.log"
