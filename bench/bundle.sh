#!/usr/bin/env bash
# Packs the command line and gpu-check with all they need but the NVIDIA driver: a Java runtime of
# its own, the library, the benchmark and the tests for GPUs. See docs/testing.md.
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
bundle=$work/jdropout-bundle
mkdir -p "$bundle/lib" "$bundle/peers"

# Found by trial: charts need java.desktop and java.xml, JMH java.management; java.sql is mentioned
# in Jackson and not needed.
modules=java.base,java.desktop,java.logging,java.management,java.xml
modules=$modules,jdk.incubator.vector,jdk.unsupported
"$jdk/bin/jlink" --add-modules "$modules" --output "$bundle/runtime" \
  --compress zip-0 --strip-debug --no-header-files --no-man-pages

# Charts are drawn with text, so that a machine with nothing needs a font, and Java a list of fonts.
fonts=
for folder in /usr/share/fonts/truetype/dejavu /usr/share/fonts/dejavu-sans-fonts; do
  [ ! -f "$folder/DejaVuSans.ttf" ] || fonts=$folder
done
if [ -n "$fonts" ]; then
  mkdir "$bundle/runtime/lib/fonts"
  cp "$fonts/DejaVuSans.ttf" "$fonts/DejaVuSans-Bold.ttf" "$bundle/runtime/lib/fonts/"
  {
    echo version=1
    for family in serif sansserif monospaced dialog dialoginput; do
      for style in plain italic; do
        echo "$family.$style.latin-1=DejaVu Sans"
        echo "$family.bold${style#plain}.latin-1=DejaVu Sans Bold"
      done
    done
    echo sequence.allfonts=latin-1
    # shellcheck disable=SC2016 # Java puts the folder in place of the name.
    printf 'filename.%s=$JRE_LIB_FONTS/%s.ttf\n' DejaVu_Sans DejaVuSans DejaVu_Sans_Bold DejaVuSans-Bold
  } >"$bundle/runtime/lib/fontconfig.properties"
else
  echo "bundle.sh: no DejaVu fonts here (Debian: fonts-dejavu-core): without fonts on the other" \
    "machine, reports there have no charts" >&2
fi

# Packs files of a folder into a jar, uncompressed: xz does better with all of them together.
jar_of() { # JAR FOLDER PATH...
  local jar=$1 folder=$2
  shift 2
  (cd "$folder" && find "$@" -type f | LC_ALL=C sort) >"$work/files"
  sed "s|.*|-C $folder &|" "$work/files" >"$work/arguments"
  "$jdk/bin/jar" --create --file "$jar" --no-compress --no-manifest --date "$timestamp" \
    "@$work/arguments"
}
jar_of "$bundle/lib/jdropout.jar" "$root/target/classes" .
tests=io/github/jdropout
jar_of "$bundle/lib/jdropout-gpu-tests.jar" "$root/target/test-classes" \
  "$tests/contract" "$tests/backend/cuda" "$tests/gemm" "$tests/examples" "$tests/oracle" \
  "$tests/testing" META-INF/services known-answers.txt

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
  jackson-annotations jackson-core jackson-databind jackson-datatype-jdk8 picocli xchart VectorGraphics2D jmustache \
  jmh-core jopt-simple commons-math3 jcuda jcublas blas \
  'commons-(numbers|statistics)-[a-z]+' 'commons-rng-(client-api|sampling)' >"$work/libraries"
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
cat >"$bundle/jdropout" <<'LAUNCHER'
#!/bin/sh
# Runs the command line. JDROPOUT_JAVA_OPTS holds extra options for the JVM, split into words,
# JDROPOUT_CLASSPATH more of the class path.
here=$(cd "$(dirname "$0")" && pwd -P)
set -f
# shellcheck disable=SC2086
exec "$here/runtime/bin/java" --add-modules jdk.incubator.vector \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  "-Djdropout.revision=$(cat "$here/REVISION")" ${JDROPOUT_JAVA_OPTS:-} \
  -cp "$here/lib/*${JDROPOUT_CLASSPATH:+:$JDROPOUT_CLASSPATH}" \
  io.github.jdropout.cli.Main "$@"
LAUNCHER
chmod 755 "$bundle/jdropout"
cp bench/peers/pytorch_cuda.py "$bundle/peers/"
cp LICENSE "$bundle/"
git describe --always --dirty >"$bundle/REVISION" 2>/dev/null || echo unknown >"$bundle/REVISION"
cat >"$bundle/README.txt" <<'README'
JDropout's command line, checks and benchmark (Linux, x86_64, glibc). It needs no Java, no CUDA
toolkit and no network; for a GPU the NVIDIA driver alone, for gpu-check bash.

  ./jdropout info        what computes here, and why
  ./jdropout parity      the same bits everywhere? reports in ./jdropout-parity
  ./jdropout bench       how fast? reports in ./jdropout-bench
  ./jdropout --help

  ./gpu-check --quick    under a minute: does everything run on the GPU?
  ./gpu-check            everything; results in ./jdropout-gpu-RESULT
  ./gpu-check --help

compute-sanitizer, ncu, cuBLAS, and PyTorch with Triton are used where they are installed: cuBLAS by
way of java.lang.foreign and, if it is version 12, by JCublas, which is here. It sets nothing on the
device. The command train needs Deeplearning4j, which is not here. LICENSE is JDropout's; runtime/legal and the jars in lib have those of the others.
README

# 0755 and 0644 only, whatever the umask was. More than xz -1 takes minutes and saves a tenth.
tar --create --directory "$work" --sort=name --mtime="$timestamp" --owner=0 --group=0 \
  --numeric-owner --format=gnu --mode='u=rwX,go=rX' jdropout-bundle |
  xz -1 --threads=1 >"$work/bundle.tar.xz"
bytes=$(stat -c %s "$work/bundle.tar.xz")
if [ "$bytes" -gt "$max_bytes" ]; then
  echo "bundle.sh: $bytes bytes are more than $max_bytes" >&2
  exit 1
fi
mkdir -p "$(dirname "$out")"
mv "$work/bundle.tar.xz" "$out"
echo "$out: $bytes bytes"
