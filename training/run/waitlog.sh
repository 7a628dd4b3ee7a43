#!/usr/bin/env bash
# Wait up to $1 seconds or until the file $2 is there, then show the last $3 lines of each log.
W=${W:-/tmp/run}
[ -e "$W/log/drive.log" ] || { echo "no run here"; exit 9; }
for ((i = 0; i < $1; i++)); do [ -e "$2" ] && break; sleep 1; done
cat "$W/log/drive.log"
for f in "$W"/log/*.log; do
  case $f in */drive.log) ;; *) echo "== $f"; grep -v Warn "$f" | tail -n "${3:-3}" | cut -c1-200 ;; esac
done
for f in decoder voices; do echo "== $f"; grep -h DistillMOS "$W/log/$f.log" 2>/dev/null | tail -n 12; done
nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv,noheader; free -g | sed -n 2p; df -h /tmp | tail -1
ls -la "$W/ckpt" | awk '{print $5,$9}' | tr '\n' ' '; echo " now $(date +%T), ends $(date -d "@$(cat "$W/deadline")" +%T)"
