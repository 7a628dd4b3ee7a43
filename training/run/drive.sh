#!/usr/bin/env bash
# The whole run, which goes on from training/state: speech on all GPUs; then the general decoder alone on GPU 0, while the
# last GPU encodes the new speech, trains the language model on all tokens and then a decoder of the six named voices.
# Both decoders end at the time in $W/deadline. Codec's encoder and tokenizer stay what they are. start.sh sets the rest.
# STAGES=decoder leaves out all that follows the speech but the general decoder: enough for one GPU.
set -u
cd "$W/g" || exit 1
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=${OMP_NUM_THREADS:-4} PYTHONPATH=$W/site
log=$W/log data=$W/data ckpt=$W/ckpt last=$((GPUS - 1)) py=$PYTHON
say() { echo "[$(date +%T)] $*" >>"$log/drive.log"; }
left() { echo $(($(cat "$W/deadline") - $(date +%s) - 20)); } # less what loading takes
wait_for() { until [ -e "$1" ]; do [ $SECONDS -lt $PARTS ] || { say "no $1"; return; }; sleep 1; done; }
within() { timeout $(($1 * ${SLOWER:-1})) "${@:2}"; } # seconds, command; SLOWER is how many times longer it may take
say start
nvidia-smi -L >>"$log/drive.log" 2>&1

(for part in gpuA gpuB gpuD; do wait_for "$W/$part.ready"; done
 cd training
 OMP_NUM_THREADS=1 within 200 "$py" data/pack.py --human "$W/human" --out "$data" >"$log/human.log" 2>&1
 say "people packed $?") &
human=$!
(for part in gpuC gpuD; do wait_for "$W/$part.ready"; done
 cd training
 within 100 "$py" init_codec.py "$W/landed" "$ckpt/codec.pt" >"$log/init.log" 2>&1 \
   && cp "$ckpt/codec.pt" "$ckpt/decoder.pt" && cp "$ckpt/codec.pt" "$ckpt/voices.pt"
 say "codec loaded $?") &
init=$!

cd teacher
xz -dc "$W/g/kokoro.onnx.xz" >"$W/kokoro.onnx" && within 200 "$py" kokoro_teacher.py convert --onnx "$W/kokoro.onnx" --out "$W/kokoro.pt" >"$log/convert.log" 2>&1
say "converted $?"
# a process that hangs loses its own speech only
within $((SYNTH + 120)) "$py" synth_kokoro.py --model "$W/kokoro.pt" --text sentences.tsv.xz --voices voices.npz --out "$data" \
  --no-merge --seconds "$SYNTH" --procs "$PROCS" --gpus "$GPUS" >"$log/synth.log" 2>&1; say "speech $?"
within 100 "$py" synth_kokoro.py --model x --text x --voices x --out "$data" --merge-only >"$log/merge.log" 2>&1; say "merged $?"
wait $human $init
cd ../training

decode() { # NAME, options
  "$py" train_codec.py --data "$data" --out "$ckpt/$1.pt" --seconds "$(left)" --batch "${BATCH:-40}" \
    --resume --save-every 120 --spectral-seconds 0 --freeze-encoder --hold --ema 0.9995 --rate 2e-4 --latent-noise 0.3 \
    --mel-weight 6 --complex-weight 1.5 --adversarial-weight 2 --matching-weight 12 --report-every 250 "${@:2}" ${CODEC:-}
}
train_decoder() { # NAME, options
  decode "$@" --judge-every 60 --judge-clips 20 >"$log/$1.log" 2>&1 || {
    say "$1 failed, again without judge"
    rm -f "$ckpt/$1.pt.best" # or fetch.sh would keep to it
    decode "$@" >>"$log/$1.log" 2>&1; }
  say "$1 $?"
}
CUDA_VISIBLE_DEVICES=0 train_decoder decoder --bypass 0.4 &
decoder=$!
finish() { wait $decoder; say all; touch "$ckpt/all.done"; }
[ "$STAGES" != decoder ] || { finish; exit; }

export CUDA_VISIBLE_DEVICES=$last
within 200 "$py" encode_latents.py --data "$data" --codec "$ckpt/codec.pt" --batch "${ENCODE:-96}" >"$log/encode.log" 2>&1; say "encoded $?"
within 200 "$py" train_tokenizer.py --data "$data" --encode-only "$W" >"$log/tokenizer.log" 2>&1; say "tokenized $?"
within 100 "$py" run/pack_rest.py --checkpoints "$ckpt" --data "$data" --out "$W/models" >"$log/pack.log" 2>&1; say "packed $?"
"$py" train_lm.py --tokens $(ls "$W"/tokens-*.pt "$W/models/tokens.pt") --out "$ckpt/language_model.pt" --seconds "$SPEECH_SECONDS" \
  --save-every 60 --evaluate-every 250 --patience 8 $SIZES ${SPEECH:-} >"$log/language_model.log" 2>&1
say "language model $?"
touch "$ckpt/speech.done"
train_decoder voices --voices-only --bypass 0.7
finish
