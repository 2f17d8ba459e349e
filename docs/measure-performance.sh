#!/usr/bin/env bash
# Measures everything that docs/performance.md shows and puts the tables into it. Takes about twenty minutes on two cores,
# which should have nothing else to do. Figures of a sweep or study that are there already are kept: delete their file to repeat them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=docs/measurements

dotnet build -c Release benchmarks/VaPi.Benchmarks
dotnet build -c Release benchmarks/VaPi.Study
benchmark() { dotnet run -c Release --no-build --project benchmarks/VaPi.Benchmarks -- "$@"; }

benchmark step --json "$folder/rollout.json"
benchmark step --kl --json "$folder/rollout-kl.json"
benchmark step --group 16 --json "$folder/rollout-group-16.json"
benchmark step --pixels-only --json "$folder/rollout-pixels.json"
benchmark step --memory --vocabulary 16384 --grid 24 --side 48 --width 128 --layers 2 --heads 4 --pixels-only --json "$folder/memory.json"
large=(step --images 1 --group 4 --side 256 --grid 16 --channels 128 --width 128 --layers 2 --heads 4 --repeats 3)
benchmark "${large[@]}" --json "$folder/large-blocks.json"
MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 \
  benchmark "${large[@]}" --json "$folder/large-blocks-kept.json"
benchmark sweep --json "$folder/sweep.json"
dotnet run -c Release --no-build --project benchmarks/VaPi.Study -- wall-clock
dotnet run -c Release --no-build --project benchmarks/VaPi.Study -- plot
benchmark tables docs/performance.md "$folder"
