#!/bin/sh
# Runs libFuzzer with the address sanitizer: Tests/Fuzz/run.sh SECONDS [TARGET...]
# Inputs that reach new code are merged into the corpus, crashes stay in .build-fuzz/crashes.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:?usage: Tests/Fuzz/run.sh SECONDS [TARGET...]}
shift
out=.build-fuzz
mkdir -p $out/crashes
nice -n 5 swift build --scratch-path $out --product fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -DLIBFUZZER -Xswiftc -parse-as-library >$out/build.log 2>&1 ||
  { tail -40 $out/build.log; exit 1; }
binary=$out/debug/fuzz
[ $# -gt 0 ] || set -- $(ls Tests/Fuzz/corpus)
status=0
for target; do
  corpus=Tests/Fuzz/corpus/$target
  fresh=$out/fresh/$target
  log=$out/$target.log
  rm -rf "$fresh"
  mkdir -p "$fresh" "$corpus"
  case $target in
    bolt) longest=16384 ;;
    wal | v2json) longest=4096 ;;
    index | apply) longest=1024 ;;
    *) longest=2048 ;;
  esac
  limits="-rss_limit_mb=2048 -max_len=$longest -timeout=5"
  export FUZZ_TARGET="$target" ASAN_OPTIONS=detect_leaks=0
  finds=0
  nice -n 5 "$binary" $limits -max_total_time="$seconds" -artifact_prefix="$out/crashes/$target-" \
    -print_final_stats=1 "$fresh" "$corpus" >"$log" 2>&1 || { finds=1; status=1; }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  # Of what reaches new code the smallest inputs are kept: 190 beside the seeds, 70 KB together.
  if [ -n "$(ls "$fresh")" ]; then
    nice -n 5 "$binary" $limits -merge=1 "$corpus" "$fresh" >>"$log" 2>&1 || true
    ls -Sr -l "$corpus" | awk 'NF > 8 && $9 !~ /^seed-/ { total += $5; if (total > 70000 || ++n > 190) print $9 }' |
      while read -r name; do rm "$corpus/$name"; done
  fi
  echo "$target: ${runs:-?} executions, $finds crashes, $(ls "$corpus" | wc -l) inputs in the corpus"
  [ $finds = 0 ] || grep -m1 -E 'invariant broken|Fatal error|ERROR: ' "$log" || true
done
exit $status
