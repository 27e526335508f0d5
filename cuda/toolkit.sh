# Finds the tools of the CUDA toolkit, for the scripts beside it.

# Prints the path of a tool, from PATH, CUDA_HOME or the usual folder; fails where there is none.
find_tool() {
  local candidate
  for candidate in "$(command -v "$1" || true)" "${CUDA_HOME:-}/bin/$1" "/usr/local/cuda/bin/$1"; do
    if [[ -x $candidate ]]; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

# Ends the script with the status that stands for a check that could not run.
skip() {
  echo "SKIPPED: ${0#"$PWD"/}: $1"
  exit 77
}
