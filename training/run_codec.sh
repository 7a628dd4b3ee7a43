#!/usr/bin/env bash
# Teacher and codec side by side on one GPU, after data/device_prepare.sh. Usage: run_codec.sh SECONDS
set -u
cd "$(dirname "$0")"
seconds=$1
mkdir -p /tmp/ckpt /tmp/log
export PYTHONUNBUFFERED=1
python3 train_teacher.py --data /tmp/data --out /tmp/ckpt/teacher.pt --seconds "${TEACHER_SECONDS:-120}" \
  >/tmp/log/teacher.log 2>&1 &
teacher=$!
python3 train_codec.py --data /tmp/data --out /tmp/ckpt/codec.pt --teacher /tmp/ckpt/teacher.pt \
  --seconds "$seconds" --spectral-seconds "${SPECTRAL_SECONDS:-140}" --resume >/tmp/log/codec.log 2>&1
code=$?
wait "$teacher"
echo "codec exit $code" >>/tmp/log/codec.log
python3 collect_codec.py /tmp/ckpt/codec.pt /tmp/ckpt/codec-small.pt && touch /tmp/ckpt/codec.done
