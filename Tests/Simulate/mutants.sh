#!/usr/bin/env bash
# Shows that the simulator finds mistakes: a copy of the source gets all of Mutations/*.patch, each behind a switch, is built
# once, and is run with one mistake at a time on up to SEEDS seeds until that is found. Without any, nothing may be found.
#
#   mutants.sh [name…]    SEEDS=1-300 MINUTES=2 SCRATCH=…
set -euo pipefail
cd "$(dirname "$0")/../.."
seeds=${SEEDS:-1-300}
minutes=${MINUTES:-2}
scratch=${SCRATCH:-.build-mutants}
mutations=Tests/Simulate/Mutations

mkdir -p "$scratch/source"
# Times are kept, so that a second build only does what changed.
rsync -a --delete --exclude .build --exclude '.build*' --exclude .git ./ "$scratch/source/" 2>/dev/null ||
  { rm -rf "$scratch/source/Sources" "$scratch/source/Tests"; cp -a Package.swift Sources Tests "$scratch/source/"; }
cp "$mutations/Mutant.swift.txt" "$scratch/source/Sources/Common/Base/Mutant.swift"
for patch in "$mutations"/*.patch; do
  patch -d "$scratch/source" -p1 -s --no-backup-if-mismatch < "$patch" || { echo "$patch does not apply"; exit 1; }
done
flags=(-c release --package-path "$scratch/source" --scratch-path "$scratch/build" --product simulate)
swift build "${flags[@]}" | tail -1
simulate="$(swift build "${flags[@]}" --show-bin-path)/simulate"

names=("$@")
if [ ${#names[@]} = 0 ]; then
  for patch in "$mutations"/*.patch; do names+=("$(basename "$patch" .patch)"); done
  if ! "$simulate" --seeds "$seeds" --minutes "$minutes" > "$scratch/none.log" 2>&1; then
    echo "found without any mistake:"; tail -3 "$scratch/none.log"; exit 1
  fi
  echo "without a mistake: nothing found in seeds $seeds"
fi
missed=0
for name in "${names[@]}"; do
  if MUTANT=$name "$simulate" --seeds "$seeds" --minutes "$minutes" > "$scratch/$name.log" 2>&1; then
    echo "MISSED  $name"; missed=$((missed + 1))
  else
    seed=$(grep -o 'FINDING: seed [0-9]*' "$scratch/$name.log" | grep -o '[0-9]*$' || echo '?')
    echo "found   $name at seed $seed: $(grep -m1 'invariant broken' "$scratch/$name.log" | cut -c19-140)"
  fi
done
echo "$((${#names[@]} - missed)) of ${#names[@]} mistakes found"
[ "$missed" = 0 ]
