#!/usr/bin/env bash
# Runs the benchmarks, writes JMH's JSON and prints a report. See docs/benchmarks.md.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: bench/run.sh [--quick | --full] [--no-build]

  (default)   a curated set, the figures of docs/benchmarks.md: about 15 minutes
  --quick     every benchmark once and small; checks the output, says nothing about time
  --full      every combination of parameters: hours
  --no-build  uses what is in target

BENCH_JAVA names the java to use, BENCH_JAVA_OPTS holds extra options for all JVMs.
Results: bench/results/<date>-<cpu>.json and .md (with --quick: target/bench-quick.json).
USAGE
}

suite=curated
build=yes
for option in "$@"; do
  case $option in
    --quick) suite=quick ;;
    --full) suite=full ;;
    --no-build) build=no ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "$build" = yes ]; then
  mvn -B -ntp -q process-test-classes
fi

# The JDK that the build selected, from the list it wrote.
java=${BENCH_JAVA:-$(awk -F'[<>]' \
  '/<version>/ { version = $3 } /<jdkHome>/ && version ~ /^25/ { print $3 "/bin/java"; exit }' \
  target/jdks.xml)}
if [ ! -x "$java" ]; then
  echo "bench/run.sh: no JDK 25 in target/jdks.xml; set BENCH_JAVA to its java" >&2
  exit 1
fi
# shellcheck disable=SC2206 # Split into words on purpose.
jvm=("$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED
  --sun-misc-unsafe-memory-access=allow ${BENCH_JAVA_OPTS:-}
  -cp "target/test-classes:target/classes:$(cat target/test-classpath.txt)")
# The thread that JMH calls a benchmark from is then a fork-join pool of one, in which the library
# does not split its work. The benchmarks pin that thread themselves.
one_core=-Djmh.executor=FJP
all_cores=-Djmh.executor=PLATFORM # JMH's default

bench=io.github.jdropout.bench
if [ "$suite" = quick ]; then
  json=target/bench-quick.json
  rm -f "$json"
  log=target/bench-quick.log
  for cores in 1 all; do
    executor=$all_cores
    [ "$cores" = all ] || executor=$one_core
    if ! "${jvm[@]}" -Djmh.ignoreLock=true "$executor" "$bench.Suite" quick "$cores" "$json" \
      >"$log" 2>&1; then
      tail -n 60 "$log" >&2
      exit 1
    fi
    tail -n 1 "$log"
  done
  exit
fi

cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
name=bench/results/$(date +%Y-%m-%d)-$(printf '%s' "${cpu:-$(uname -m)}" | tr -cs 'A-Za-z0-9' '-')
rm -f "$name.json"
mkdir -p bench/results
OMP_NUM_THREADS=1 "${jvm[@]}" "$one_core" "$bench.Suite" "$suite" 1 "$name.json"
OMP_NUM_THREADS=1 "${jvm[@]}" "$one_core" "$bench.Suite" fresh 1 "$name.json"
"${jvm[@]}" "$all_cores" "$bench.Suite" "$suite" all "$name.json"
{
  "${jvm[@]}" "$bench.Report" "$name.json"
  "${jvm[@]}" -Xms3g -Xmx3g "$bench.Interleaved" all
} | tee "$name.md"
