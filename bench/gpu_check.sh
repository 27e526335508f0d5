#!/usr/bin/env bash
# Proves and measures JDropout on a GPU. See docs/testing.md. In the bundle this file is gpu-check.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: gpu-check [--quick] [--out DIR] [--only STEP,...] [--elements N]

  --quick       everything once and small, under a minute; says nothing about time
  --out DIR     where all results go; default: ./jdropout-gpu-RESULT
  --only        some of: info parity device large sanitizer benchmark profile peers
  --elements N  of each type in the step large; default: 10^9

Steps: info (device, driver, bindings), parity (every kernel against the oracle and
against the command's reference, through both bindings, with several launch shapes), device (streams, graphs, threads, contexts, wrong arguments;
products of matrices and layers, where there is cuBLAS), large (10^9 elements of each type, bit for
bit, and more than 2^32), sanitizer (NVIDIA's compute-sanitizer), benchmark, profile (NVIDIA's ncu),
peers (PyTorch and Triton). What cannot run is skipped with its reason. Steps may run one by one into
the same DIR; the report is of all that is there.

JDROPOUT_GPU_CHECK_LIBRARY names another driver library, which takes along a libcublas.so.12 that lies
beside it, JDROPOUT_GPU_CHECK_PYTHON another python3, JDROPOUT_GPU_CHECK_TIMEOUT the seconds after
which a single run is stopped (900).
Exit status: 0 all that ran passed, 1 something failed or nothing ran, 2 bad options.
USAGE
}

quick=no
out=jdropout-gpu-RESULT
only=info,parity,device,large,sanitizer,benchmark,profile,peers
elements=1000000000
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --out | --only | --elements)
      [ $# -ge 2 ] || { usage >&2 && exit 2; }
      case $1 in
        --out) out=$2 ;;
        --only) only=$2 ;;
        --elements) elements=$2 ;;
      esac
      shift
      ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
case $elements in '' | *[!0-9]* | 0*) usage >&2 && exit 2 ;; esac
for name in ${only//,/ }; do
  case $name in
    info | parity | device | large | sanitizer | benchmark | profile | peers) ;;
    *) usage >&2 && exit 2 ;;
  esac
done

# The bundle has all it needs beside this script; a checkout has it where the build leaves it.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -d "$here/runtime" ]; then
  java=$here/runtime/bin/java
  class_path="$here/lib/*"
  peers=$here/peers
  revision=$(cat "$here/REVISION")
else
  root=$(dirname "$here")
  java=${BENCH_JAVA:-$(awk -F'[<>]' \
    '/<version>/ { version = $3 } /<jdkHome>/ && version ~ /^25/ { print $3 "/bin/java"; exit }' \
    "$root/target/jdks.xml")}
  class_path=$root/target/test-classes:$root/target/classes:$(cat "$root/target/test-classpath.txt")
  peers=$here/peers
  revision=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)
fi
[ -x "$java" ] || { echo "gpu-check: there is no java at $java" >&2 && exit 1; }

# The programs of a quick run end before the JVM's second compiler would pay.
quickly=()
[ "$quick" = no ] || quickly=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)
jvm=("$java" "${quickly[@]}" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED
  -Djdropout.test.require=cuda "-Djdropout.revision=$revision" -cp "$class_path")
if [ -n "${JDROPOUT_GPU_CHECK_LIBRARY:-}" ]; then
  jvm+=("-Djdropout.cuda.library=$JDROPOUT_GPU_CHECK_LIBRARY")
  cublas=$(dirname "$JDROPOUT_GPU_CHECK_LIBRARY")/libcublas.so.12
  [ ! -e "$cublas" ] || jvm+=("-Djdropout.cublas.library=$cublas")
fi
limit=()
if command -v timeout >/dev/null; then
  limit=(timeout "${JDROPOUT_GPU_CHECK_TIMEOUT:-900}")
fi
run=("${limit[@]}" "${jvm[@]}")

mkdir -p "$out"
out=$(cd "$out" && pwd)
summary=$out/summary.txt
passed=0
skipped=0
failed=0

say() { printf '%s\n' "$*" | tee -a "$summary"; }

wants() { [[ ",$only," == *",$1,"* ]]; }

skip() { # NAME REASON
  skipped=$((skipped + 1))
  say "SKIPPED $1: $2"
}

# Runs a command, whose output becomes NAME.log; 77 says that it cannot run, in its last line.
check() { # NAME COMMAND...
  local name=$1 log=$out/$1.log start=$SECONDS status=0 last
  shift
  "$@" >"$log" 2>&1 || status=$?
  last=$(grep -v '^[[:space:]]*$' "$log" | tail -n 1 || true)
  case $status in
    0)
      passed=$((passed + 1))
      say "ok      $name ($((SECONDS - start)) s): $last"
      ;;
    77) skip "$name" "${last#SKIPPED: }" ;;
    *)
      failed=$((failed + 1))
      say "FAILED  $name (status $status), the end of $log:"
      tail -n 30 "$log" | sed 's/^/        /' | tee -a "$summary"
      ;;
  esac
}

# Finds one of NVIDIA's tools on PATH or where its packages put them.
tool() { # NAME
  command -v "$1" 2>/dev/null && return
  local file
  for file in /usr/local/cuda*/bin/"$1" /opt/nvidia/nsight-compute/*/"$1"; do
    [ -x "$file" ] && echo "$file" && return
  done
  return 1
}

bench=io.github.jdropout.bench.gpu
contract=io.github.jdropout.contract
tests=("$contract.CudaContractTest" "$contract.DeviceFuzzTest"
  "$contract.CudaEpilogueContractTest" "$contract.CudaColumnSumsTest" "$contract.CudaGeluTest")
dropped_tests=("$contract.CudaDroppedProductTest" "$contract.CudaDroppedGradientsTest")
device_tests=("$contract.DeviceStreamsTest")
for name in CudaAsynchrony CudaContexts CudaDropoutArguments CudaGraph CudaStream CudaThreads \
  DeviceBuffer DeviceKey CudaEpilogueArguments CudaEpilogueGraph; do
  device_tests+=("io.github.jdropout.backend.cuda.${name}Test")
done
gemm=io.github.jdropout.gemm.cublas
product_tests=("$gemm.CublasGemmTest" "$gemm.CublasProductsTest"
  io.github.jdropout.gemm.layers.CudaLayersTest
  io.github.jdropout.examples.CudaLoraFineTuningTest)
parity=(ffm:256 ffm:32x1 ffm:96x7 ffm:224x1000 jcuda:256 jcuda:32x1 jcuda:96x7 jcuda:224x1000)
beyond=$(((1 << 32) + 12345))
no_tensor_cores="has no tensor cores for bf16"
if [ "$quick" = yes ]; then
  tests=("$contract.CudaContractTest#knownMasks" "$contract.DeviceFuzzTest"
    "$contract.CudaColumnSumsTest" "$contract.CudaGeluTest")
  parity=(ffm:256 jcuda:96x7)
  elements=100003
  beyond=0
fi

run_info() {
  check info "${run[@]}" "$bench.GpuInfo"
  if command -v nvidia-smi >/dev/null; then
    nvidia-smi -q >"$out/nvidia-smi.txt" 2>&1 || true
  fi
}

run_parity() {
  local case
  for case in "${parity[@]}"; do
    check "parity-${case/:/-}" "${run[@]}" "-Djdropout.cuda.binding=${case%:*}" \
      "-Djdropout.cuda.launch=${case#*:}" io.github.jdropout.testing.TestRun "${tests[@]}"
  done
  check parity-dropped-products skippable "$no_tensor_cores" \
    "${run[@]}" -Djdropout.test.require= io.github.jdropout.testing.TestRun "${dropped_tests[@]}"
  check parity-command parity_command
}

# Runs tests, which are not required; where all have been skipped for this reason, it is the one to skip.
skippable() { # REASON COMMAND...
  local reason=$1 status=0 text
  shift
  text=$("$@" 2>&1) || status=$?
  printf '%s\n' "$text"
  if [ "$status" -eq 2 ]; then
    sed -n "s/^SKIPPED .*: \(.*$reason\)/SKIPPED: \1/p" <<<"$text" | head -n 1
    return 77
  fi
  return "$status"
}

# Every variant against the independent reference, with its own report.
parity_command() {
  local options=(--backend cuda --require cuda --out "$out/parity")
  [ "$quick" = no ] || options+=(--quick --type f32 --operation forward,mask,epilogue,product)
  "${run[@]}" io.github.jdropout.cli.Main parity "${options[@]}" || return
  echo "see $out/parity/parity.html"
}

run_device() {
  local binding
  for binding in ffm jcuda; do
    check "device-$binding" "${run[@]}" "-Djdropout.cuda.binding=$binding" \
      io.github.jdropout.testing.TestRun "${device_tests[@]}"
  done
  for binding in ffm jcublas; do
    # cuBLAS does not come with the driver.
    check "products-$binding" skippable "no cuBLAS" \
      "${run[@]}" -Djdropout.test.require= "-Djdropout.cublas.binding=$binding" \
      io.github.jdropout.testing.TestRun "${product_tests[@]}"
  done
}

run_large() {
  local binding
  for binding in ffm jcuda; do
    check "large-$binding" "${run[@]}" "-Djdropout.cuda.binding=$binding" \
      "$bench.LargeParity" "$elements" "$beyond"
  done
}

# Passes if the program does and the sanitizer has looked into it and found nothing.
sanitized() { # SANITIZER TOOL COMMAND...
  local sanitizer=$1 name=$2 report=$out/sanitizer-$2.txt status=0
  shift 2
  "${limit[@]}" "$sanitizer" --tool "$name" --error-exitcode 99 --target-processes all \
    --log-file "$report" "$@" || status=$?
  cat "$report"
  if grep -q 'Device not supported' "$report"; then
    echo "SKIPPED: compute-sanitizer does not support this device here"
    return 77
  fi
  [ "$status" -eq 0 ] || return "$status"
  if ! grep -Eq 'ERROR SUMMARY: 0 errors|RACECHECK SUMMARY: 0 hazards' "$report"; then
    echo "there is no summary without errors in $report"
    return 1
  fi
}

run_sanitizer() {
  local sanitizer name
  for name in memcheck racecheck initcheck; do
    if sanitizer=$(tool compute-sanitizer); then
      check "sanitizer-$name" sanitized "$sanitizer" "$name" "${jvm[@]}" \
        io.github.jdropout.testing.TestRun "$contract.DeviceFuzzTest" "$contract.DeviceStreamsTest" \
        "$contract.CudaEpilogueContractTest" "$contract.CudaColumnSumsTest"
      check "sanitizer-$name-dropped-products" skippable "$no_tensor_cores" \
        sanitized "$sanitizer" "$name" "${jvm[@]}" -Djdropout.test.require= \
        io.github.jdropout.testing.TestRun "${dropped_tests[@]}"
    else
      skip "sanitizer-$name" "there is no compute-sanitizer on PATH or under /usr/local/cuda"
    fi
  done
}

benchmark() { # BINDING LAUNCH|default OPTIONS...
  local binding=$1 launch=$2 name=benchmark-$1-$2 property=()
  shift 2
  [ "$launch" = default ] || property=("-Djdropout.cuda.launch=$launch")
  check "$name" "${run[@]}" "-Djdropout.cuda.binding=$binding" "${property[@]}" \
    "$bench.GpuBenchmark" --out "$out/$name.json" "$@"
}

run_benchmark() {
  local multiprocessors launch
  if [ "$quick" = yes ]; then
    benchmark ffm default --quick
    benchmark jcuda default --quick --parts host
    return
  fi
  benchmark ffm default
  benchmark jcuda default --parts host
  multiprocessors=$("${jvm[@]}" "$bench.GpuInfo" | sed -n 's/^multiprocessors: //p')
  for launch in 128 256 "256x$((4 * multiprocessors))" "256x$((8 * multiprocessors))" \
    "256x$((16 * multiprocessors))"; do
    benchmark ffm "$launch" --parts device --exponents 20,22,24,26,28
  done
}

# Counters need rights that a machine may not give; then the profiler says so.
profiled() { # PROFILER EXPONENT
  local status=0 section sections=()
  for section in SpeedOfLight MemoryWorkloadAnalysis ComputeWorkloadAnalysis SchedulerStats \
    WarpStateStats InstructionStats Occupancy LaunchStats; do
    sections+=(--section "$section")
  done
  "${limit[@]}" "$1" --clock-control none --target-processes all --csv --page details \
    "${sections[@]}" --kernel-name regex:dropout_ --log-file "$out/profile.csv" \
    "${jvm[@]}" "$bench.ProfiledCalls" "$2" || status=$?
  if [ "$status" -ne 0 ] || ! grep -q dropout_forward "$out/profile.csv"; then
    echo "SKIPPED: ncu ended with $status: $(grep -h '==ERROR==' "$out/profile.csv" | head -n 1)"
    return 77
  fi
  echo "see $out/profile.csv"
}

run_profile() {
  local profiler exponent=26
  [ "$quick" = no ] || exponent=16
  if profiler=$(tool ncu); then
    check profile profiled "$profiler" "$exponent"
  else
    skip profile "there is no ncu on PATH or under /usr/local/cuda"
  fi
}

run_peers() {
  local python options=()
  [ "$quick" = no ] || options=(--quick)
  if python=$(command -v "${JDROPOUT_GPU_CHECK_PYTHON:-python3}"); then
    check peers "${limit[@]}" "$python" "$peers/pytorch_cuda.py" --json "$out/peers.json" \
      "${options[@]}"
  else
    skip peers "there is no python3"
  fi
}

# Whatever of its input this run or an earlier one has left.
report() {
  local files=()
  shopt -s nullglob
  files=("$out"/benchmark-*.json "$out"/peers*.json)
  shopt -u nullglob
  [ "${#files[@]}" -gt 0 ] || return 0
  check report write_report "${files[@]}"
}

write_report() {
  "${jvm[@]}" "$bench.GpuReport" "$@" >"$out/report.md" && echo "$out/report.md"
}

say "gpu-check, revision $revision, $(date -u +%Y-%m-%dT%H:%M:%SZ)"
for name in info parity device large sanitizer benchmark profile peers; do
  if wants "$name"; then
    "run_$name"
  fi
done
if wants benchmark || wants peers; then
  report
fi
say "$passed passed, $skipped skipped, $failed failed; results in $out"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
