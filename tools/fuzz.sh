#!/usr/bin/env bash
# Runs the fuzz targets (tests/fuzz, libFuzzer) over their seeds and whatever libFuzzer makes of them, one
# target on each core.
#
#   tools/fuzz.sh [--runs N] [TARGET...]         default: 20,000 runs of every target, the same each time
#   tools/fuzz.sh --seconds S [TARGET...]        for so long, other inputs each time
#
# A finding is left in build-asan/findings and its input is named; it becomes a test.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
. tools/sanitizers.sh

limit=(-runs=20000 -seed=1) targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --runs) limit=(-runs="$2" -seed=1); shift ;;
        --seconds) limit=(-max_total_time="$2"); shift ;;
        -*) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
        *) targets+=("$1") ;;
    esac
    shift
done

install_packages "${build_packages[@]}" "${test_packages[@]}" "${check_packages[@]}"
build_preset asan
folder=$PWD/build-asan/fuzz findings=$PWD/build-asan/findings  # fuzz_options runs elsewhere
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd "$folder" && ls | grep -x 'fuzz_[a-z_]*' | grep -v fuzz_seeds)
mkdir -p "$findings"

# Half of the time would go to the origin of every allocation, to stack frames kept after their return and
# to libFuzzer's choice of inputs by rarity. The unit tests have the first two; a finding is run again
# with all of them by starting its target with the input.
export ASAN_OPTIONS=$ASAN_OPTIONS:malloc_context_size=2:detect_stack_use_after_return=0
limit+=(-entropic=0)

# run_target NAME: one line of its figures, or the end of its log.
run_target() {
    local name=$1 seeds=${folder%/fuzz}/seeds/$1 log=$findings/$1.log started=$SECONDS
    rm -f "$findings/$name"-*
    "$folder"/fuzz_seeds "$name" "$seeds"
    if ! "$folder/$name" "$seeds" "${limit[@]}" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$findings/$name"- >"$log" 2>&1; then
        tail -n 40 "$log"
        echo "$name found something"
        ls "$findings/$name"-* 2>/dev/null
        return 1
    fi
    sed -n 's/^stat::number_of_executed_units: *//p' "$log" |
        { read -r runs; echo "$name: $runs runs in $((SECONDS - started)) s"; }
}
export -f run_target
export folder findings
export limit_words="${limit[*]}"
printf '%s\n' "${targets[@]}" |
    xargs -P "$(nproc)" -I NAME bash -euc 'read -ra limit <<<"$limit_words"; run_target NAME'
