#!/usr/bin/env bash
# Shows that the simulator finds mistakes: a copy of the source gets all of Mutations/*.patch, each behind a switch, is built
# once, and is run with one mistake at a time until that is found: first in the scenes of World/Director, which are made for the
# rare ones, then on up to SEEDS seeds. Without any, nothing may be found.
#
#   mutants.sh [name…]    SEEDS=1-300 SCENES=1-24 MINUTES=2 SCRATCH=…
set -euo pipefail
cd "$(dirname "$0")/../.."
seeds=${SEEDS:-1-300}
scenes=${SCENES:-1-24}
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

# What it prints goes to the file; fails where something was found.
play() {
  "$simulate" --scenes --seeds "$scenes" --minutes "$minutes" > "$1" 2>&1 &&
    "$simulate" --seeds "$seeds" --minutes "$minutes" >> "$1" 2>&1
}

names=("$@")
if [ ${#names[@]} = 0 ]; then
  for patch in "$mutations"/*.patch; do names+=("$(basename "$patch" .patch)"); done
  if ! play "$scratch/none.log"; then
    echo "found without any mistake:"; tail -3 "$scratch/none.log"; exit 1
  fi
  echo "without a mistake: nothing found in scenes $scenes and seeds $seeds"
fi
missed=0
for name in "${names[@]}"; do
  if MUTANT=$name play "$scratch/$name.log"; then
    echo "MISSED  $name"; missed=$((missed + 1))
  else
    how=$(sed -n 's/^FINDING: seed \([0-9]*\);.*--scenes.*/scene of seed \1/p; s/^FINDING: seed \([0-9]*\);.*/seed \1/p' "$scratch/$name.log" | head -1)
    echo "found   $name at ${how:-?}: $(grep -m1 'invariant broken' "$scratch/$name.log" | cut -c19-140)"
  fi
done
echo "$((${#names[@]} - missed)) of ${#names[@]} mistakes found"
[ "$missed" = 0 ]
