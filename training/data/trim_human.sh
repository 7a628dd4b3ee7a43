#!/usr/bin/env bash
# Makes the recordings of people small enough to carry to another machine: the studio prompts as Opus at
# 64 kbit/s; the spoken commands, which have long silences, trimmed and as Opus at 40 kbit/s. The adults
# are small as they are. Usage: trim_human.sh SPEECH OUT, with SPEECH/{adults,callie,commands}.
set -euo pipefail
speech=$1 out=$2
jobs=$(nproc)
export OUT=$out
mkdir -p "$out/callie" "$out/commands" "$out/adults"

# silenceremove works on the start only, so the end is trimmed in reverse
begin=silenceremove=start_periods=1:start_threshold=-38dB:start_silence=0.12
export TRIM=$begin,areverse,$begin,areverse

find "$speech/callie" -name '*.flac' -print0 | xargs -0 -r -P "$jobs" -I{} sh -c '
  ffmpeg -nostdin -loglevel error -y -i "$1" -c:a libopus -b:a 64k -application audio \
    "$OUT/callie/$(basename "$1" .flac).opus"' _ {}
find "$speech/commands" -name '*.opus' -print0 | xargs -0 -r -P "$jobs" -I{} sh -c '
  ffmpeg -nostdin -loglevel error -y -i "$1" -af "$TRIM" -ar 16000 -c:a libopus -b:a 40k \
    -application audio "$OUT/commands/$(basename "$1")"' _ {}
cp "$speech"/adults/* "$out/adults/"
