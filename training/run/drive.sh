#!/usr/bin/env bash
# The whole run: speech; the codec as a whole on GPU 0 while GPU 1 makes more speech; then the decoder alone on GPU 0
# while GPU 1 encodes, and trains tokenizer, language model and flow until the time in $W/deadline. start.sh sets the rest.
set -u
cd "$W/g" || exit 1
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=${OMP_NUM_THREADS:-4} PYTHONPATH=$W/site
log=$W/log data=$W/data all=$W/all ckpt=$W/ckpt last=$((GPUS - 1)) py=$PYTHON
say() { echo "[$(date +%T)] $*" >>"$log/drive.log"; }
left() { echo $(($(cat "$W/deadline") - $(date +%s) - 20)); } # less what loading takes
wait_for() { for ((i = 0; i < $2; i++)); do [ -e "$1" ] && return; sleep 1; done; say "no $1"; }
say start
nvidia-smi -L >>"$log/drive.log" 2>&1

(for part in gpuA gpuB gpuD; do wait_for "$W/$part.ready" 200; done
 cd training && OMP_NUM_THREADS=1 "$py" data/pack.py --raw /nothing --human "$W/human" --cmudict "$W/cmudict.dict" --out "$data" >"$log/human.log" 2>&1
 say "people packed $?") &
human=$!
(wait_for "$W/gpuC.ready" 240; cd training && "$py" init_codec.py "$W/landed" "$ckpt/codec.pt" >"$log/init.log" 2>&1; say "codec begun $?") &
init=$!

cd teacher
xz -dc "$W/g/kokoro.onnx.xz" >"$W/kokoro.onnx" && "$py" kokoro_teacher.py convert --onnx "$W/kokoro.onnx" --out "$W/kokoro.pt" >"$log/convert.log" 2>&1 || { say "convert failed"; exit 1; }
say converted
synth() { "$py" synth_kokoro.py --model "$W/kokoro.pt" --text sentences.tsv.xz --voices voices.npz --out "$data" --slots $((PROCS + PROCS2)) "$@"; }
synth --seconds "$SYNTH" --procs "$PROCS" --gpus "$GPUS" >"$log/synth.log" 2>&1; say "speech $?"
wait $human $init
(CUDA_VISIBLE_DEVICES=$last synth --seconds "${SYNTH2:-$((JOINT - 35))}" --procs "$PROCS2" --gpus 1 --first-rank "$PROCS" --no-test --named-only --no-merge >"$log/synth2.log" 2>&1; say "second speech $?") &
second=$!

cd ../training
codec() { CUDA_VISIBLE_DEVICES=0 "$py" train_codec.py --resume --save-every 120 --spectral-seconds 0 --hold --ema 0.9995 "$@" ${CODEC:-}; }
joint() { codec --data "$data" --out "$ckpt/codec.pt" --batch "${BATCH:-40}" --rate 3e-4 --mel-weight 12 --complex-weight 3 --matching-weight 10 "$@"; }
(ends=$(($(date +%s) + JOINT))
 joint --seconds "$JOINT" --distill "$W/whisper_encoder.pt" --judge-every 60 >"$log/codec.log" 2>&1 || {
   say "codec failed, again without judge and Whisper"
   joint --seconds $((ends - $(date +%s))) >>"$log/codec.log" 2>&1; }
 say "codec $?") &
codec=$!
wait $second
ln -sfn "$data/parts" "$all/parts"
(cd ../teacher && "$py" synth_kokoro.py --model x --text x --voices x --out "$all" --merge-only >"$log/merge.log" 2>&1; say "merged $?")
for f in adults callie commands; do [ -e "$data/$f.pt" ] && ln -sfn "$data/$f.pt" "$all/$f.pt"; done
wait $codec
"$py" freeze_codec.py "$ckpt/codec.pt" "$ckpt/decoder.pt" >"$log/freeze.log" 2>&1; say "frozen $?"
touch "$ckpt/joint.done"

decoder() { codec --data "$all" --out "$ckpt/decoder.pt" --batch "${BATCH:-40}" --rate 2e-4 --freeze-encoder --bypass 0.4 --latent-noise 0.3 --mel-weight 8 --complex-weight 2 --adversarial-weight 1.5 --matching-weight 12 "$@"; }
(decoder --seconds "$(left)" --judge-every 60 >"$log/decoder.log" 2>&1 || {
   say "decoder failed, again without judge"
   decoder --seconds "$(left)" >>"$log/decoder.log" 2>&1; }
 say "decoder $?") &
decoder=$!

export CUDA_VISIBLE_DEVICES=$last
"$py" encode_latents.py --data "$all" --codec "$ckpt/codec.pt" --batch "${ENCODE:-96}" >"$log/encode.log" 2>&1; say "encoded $?"
"$py" train_tokenizer.py --data "$all" --distill "$W/whisper_encoder.pt" --out "$ckpt/tokenizer.pt" --seconds "$TOK" ${SPEECH:-} >"$log/tokenizer.log" 2>&1; code=$?
say "tokenized $code"
if [ $code != 0 ]; then
  "$py" train_tokenizer.py --data "$all" --teacher /nothing --out "$ckpt/tokenizer.pt" --seconds "$TOK" ${SPEECH:-} >>"$log/tokenizer.log" 2>&1; say "tokenized again $?"
fi
"$py" train_lm.py --data "$all" --out "$ckpt/language_model.pt" --seconds "$(left)" --save-every 60 --evaluate-every 500 ${SPEECH:-} >"$log/lm.log" 2>&1 &
lm=$!
flow_seconds=$(left); [ "$flow_seconds" -gt "$FLOW" ] && flow_seconds=$FLOW
"$py" train_flow.py --data "$all" --out "$ckpt/flow.pt" --seconds "$flow_seconds" --save-every 60 ${SPEECH:-} >"$log/flow.log" 2>&1
say "flow $?"
wait $lm; say "lm $?"; touch "$ckpt/speech.done"
wait $decoder; say all; touch "$ckpt/all.done"
