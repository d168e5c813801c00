#!/usr/bin/env bash
# Builds the simulator (optimised, or hours take hours) and runs it with the arguments given; see Simulate.swift.
set -euo pipefail
cd "$(dirname "$0")/../.."
flags=(-c release --explicit-target-dependency-import-check error --product simulate)
swift build "${flags[@]}"
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
git diff --quiet HEAD -- Sources Tests/Simulate 2>/dev/null || commit="$commit and changes"
exec "$(swift build "${flags[@]}" --show-bin-path)/simulate" --commit "$commit" "$@"
