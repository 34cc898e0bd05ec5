#!/usr/bin/env bash
# The checks beside the tests: format, tidy, the benchmark's build, sanitizers over the unit tests and
# the fuzz targets. Run after test.sh, whose objects it takes: clang's sanitizers compile the whole tree once more.
#
#   tools/check.sh           what every change must pass; 17 minutes with a warm ccache beside other work, about 25 without
#   tools/check.sh --full    all of tidy, ThreadSanitizer, the pages of the program in a browser, and
#                            every tests/*_full.sh; before a release
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
. tools/sanitizers.sh

full=${1:-}
[ -z "$full" ] || [ "$full" = --full ] || { echo "use: tools/check.sh [--full]" >&2; exit 2; }
install_packages "${build_packages[@]}" "${test_packages[@]}" "${check_packages[@]}"

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

# in_halves TESTS [OPTION...]: the first and the second half of the cases side by side.
in_halves() {
    local half first status=0
    half=$("$@" --count | sed -n 's/.*current filters: //p')
    half=$((half / 2))
    "$@" --last=$half &
    first=$!
    "$@" --first=$((half + 1)) || status=$?
    wait $first || status=$?
    return $status
}

sources() { git ls-files '*.cpp' '*.hpp'; }

step "format"
sources | xargs clang-format --dry-run -Werror
done_with format "$(sources | wc -l) files"

step "the benchmark builds"
build build "${test_options[@]}" -DCONV_BUILD_TESTS=ON -DCONV_BUILD_BENCH=ON -- conv_bench
done_with bench "$(build/bench/conv_bench --rows '^tiny' --repeat 1 --min-time 0 | wc -l) lines"

step "tidy"
# The twenty sources that changed last, since the last release where it has a tag: minutes, whatever has changed.
changed_last() {
    local release file
    release=$(git describe --tags --abbrev=0 2>/dev/null || true)
    git log --format= --name-only ${release:+"$release.."} -- 'lib/*.cpp' 'app/*.cpp' | awk '!seen[$0]++' |
        while read -r file; do [ ! -e "$file" ] || echo "$file"; done
}
changed=$(if [ "$full" = --full ]; then git ls-files 'lib/*.cpp' 'app/*.cpp'; else changed_last | sed -n 1,20p; fi)
changed=$(echo "$changed" | grep -v '^lib/cuda/' || true)
if [ -n "$changed" ]; then
    # How each source is compiled alone; vectors for one instruction set, unless all is asked for.
    cmake -S . -B build-tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DCONV_WITH_CUDA=OFF >/dev/null
    one_set=(--extra-arg=-DHWY_COMPILE_ONLY_STATIC)
    [ "$full" != --full ] || one_set=()
    echo "$changed" | xargs -P "$(nproc)" -n 2 clang-tidy --quiet -p build-tidy "${one_set[@]}" 2>&1 |
        { grep -v '^[0-9]* warnings generated' || true; }
fi
done_with tidy "$(echo "$changed" | grep -c . || true) files"

step "sanitizers over the unit tests"
build_preset asan
# Every method on every problem and instruction set, tall pictures, what reads the tree, programs that start
# programs, and what takes a minute and more: --full has them.
long=(
    'methods: *' 'modules: *' 'outputs: *' 'process: *' 'structure: *' 'rows: bands *' 'igemm: a thousand *'
    'integers: every *' 'fft: samples of very different sizes *' 'devices: 8-bit results *' 'features: each works *'
    'opencl: all devices share *' 'compare: --device auto times *' 'picture shards: a part with changed *'
    'tune: what it measures *'
)
excluded=$(IFS=,; echo "${long[*]}")
[ "$full" != --full ] || excluded=
timed asan in_halves "${without_random_addresses[@]}" build-asan/tests/conv_tests --test-case-exclude="$excluded"

step "fuzz targets"
timed fuzz "${without_random_addresses[@]}" tools/fuzz.sh

if [ "$full" = --full ]; then
    step "ThreadSanitizer over every test"
    build_preset tsan
    timed tsan in_halves "${without_random_addresses[@]}" build-tsan/tests/conv_tests
    build build
    install_packages "${full_packages[@]}"
    for script in tests/*_full.sh; do
        [ -e "$script" ] || continue
        step "$script"
        status=0
        "$script" build/conv-cli || status=$?
        case $status in
            0) done_with "$script" passed ;;
            77) done_with "$script" skipped ;;
            *) exit $status ;;
        esac
    done
fi

echo
echo "All checks passed:"
printf '  %s\n' "${passed[@]}"
