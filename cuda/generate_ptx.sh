#!/usr/bin/env bash
# Compiles the kernels to PTX, which is checked in: whoever builds or uses JDropout needs no nvcc.
#
# --check compiles them again and compares with what is checked in. --check-version proves that the
# lowered .version changes no instruction. Both exit with 77 where the compiler is missing or another
# one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cuda/toolkit.sh
# The order of file names, whatever the user's language.
export LC_ALL=C

# One compiler, so that the files can be compared byte by byte.
compiler=13.0.88
resources=src/main/resources/io/github/jdropout/cuda
# compute_75 is for processors before sm_80; from there on bfloat16 has instructions of its own.
targets=(75 80)
# What the proof about .version assembles for: at least all that docs/kernels.md reports.
architectures=(75 80 86 89 90 100 120)
# nvcc writes the .version of its own toolkit, which older drivers refuse although the kernels use
# nothing new. CUDA 11.8, whose drivers begin at 520, reads this one.
written_version=9.0
version=7.8

# flags_of TARGET: plain IEEE arithmetic; fusing what is not written as fused would change bits.
flags_of() { echo "-std=c++17 -ptx -arch=compute_$1 -fmad=false -Icuda -Inative/include"; }

# sources_of OPERATOR: the hash of what it is compiled from: itself and every header, each with its
# name. PtxSourcesTest computes the same.
sources_of() {
  sha256sum cuda/*.cuh "cuda/$1.cu" native/include/jdropout/*.h | sort -k 2 | sha256sum |
    cut -d ' ' -f 1
}

# compile OPERATOR TARGET FILE: as nvcc writes it, without comments, which name its build.
compile() {
  local flags
  read -ra flags <<<"$(flags_of "$2")"
  "$nvcc" "${flags[@]}" -o "$3.raw" "cuda/$1.cu"
  grep -qx "\.version $written_version" "$3.raw" || {
    echo "$nvcc no longer writes .version $written_version" >&2
    exit 1
  }
  sed -E '/^[[:space:]]*\/\//d' "$3.raw" | cat -s >"$3"
}

# finish OPERATOR TARGET FILE OUTPUT
finish() {
  {
    echo "// $1 for compute_$2 and newer: made by cuda/generate_ptx.sh, do not edit"
    echo "// compiler: nvcc $compiler $(flags_of "$2")"
    echo "// sources: $(sources_of "$1")"
    sed "s/^\.version $written_version\$/.version $version/" "$3"
  } >"$4"
}

# generate FOLDER
generate() {
  local source operator target
  for source in cuda/dropout_*.cu; do
    operator=$(basename "$source" .cu)
    for target in "${targets[@]}"; do
      compile "$operator" "$target" "$work/$operator.compute_$target.ptx"
      finish "$operator" "$target" "$work/$operator.compute_$target.ptx" \
        "$1/$operator.compute_$target.ptx"
    done
  done
}

# Assembles each file with either .version; the code must be the same to the byte.
compare_versions() {
  local ptxas file name target architecture compared=0
  ptxas=$(find_tool ptxas)
  for file in "$work"/dropout_*.ptx; do
    name=$(basename "$file" .ptx)
    target=${name##*_}
    for architecture in "${architectures[@]}"; do
      [[ $architecture -ge $target ]] || continue
      "$ptxas" -arch="sm_$architecture" -o "$work/written.cubin" "$file" &
      "$ptxas" -arch="sm_$architecture" -o "$work/lowered.cubin" "$work/new/$name.ptx"
      wait $!
      cmp "$work/written.cubin" "$work/lowered.cubin"
      compared=$((compared + 1))
    done
  done
  echo ".version $version and $written_version: $compared assemblies are the same to the byte"
}

nvcc=$(find_tool nvcc) || skip "no nvcc on PATH, in CUDA_HOME or /usr/local/cuda"
found=$("$nvcc" --version | sed -nE 's/.*, V([0-9.]+)$/\1/p')
[[ $found == "$compiler" ]] || skip "the files are made with nvcc $compiler, this is $found"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/new"
generate "$work/new"
case ${1:-} in
  --check)
    diff -rq "$resources" "$work/new" || {
      echo "FAILED: the sources have changed: run cuda/generate_ptx.sh" >&2
      exit 1
    }
    ;;
  --check-version) compare_versions ;;
  '')
    mkdir -p "$resources"
    rm -f "$resources"/*.ptx
    cp "$work"/new/*.ptx "$resources"
    ;;
  *)
    echo "usage: cuda/generate_ptx.sh [--check | --check-version]" >&2
    exit 2
    ;;
esac
