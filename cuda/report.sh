#!/usr/bin/env bash
# Reports what the kernels cost: registers, spills, instructions per element. Needs ptxas and
# Python; instructions are counted where cuobjdump is found, or named by CUOBJDUMP. No GPU is needed.
#
# --check fails if a kernel spills registers, if half precision costs too many instructions, or if
# docs/kernels.md, made with the same tools, holds other figures. It exits with 77 where it lacks a
# tool. --update FILE writes the report into the file, where the last one is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cuda/toolkit.sh

architectures=(75 80 86 89 90 100 120)
resources=src/main/resources/io/github/jdropout/cuda
document=docs/kernels.md

case ${1:-} in
  '') action=print ;;
  --check) action=check ;;
  --update)
    action=update
    document=${2:?the file to update}
    ;;
  *)
    echo "usage: cuda/report.sh [--check | --update FILE]" >&2
    exit 2
    ;;
esac

version_of() { "$1" --version | sed -nE 's/.*, V([0-9.]+)$/\1/p'; }

# assemble OPERATOR ARCHITECTURE: of the PTX that the driver would take.
assemble() {
  local target=80
  local result=$work/$1.sm_$2
  [[ $2 -ge $target ]] || target=75
  "$ptxas" -v -arch="sm_$2" -o "$result.cubin" "$resources/$1.compute_$target.ptx" \
    >"$result.log" 2>&1 || {
    cat "$result.log"
    return 1
  }
  [[ -z $cuobjdump ]] || "$cuobjdump" --dump-sass "$result.cubin" >"$result.sass"
}

ptxas=$(find_tool ptxas) || skip "no ptxas on PATH, in CUDA_HOME or /usr/local/cuda"
command -v python3 >/dev/null || skip "no python3"
cuobjdump=${CUOBJDUMP:-$(find_tool cuobjdump || true)}
tools="ptxas $(version_of "$ptxas")"
if [[ -n $cuobjdump ]]; then
  # It starts nvdisasm, which lies beside it.
  PATH=$(dirname "$cuobjdump"):$PATH
  tools+=" and cuobjdump $(version_of "$cuobjdump")"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for source in cuda/dropout_*.cu; do
  for architecture in "${architectures[@]}"; do
    assemble "$(basename "$source" .cu)" "$architecture"
  done
done
PYTHONDONTWRITEBYTECODE=1 python3 cuda/report.py "$work" "$action" "$document" "$tools"
if [[ $action == check && -z $cuobjdump ]]; then
  skip "instructions are not counted without cuobjdump; name it in CUOBJDUMP"
fi
