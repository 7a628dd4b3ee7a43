#!/usr/bin/env bash
# Start the run from the folder gpu/: run/ (these scripts), training/, teacher/, wheels/ and kokoro.onnx.xz.
export W=${W:-/tmp/run} PYTHON=${PYTHON:-python3}
here=$(cd "$(dirname "$0")/.." && pwd)
rm -rf "$W"; mkdir -p "$W"/{log,human,landed,data,all,ckpt,models,site}
"$PYTHON" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target "$W/site" "$here"/wheels/*.whl
cp -r "$here" "$W/g"
export GPUS=${GPUS:-$(nvidia-smi -L | wc -l)}
export SYNTH=${SYNTH:-150} PROCS=${PROCS:-$((GPUS * 14))} PROCS2=${PROCS2:-20} JOINT=${JOINT:-420} TOK=${TOK:-60} FLOW=${FLOW:-380}
echo $(($(date +%s) + ${TOTAL:-1330})) >"$W/deadline" # when language model and decoder end; may be written anew
setsid nohup bash "$W/g/run/drive.sh" >"$W/log/outer.log" 2>&1 </dev/null &
sleep 1
