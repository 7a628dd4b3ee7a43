#!/usr/bin/env bash
# Try a whole run on a CPU, with small sizes: trial.sh gpu gpuA gpuB gpuC gpuD, the folders as they travel. The first has the
# scripts that are tried. Says which stages failed; the exit status is 0 if none did. Everything lies in $W (/tmp/trial).
export W=${W:-/tmp/trial} PYTHON=${PYTHON:-python3}
export GPUS=1 PROCS=${PROCS:-2} SYNTH=${SYNTH:-75} SLOWER=${SLOWER:-5} BATCH=${BATCH:-2} ENCODE=${ENCODE:-4} OMP_NUM_THREADS=1
export PARTS=${PARTS:-600} TOTAL=${TOTAL:-3600}
# of two steps the first is for the discriminators alone
export CODEC=${CODEC:---max-steps 2 --judge-clips 1 --discriminator-seconds 0.1 --report-every 1}
export SPEECH=${SPEECH:---max-steps 2 --batch 2 --eager}
[ $# -gt 1 ] || { sed -n 2,3p "$0" >&2; exit 2; }
gpu=$1; shift
bash "$gpu/run/start.sh" || exit 1
pid=$(cat "$W/pid")
end() { pkill -s "$pid"; } # the process session, since every timeout has a group of its own
trap 'end; exit 130' INT TERM
for part in "$@"; do bash "$gpu/run/add.sh" "$part" >>"$W/log/add.log" 2>&1; done

until [ -e "$W/ckpt/all.done" ] || ! kill -0 "$pid" 2>/dev/null; do
  [ $SECONDS -lt "${LIMIT:-1800}" ] || { echo "not done after $SECONDS s"; end; break; }
  sleep 1
done
grep '^failed' "$W/log/add.log" # a wheel of another Python is not needed where that package is installed
grep '^\[' "$W/log/drive.log" # one line a stage, with its exit status

failed=0
fail() { echo "failed: $*"; failed=1; }
stages=('people packed' 'codec loaded' converted speech merged decoder) exports=(codec rest)
[ "${STAGES:-all}" = decoder ] || {
  stages+=(encoded tokenized packed 'language model' voices) exports+=(voices speech); }
for stage in "${stages[@]}"; do
  grep -q "\] $stage 0\$" "$W/log/drive.log" || fail "$stage"
done
# what a run goes on without
for words in '\] no /' 'again without judge' 'no judge' 'judge failed'; do
  grep -h "$words" "$W"/log/{drive,decoder,voices}.log 2>/dev/null && failed=1
done
for stage in 'discriminators alone' adversarial; do # once they have begun anew
  ! grep -q 'begin anew' "$W/log/decoder.log" || grep -q "^$stage from" "$W/log/decoder.log" || fail "decoder, $stage"
done
mkdir -p "$W/out"
for what in "${exports[@]}"; do
  OUT=$W/out bash "$gpu/run/fetch.sh" $what trial >"$W/log/fetch-$what.log" 2>&1
  [ -s "$W/out/trial.$what.aa" ] || fail "fetch $what"
done
echo "$SECONDS s; logs in $W/log"
exit $failed
