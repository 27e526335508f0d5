#!/usr/bin/env bash
# The native part of CI: builds libjdropout in every way that it is supported, and tests, analyses
# and fuzzes it. A step whose tool is missing is skipped with its reason; a step that fails does not
# stop the others. With --install, missing Debian packages are installed first; that needs root. With
# --install-only, nothing else is done. With --require, a step that is skipped for want of a tool is a
# failure.
set -euo pipefail

native=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
builds=$native/../target/native-checks
jobs=$(nproc)
fuzz_seconds=20

passed=0
skipped=0
is_required=no
failed=()

has() { command -v "$1" >/dev/null; }

# skip STEP REASON PACKAGES
skip() {
  echo "SKIPPED: $1: $2; Debian: $3"
  skipped=$((skipped + 1))
  # No package brings what the processor lacks.
  [[ $is_required == no || $3 == none ]] || failed+=("$1")
}

# Tests of an instruction set that the processor lacks are named by the set alone.
print_skipped_tests() {
  local names
  names=$(sed -nE 's/^.* - ([a-z0-9_]+) \(Skipped\)$/\1/p' "$1" |
    sed -E 's/^.*_(portable|avx2|avx512f|avx512bw)$/all for \1/' | sort -u | paste -sd, -)
  [[ -z $names ]] || echo "  tests skipped: ${names//,/, }"
}

# step NAME COMMAND...: runs the command, and prints what it said only if it fails.
step() {
  local name=$1
  local log=$builds/${name//[^a-zA-Z0-9]/-}.log
  local start=$SECONDS
  shift
  if "$@" >"$log" 2>&1; then
    echo "passed: $name ($((SECONDS - start)) s)"
    print_skipped_tests "$log"
    passed=$((passed + 1))
  else
    tail -n 60 "$log"
    echo "FAILED: $name, see $log"
    failed+=("$name")
  fi
}

install_packages() {
  local packages=(cmake ninja-build gcc g++ clang clang-tidy clang-format libsimde-dev qemu-user
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
  local runtime
  if ! has apt-get || [[ $(id -u) -ne 0 ]]; then
    echo "nothing is installed: that needs apt-get, as root"
    return
  fi
  # One by one, so that a package that is not to be had costs its own steps only.
  apt-get update -q >/dev/null 2>&1 || true
  for package in "${packages[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 ||
      DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$package" \
        >/dev/null 2>&1 || echo "not installed: $package"
  done
  # The sanitizers' runtime is named after clang's version.
  runtime=libclang-rt-$(clang -dumpversion 2>/dev/null | cut -d. -f1)-dev
  dpkg -s "$runtime" >/dev/null 2>&1 ||
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$runtime" \
      >/dev/null 2>&1 || echo "not installed: $runtime"
}

# build NAME CMAKE_ARGUMENTS...
build() {
  local name=$1
  shift
  cmake -S "$native" -B "$builds/$name" -DCMAKE_BUILD_TYPE=Release "$@" &&
    cmake --build "$builds/$name" --parallel "$jobs"
}

# build_and_test NAME CTEST_ARGUMENTS -- CMAKE_ARGUMENTS...
build_and_test() {
  local name=$1
  local ctest_arguments=()
  shift
  while [[ $1 != -- ]]; do
    ctest_arguments+=("$1")
    shift
  done
  shift
  build "$name" -DJDROPOUT_TESTS=ON "$@" &&
    (cd "$builds/$name" && ctest --output-on-failure --no-tests=error --parallel "$jobs" \
      "${ctest_arguments[@]}")
}

check_gcc() {
  if ! has gcc; then
    skip "gcc" "no gcc" "gcc"
    return
  fi
  step "gcc" build_and_test gcc -- -DCMAKE_C_COMPILER=gcc
}

check_clang() {
  if ! has clang; then
    skip "clang" "no clang" "clang"
    return
  fi
  step "clang" build_and_test clang -LE large -- -DCMAKE_C_COMPILER=clang \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
}

# The headers have been compiled by then.
check_sanitizers() {
  local compiler=gcc
  if has clang && has_clang_runtime; then
    compiler=clang
  elif ! has gcc; then
    skip "sanitizers" "no gcc and no clang with its runtime" "gcc"
    return
  fi
  step "sanitizers" build_and_test sanitizers -LE large -E headers -- \
    -DCMAKE_C_COMPILER=$compiler -DJDROPOUT_SANITIZE=address,undefined
}

build_and_test_kernels_on_host() {
  local builds_in=$builds/kernels-on-host
  cmake -S "$native/kernels_on_host" -B "$builds_in" -DCMAKE_BUILD_TYPE=Release \
    -DKERNELS_ON_HOST_TESTS=ON -DCMAKE_CXX_COMPILER="$1" &&
    cmake --build "$builds_in" --parallel "$jobs" &&
    (cd "$builds_in" && ctest --output-on-failure --no-tests=error --parallel "$jobs")
}

check_kernels_on_host() {
  local name="kernels on host"
  if [[ $(uname -s) != Linux ]]; then
    skip "$name" "not Linux" "none"
  elif ! has g++; then
    skip "$name" "no g++" "g++"
  else
    step "$name" build_and_test_kernels_on_host g++
  fi
}

has_clang_runtime() {
  echo 'int main(void) { return 0; }' |
    clang -fsanitize=address,undefined -x c -o "$builds/runtime" - 2>/dev/null
}

is_x86_64() { [[ $(uname -m) == x86_64 ]]; }

check_emulated_avx512() {
  local name="emulated AVX-512"
  if ! is_x86_64 || ! grep -qw avx2 /proc/cpuinfo; then
    skip "$name" "the processor has no AVX2" "none"
  elif ! has gcc; then
    skip "$name" "no gcc" "gcc"
  elif ! echo '#include <simde/x86/avx512.h>' | gcc -E -x c -o /dev/null - 2>/dev/null; then
    skip "$name" "no SIMDe" "libsimde-dev"
  else
    step "$name" build_and_test emulated-avx512 -LE large -R avx512 -- -DCMAKE_C_COMPILER=gcc \
      -DJDROPOUT_EMULATE_AVX512=ON
  fi
}

check_aarch64() {
  local root=/usr/aarch64-linux-gnu
  if ! has aarch64-linux-gnu-gcc; then
    skip "aarch64" "no cross compiler" "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
  elif [[ ! -e $root/include/stdio.h ]]; then
    skip "aarch64" "no C library to link" "libc6-dev-arm64-cross"
  elif ! has qemu-aarch64; then
    skip "aarch64" "no emulator" "qemu-user"
  else
    step "aarch64" build_and_test aarch64 \
      -R '^(known_answers|contract|rows|epilogue|epilogue_errors|float_environment|threads|errors)_' -- \
      -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
      -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc \
      "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;$root"
  fi
}

# One file a process: clang-tidy 14 carries the analyzer's state from one file to the next.
run_clang_tidy() {
  printf '%s\0' "$native"/src/*.c |
    xargs -0 -n 1 -P "$jobs" clang-tidy -p "$builds/clang" --quiet
}

check_clang_tidy() {
  if ! has clang-tidy; then
    skip "clang-tidy" "no clang-tidy" "clang-tidy"
  elif [[ ! -e $builds/clang/compile_commands.json ]]; then
    skip "clang-tidy" "no clang" "clang"
  else
    step "clang-tidy" run_clang_tidy
  fi
}

check_clang_format() {
  if ! has clang-format; then
    skip "clang-format" "no clang-format" "clang-format"
    return
  fi
  local sources
  mapfile -d '' sources < <(find "$native" "$native/../cuda" \
    -regex '.*\.\([ch]\|cpp\|cuh?\)' -print0)
  step "clang-format" clang-format --dry-run --Werror "${sources[@]}"
}

run_fuzzer() {
  JDROPOUT_MAX_ISA=$1 "$builds/fuzz/fuzz/fuzz_abi" -max_total_time=$fuzz_seconds \
    -artifact_prefix="$builds/fuzz/"
}

check_fuzzing() {
  if ! has clang; then
    skip "fuzzing" "no clang" "clang"
    return
  elif ! has_clang_runtime; then
    skip "fuzzing" "no runtime of the sanitizers" \
      "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
    return
  fi
  step "fuzzing build" build fuzz -DCMAKE_C_COMPILER=clang -DJDROPOUT_FUZZ=ON \
    -DJDROPOUT_SANITIZE=address,undefined
  [[ -x $builds/fuzz/fuzz/fuzz_abi ]] || return 0
  step "fuzzing portable" run_fuzzer portable
  if is_x86_64 && grep -qw avx2 /proc/cpuinfo; then
    step "fuzzing avx2" run_fuzzer avx2
  else
    skip "fuzzing avx2" "the processor has no AVX2" "none"
  fi
}

for option in "$@"; do
  case $option in
    --install) install_packages ;;
    --install-only)
      install_packages
      exit
      ;;
    --require) is_required=yes ;;
    *)
      echo "usage: native/check.sh [--install | --install-only] [--require]"
      exit 2
      ;;
  esac
done

mkdir -p "$builds"
if ! has cmake; then
  echo "FAILED: no cmake; Debian: cmake"
  exit 1
fi

check_clang_format
check_gcc
check_clang
check_clang_tidy
check_sanitizers
check_emulated_avx512
check_aarch64
check_kernels_on_host
check_fuzzing

if [[ ${#failed[@]} -gt 0 ]]; then
  printf 'FAILED: %s\n' "${failed[@]}"
fi
echo "native checks: $passed passed, $skipped skipped"
[[ ${#failed[@]} -eq 0 ]]
