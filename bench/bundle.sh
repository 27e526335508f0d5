#!/usr/bin/env bash
# Packs gpu-check with all it needs but the NVIDIA driver: a Java runtime of its own, the library,
# its tests for GPUs and the benchmark. See docs/testing.md.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: bench/bundle.sh [--no-build] [OUT]

Makes OUT, by default target/jdropout-bundle-linux-x86_64.tar.xz, the same bytes for the same
sources and JDK. Fails if it is larger than 40 MB.
USAGE
}

build=yes
out=
for option in "$@"; do
  case $option in
    --no-build) build=no ;;
    --help | -h) usage && exit ;;
    -*) usage >&2 && exit 2 ;;
    *) out=$option ;;
  esac
done
max_bytes=40000000
timestamp=2026-01-01T00:00:00Z # As the jar's in pom.xml.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$(realpath -m "${out:-$root/target/jdropout-bundle-linux-x86_64.tar.xz}")
cd "$root"
if [ "$build" = yes ]; then
  mvn -B -ntp -q process-test-classes
fi
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "bundle.sh: runs on Linux x86_64 alone" >&2 && exit 1; }

jdk=$(awk -F'[<>]' '/<version>/ { version = $3 } /<jdkHome>/ && version ~ /^25/ { print $3; exit }' \
  target/jdks.xml)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle=$work/jdropout-gpu-check
mkdir -p "$bundle/lib" "$bundle/peers"

# Found by trial: java.xml, java.sql and java.desktop are mentioned in Jackson and not needed.
modules=java.base,java.logging,jdk.incubator.vector,jdk.unsupported
"$jdk/bin/jlink" --add-modules "$modules" --output "$bundle/runtime" \
  --compress zip-0 --strip-debug --no-header-files --no-man-pages

# Packs files of a folder into a jar, uncompressed: xz does better with all of them together.
jar_of() { # JAR FOLDER PATH...
  local jar=$1 folder=$2
  shift 2
  (cd "$folder" && find "$@" -type f ! -path '*/generated/*' ! -path '*/jmh_generated/*' |
    LC_ALL=C sort) >"$work/files"
  sed "s|.*|-C $folder &|" "$work/files" >"$work/arguments"
  "$jdk/bin/jar" --create --file "$jar" --no-compress --no-manifest --date "$timestamp" \
    "@$work/arguments"
}
jar_of "$bundle/lib/jdropout.jar" "$root/target/classes" .
tests=io/github/jdropout
jar_of "$bundle/lib/jdropout-gpu-tests.jar" "$root/target/test-classes" \
  "$tests/contract" "$tests/backend/cuda" "$tests/gemm" "$tests/examples" "$tests/oracle" \
  "$tests/testing" "$tests/bench/gpu" "$tests/bench/Report.class" META-INF/services known-answers.txt

# What those need, out of the build's own class path.
library() { # NAME...
  local name
  for name in "$@"; do
    tr ':' '\n' <target/test-classpath.txt | grep -E "/$name-[0-9][^/]*\.jar$" ||
      { echo "bundle.sh: there is no $name in target/test-classpath.txt" >&2 && return 1; }
  done
}
library junit-jupiter-api junit-jupiter-engine junit-jupiter-params junit-platform-commons \
  junit-platform-engine junit-platform-launcher opentest4j \
  jackson-annotations jackson-core jackson-databind jcuda jcublas \
  commons-numbers-gamma commons-numbers-core commons-numbers-fraction >"$work/libraries"
while IFS= read -r file; do
  cp "$file" "$bundle/lib/"
done <"$work/libraries"
# Of JCuda's native libraries only the driver's and JCublas2's: the others are 25 MB.
library jcuda-natives jcublas-natives >"$work/libraries"
while IFS= read -r file; do
  (cd "$work" && "$jdk/bin/jar" --extract --file "$file" lib)
done <"$work/libraries"
mkdir "$work/natives"
mkdir "$work/natives/lib"
mv "$work"/lib/libJCudaDriver-*-linux-x86_64.so "$work"/lib/libJCublas2-*-linux-x86_64.so \
  "$work/natives/lib/"
jar_of "$bundle/lib/jcuda-natives.jar" "$work/natives" lib

cp bench/gpu_check.sh "$bundle/gpu-check"
cp bench/peers/pytorch_cuda.py "$bundle/peers/"
cp LICENSE "$bundle/"
git describe --always --dirty >"$bundle/REVISION" 2>/dev/null || echo unknown >"$bundle/REVISION"
cat >"$bundle/README.txt" <<'README'
JDropout's checks and benchmark for a machine with an NVIDIA GPU (Linux, x86_64, glibc).
It needs the NVIDIA driver and bash; no Java, no CUDA toolkit, no network.

  ./gpu-check --quick    under a minute: does everything run?
  ./gpu-check            everything; results in ./jdropout-gpu-RESULT
  ./gpu-check --help

compute-sanitizer, ncu, cuBLAS, and PyTorch with Triton are used where they are installed: cuBLAS by
way of java.lang.foreign and, if it is version 12, by JCublas, which is here. It sets nothing on the
device. LICENSE is JDropout's; runtime/legal and the jars in lib have those of the others.
README

# 0755 and 0644 only, whatever the umask was. More than xz -1 takes minutes and saves a tenth.
tar --create --directory "$work" --sort=name --mtime="$timestamp" --owner=0 --group=0 \
  --numeric-owner --format=gnu --mode='u=rwX,go=rX' jdropout-gpu-check |
  xz -1 --threads=1 >"$work/bundle.tar.xz"
bytes=$(stat -c %s "$work/bundle.tar.xz")
if [ "$bytes" -gt "$max_bytes" ]; then
  echo "bundle.sh: $bytes bytes are more than $max_bytes" >&2
  exit 1
fi
mkdir -p "$(dirname "$out")"
mv "$work/bundle.tar.xz" "$out"
echo "$out: $bytes bytes"
