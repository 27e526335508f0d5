#!/usr/bin/env bash
# The public headers compile, alone and without a warning: headers_test.sh INCLUDE LANGUAGE COMPILER,
# with the languages c11, c++17 and cuda.
set -euo pipefail

include=$1
language=$2
compiler=$3

if ! command -v "$compiler" >/dev/null; then
  echo "SKIPPED: no $compiler"
  exit 77
fi

headers=(jdropout/philox4x32.h jdropout/keep.h jdropout/activation.h jdropout.h)
warnings=(-Wall -Wextra -Wconversion -Wpedantic -Werror)
case $language in
  c11) command=("$compiler" -x c -std=c11 -fsyntax-only "${warnings[@]}" -) ;;
  c++17) command=("$compiler" -x c++ -std=c++17 -fsyntax-only "${warnings[@]}" -) ;;
  cuda)
    headers=(jdropout/philox4x32.h jdropout/keep.h jdropout/activation.h)
    command=("$compiler" -x cu -std=c++17 --ptx -Werror all-warnings -Xcompiler -Wall,-Wextra,-Werror
      -o /dev/null -)
    ;;
  *)
    echo "FAILED: unknown language $language"
    exit 1
    ;;
esac

# Every function is called: a compiler says little about one that is not.
calls_of() {
  case $1 in
    */philox4x32.h) echo 'return (int)jdropout_philox4x32(1, 2, 3).word[0];' ;;
    */keep.h) echo 'return jdropout_keeps(1, 2, 3, jdropout_threshold(0.3)) +
        (jdropout_training_scale_f64(3) > 1.0) + (jdropout_training_scale_f32(3) > 1.0f);' ;;
    */activation.h) echo 'return (jdropout_relu(1.0f) + jdropout_gelu(2.0f) +
        jdropout_gelu_derivative(3.0f) + jdropout_gelu_tanh(4.0f) +
        jdropout_gelu_tanh_derivative(5.0f) + jdropout_silu(6.0f) +
        jdropout_silu_derivative(7.0f)) > 1.0f;' ;;
    *) echo 'return JDROPOUT_ABI_VERSION - (int)jdropout_abi_version();' ;;
  esac
}

for header in "${headers[@]}"; do
  if [[ $language == cuda ]]; then
    prefix='__global__ void kernel(int *out);'
    body="static __host__ __device__ int use() { $(calls_of "$header") }
      __global__ void kernel(int *out) { *out = use(); }
      int on_host(); int on_host() { return use(); }"
  else
    prefix=''
    body="int use(void); int use(void) { $(calls_of "$header") }"
  fi
  printf '#include "%s"\n%s\n%s\n' "$header" "$prefix" "$body" | "${command[@]}" -I "$include"
  echo "$header compiles as $language with $compiler"
done
