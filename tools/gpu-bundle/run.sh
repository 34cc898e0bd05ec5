#!/bin/sh
# Checks and measures the GPU of this machine: the library's tests on the processor and on the device,
# compute-sanitizer where it is on the PATH, a table of whole-number problems in which both must agree
# bit for bit, and the benchmark. It takes what lies beside it, glibc and the GPU's driver; nothing is
# installed, and nothing is written but the figures and a temporary folder.
#
#   ./run.sh [cuda|opencl] [FIGURES] [ROWS]      default: cuda figures-cuda.md, all rows but the tiny
#
# ROWS is a regular expression of the benchmark's rows, where time is short: '^(plane|rgb)'.
#
# Ends with 0 where all passed, 1 where the device is missing or anything failed.
set -u
backend=${1:-cuda}
figures=${2:-figures-$backend.md}
rows=${3:-^(?!tiny)}
here=$(cd "$(dirname "$0")" && pwd)
tests=$here/bin/conv_core_tests
bench=$here/bin/conv_device_bench
case $backend in
    cuda | opencl) ;;
    *) echo "unknown backend $backend, use cuda or opencl" >&2; exit 2 ;;
esac
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/conv-gpu-XXXXXX" 2>/dev/null || mktemp -d ./conv-gpu-XXXXXX) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

results=
status=0
step() { echo; echo "== $*"; }
# record STEP RESULT: what the last lines say, and a failure ends the run with 1.
record() {
    results="$results
  $1: $2"
    case $2 in passed | skipped*) ;; *) status=1 ;; esac
}
# check STEP COMMAND...: runs it and records whether it passed.
check() {
    name=$1
    shift
    if "$@"; then record "$name" passed; else record "$name" FAILED; fi
}
finish() {
    echo
    echo "Results:$results"
    exit $status
}

# The tests that a device takes part in.
device_tests='methods:*,device*,verify:*,integers:*,strips:*'

step "this machine"
uname -srm
if command -v nvidia-smi >/dev/null 2>&1; then
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
fi
[ -e "$here/revision" ] && echo "revision $(cat "$here/revision")"
if ! "$tests" --version >"$TMPDIR/start" 2>&1; then
    cat "$TMPDIR/start"
    [ -e "$here/glibc" ] && echo "These programs need glibc $(cat "$here/glibc") or newer."
    record "start of the programs" FAILED
    finish
fi

step "the processor's tests"
check "processor" "$tests" --processor-alone

step "device $backend"
if ! "$tests" --require-device "$backend" --test-case=none >"$TMPDIR/device" 2>&1; then
    grep -E '^(skipped|required)' "$TMPDIR/device" || cat "$TMPDIR/device"
    record "device $backend" "MISSING, see above"
    finish
fi
check "device $backend" "$tests" --require-device "$backend" "--test-case=$device_tests"

if [ "$backend" = cuda ]; then
    step "compute-sanitizer"
    if command -v compute-sanitizer >/dev/null 2>&1; then
        for tool in memcheck racecheck synccheck; do
            check "compute-sanitizer $tool" compute-sanitizer --tool $tool --error-exitcode 1 "$tests" \
                --require-device cuda \
                '--test-case=methods: the worked examples*,methods: an impulse*,methods: every sample*,devices: 8-bit*,verify: every device*,integers: *'
        done
    else
        echo "skipped: compute-sanitizer is not on the PATH"
        record "compute-sanitizer" "skipped, it is not on the PATH"
    fi
fi

# Written whole or not at all.
write_figures() {
    echo "## $backend, $(date +%Y-%m-%d)"
    echo
    [ -e "$here/revision" ] && echo "Revision $(cat "$here/revision"), $(uname -srm)." && echo
    "$bench" --device "$backend:0" --integers || return 1
    echo
    "$bench" --device "$backend:0" --rows "$rows" || return 1
    [ "$backend" = cuda ] || return 0
    echo
    echo "### Other libraries on this device"
    echo
    if command -v python3 >/dev/null 2>&1; then
        python3 "$here/peers.py" "$bench" "$rows"
    else
        echo "Left out: there is no python3."
    fi
}
step "figures"
if write_figures >"$TMPDIR/figures"; then
    record "integer table and benchmark" passed
else
    record "integer table and benchmark" FAILED
fi
cat "$TMPDIR/figures"
if cp "$TMPDIR/figures" "$figures"; then echo "The figures are in $figures."; else status=1; fi
finish
