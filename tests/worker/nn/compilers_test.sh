#!/usr/bin/env bash
# The trainer has the same bits from another compiler: builds nn_bits with it and compares what both print.
#   compilers_test.sh SOURCE_FOLDER BUILD_FOLDER OTHER_COMPILER NN_BITS
# Exits with 77 when there is no such compiler.
set -euo pipefail
source=$1 build=$2 compiler=$3 own=$4

if ! command -v "$compiler" >/dev/null; then
  echo "SKIPPED: $compiler is not installed, so nobody knows whether it gives the same bits"
  exit 77
fi
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$compiler" >"$build.log" 2>&1 ||
  { cat "$build.log"; exit 1; }
cmake --build "$build" --target nn_bits
"$own" >"$build/own.txt"
"$build/tests/nn_bits" >"$build/other.txt"
grep 'not run' "$build/own.txt" || true
diff "$build/own.txt" "$build/other.txt"
echo "$(wc -l <"$build/own.txt") lines are the same"
