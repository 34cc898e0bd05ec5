#!/usr/bin/env bash
# Runs the fuzz targets (tests/fuzz, libFuzzer) over their seeds and whatever libFuzzer makes of them.
#
#   tools/fuzz.sh [--runs N] [--seconds S] [TARGET...]      default: 20,000 runs of every target
#
# A finding is left in build-asan/findings and its command is printed; it becomes a test.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

runs=20000 seconds=0 targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --runs) runs=$2; shift ;;
        --seconds) runs=-1 seconds=$2; shift ;;
        -*) echo "use: tools/fuzz.sh [--runs N] [--seconds S] [TARGET...]" >&2; exit 2 ;;
        *) targets+=("$1") ;;
    esac
    shift
done

install_packages "${build_packages[@]}" "${test_packages[@]}" "${check_packages[@]}"
build_preset asan
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ls build-asan/fuzz | grep '^fuzz_' | grep -v '\.')
mkdir -p build-asan/findings
for target in "${targets[@]}"; do
    seeds=build-asan/seeds/$target
    mkdir -p "$seeds"
    build-asan/fuzz/fuzz_seeds "$target" "$seeds"
    echo "== $target: $(ls "$seeds" | wc -l) seeds"
    build-asan/fuzz/"$target" "$seeds" -runs="$runs" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix=build-asan/findings/"$target"- 2>&1 | grep -E 'ERROR|SUMMARY|stat::number_of_executed|stat::peak' ||
        { echo "$target found something" >&2; exit 1; }
    ! ls build-asan/findings/"$target"-* >/dev/null 2>&1 || { ls build-asan/findings; exit 1; }
done
