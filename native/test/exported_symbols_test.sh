#!/usr/bin/env bash
# The library exports what jdropout.h declares and nothing else: exported_symbols_test.sh NM LIBRARY
# HEADER.
set -euo pipefail

declared=$(grep -A1 JDROPOUT_API "$3" | grep -oE '\bjdropout_[a-z0-9_]+\(' | tr -d '(' | sort)
exported=$("$1" --dynamic --defined-only --extern-only "$2" | awk '{print $NF}' | sed 's/@.*//' | sort)

if [[ $(wc -l <<<"$declared") -lt 25 ]]; then
  echo "FAILED: too few declarations found in $3: $declared"
  exit 1
fi
if ! diff <(echo "$declared") <(echo "$exported"); then
  echo "FAILED: < is declared only, > is exported only"
  exit 1
fi
echo "$(wc -l <<<"$declared") symbols, as declared"
