#!/usr/bin/env bash
# Start the run from the folder gpu/: run/ (these scripts), training/, teacher/, wheels/ and kokoro.onnx.xz.
export W=${W:-/tmp/run} PYTHON=${PYTHON:-python3}
here=$(cd "$(dirname "$0")/.." && pwd)
rm -rf "$W"; mkdir -p "$W"/{log,human,landed,data,ckpt,models,site}
"$PYTHON" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target "$W/site" "$here"/wheels/*.whl
cp -r "$here" "$W/g"
export GPUS=${GPUS:-$(nvidia-smi -L | wc -l)}
export SYNTH=${SYNTH:-200} PROCS=${PROCS:-$((GPUS * 14))} SPEECH_SECONDS=${SPEECH_SECONDS:-300}
export SIZES=${SIZES:---dim 320 --layers 4 --encoder-blocks 4 --hidden 832 --key-dim 40 --value-dim 80}
export STAGES=${STAGES:-all} # or decoder
export PARTS=${PARTS:-280} # seconds from the start after which no part is waited for
echo $(($(date +%s) + ${TOTAL:-1330})) >"$W/deadline" # when the decoders end; may be written anew
setsid nohup bash "$W/g/run/drive.sh" >"$W/log/outer.log" 2>&1 </dev/null &
echo $! >"$W/pid" # of the process session
sleep 1
