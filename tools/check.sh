#!/usr/bin/env bash
# The checks beside the tests: format, tidy, the benchmark's build, sanitizers over the unit tests and
# the fuzz targets. Run after test.sh, whose objects it takes: clang's sanitizers compile the whole tree once more.
#
#   tools/check.sh                    what every change must pass; 17 minutes with a warm ccache beside other work
#   tools/check.sh --full             all of tidy, ThreadSanitizer, the pages of the program in a browser, and
#                                     every tests/*_full.sh: 2 h 37 min on two cores, before a release
#   tools/check.sh [--full] PART...   of these parts alone: format bench tidy asan fuzz, and with --full: tsan scripts
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
. tools/sanitizers.sh

full=
[ "${1:-}" != --full ] || { full=yes; shift; }
known=(format bench tidy asan fuzz ${full:+tsan scripts})
[ $# -gt 0 ] || set -- "${known[@]}"
for part in "$@"; do
    case " ${known[*]} " in
        *" $part "*) ;;
        *) echo "use: tools/check.sh [--full] [PART...], parts: ${known[*]}" >&2; exit 2 ;;
    esac
done

passed=()
step() { echo; echo "== $*"; }
done_with() { passed+=("$1: $2"); }

# timed NAME COMMAND...: shows the end of what it says, and all of it where it fails.
timed() {
    local name=$1 log started=$SECONDS
    shift
    log=$(mktemp)
    "$@" >"$log" 2>&1 || { cat "$log"; rm -f "$log"; echo "$name failed" >&2; exit 1; }
    tail -n 4 "$log"
    rm -f "$log"
    done_with "$name" "$(minutes $((SECONDS - started)))"
}

# in_parts TESTS [OPTION...]: all cases, twenty a run, as many runs side by side as there are processors.
in_parts() {
    local count
    count=$("$@" --count | sed -n 's/.*current filters: //p')
    seq 1 20 "$count" | xargs -P "$(nproc)" -I{} bash -c 'exec "$@" --first={} --last=$(({} + 19))' run "$@" || return
    echo "$count cases"
}

sources() { git ls-files '*.cpp' '*.hpp'; }

check_format() {
    step "format"
    sources | xargs clang-format --dry-run -Werror
    done_with format "$(sources | wc -l) files"
}

build_bench() { build build "${test_options[@]}" -DCONV_BUILD_TESTS=ON -DCONV_BUILD_BENCH=ON -- conv_bench; }

check_bench() {
    step "the benchmark builds"
    build_bench
    done_with bench "$(build/bench/conv_bench --rows '^tiny' --repeat 1 --min-time 0 | wc -l) lines"
}

# The twenty sources that changed last, since the last release where it has a tag: minutes, whatever has changed.
changed_last() {
    local release file
    release=$(git describe --tags --abbrev=0 2>/dev/null || true)
    git log --format= --name-only ${release:+"$release.."} -- 'lib/*.cpp' 'app/*.cpp' | awk '!seen[$0]++' |
        while read -r file; do [ ! -e "$file" ] || echo "$file"; done | sed -n 1,20p
}

# tidy_files FILE...: each as it is compiled alone; vectors for one instruction set, unless all is asked for.
tidy_files() {
    local tidy=(clang-tidy --quiet -p build-tidy --extra-arg=-I"$PWD/build/generated")
    [ "$full" ] || tidy+=(--extra-arg=-DHWY_COMPILE_ONLY_STATIC)
    cmake -S . -B build-tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DCONV_WITH_CUDA=OFF >/dev/null || return
    printf '%s\n' "$@" | xargs -r -P "$(nproc)" -n 2 "${tidy[@]}" || return
    echo "$# files"
}

check_tidy() {
    local files
    step "tidy"
    build_bench  # with the sources that it generates
    mapfile -t files < <(if [ "$full" ]; then git ls-files 'lib/*.cpp' 'app/*.cpp'; else changed_last; fi |
        grep -v '^lib/cuda/')
    timed tidy tidy_files "${files[@]}"
}

# Every method on every problem and instruction set, tall pictures, what reads the tree, programs that start
# programs, and what takes a minute and more: --full has them.
long=(
    'methods: *' 'modules: *' 'outputs: *' 'process: *' 'structure: *' 'rows: bands *' 'igemm: a thousand *'
    'integers: every *' 'fft: samples of very different sizes *' 'devices: 8-bit results *' 'features: each works *'
    'opencl: all devices share *' 'compare: --device auto times *' 'picture shards: a part with changed *'
    'tune: what it measures *'
)

check_asan() {
    local excluded=
    [ "$full" ] || excluded=$(IFS=,; echo "${long[*]}")
    step "AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer over the unit tests"
    build_preset asan
    timed asan in_parts "${without_random_addresses[@]}" build-asan/tests/conv_tests --test-case-exclude="$excluded"
}

check_fuzz() {
    step "fuzz targets"
    build_preset asan
    timed fuzz "${without_random_addresses[@]}" tools/fuzz.sh
}

check_tsan() {
    step "ThreadSanitizer over every test"
    build_preset tsan
    timed tsan in_parts "${without_random_addresses[@]}" build-tsan/tests/conv_tests
}

check_scripts() {
    local script status
    build build
    install_packages "${full_packages[@]}"
    for script in tests/*_full.sh; do
        step "$script"
        status=0
        "$script" build/conv-cli || status=$?
        case $status in
            0) done_with "$script" passed ;;
            77) done_with "$script" skipped ;;
            *) exit $status ;;
        esac
    done
}

install_packages "${build_packages[@]}" "${test_packages[@]}" "${check_packages[@]}"
for part in "$@"; do "check_$part"; done

echo
echo "Passed:"
printf '  %s\n' "${passed[@]}"
