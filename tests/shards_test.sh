#!/usr/bin/env bash
# Shards under real engines: GNU parallel and mpirun make together what one run makes, each picture
# once, and one picture in parts. An engine that is not installed is skipped by name (exit code 77).
# usage: shards_test.sh CONV_CLI SAMPLE_FOLDER
set -u
program=$(realpath "$1")
sample=$(realpath "$2")/scene.png
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0 skipped=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# Pictures of the sample's bytes: small, and each another one.
mkdir in
for i in $(seq 1 11); do
    { printf 'P5\n40 30\n255\n'; tail -c +$((i * 1201)) "$sample" | head -c 1200; } >"in/$i.pgm"
done
"$program" batch -q -k box:size=5 -o 'single/{name}' in || fail "the single run"
rm single/conv-cli-manifest-*
{ printf 'P5\n300 400\n255\n'; seq 100000 | head -c 120000; } >big.pgm
part=("$program" apply -q -k gaussian:sigma=3 big.pgm)
"${part[@]}" big-single.pgm || fail "the single run of one picture"

# joined ENGINE: its parts make the single run's file.
joined() {
    "$program" join -q "big-$1.pgm" && cmp big-single.pgm "big-$1.pgm" || fail "$1: parts of a picture"
    compgen -G "big-$1.pgm.*" && fail "$1: parts are left"
}

# same ENGINE: its outputs are those of the single run, and its reports tell each picture once.
same() {
    diff -r -x 'conv-cli-manifest-*' single "$1" || fail "$1: outputs differ from a single run's"
    local records
    records=$(cat "$1"-*.jsonl | wc -l)
    [ "$records" = 11 ] || fail "$1: $records records of 11 pictures"
    "$program" batch --merge-reports "$1"-*.jsonl 2>merged >/dev/null
    grep -q '11 pictures done, 0 skipped, 0 failed' merged || fail "$1: $(cat merged)"
}

# has ENGINE PROGRAM: whether it is installed.
has() {
    command -v "$2" >/dev/null && return
    echo "skipped: $1, no $2 is installed"
    skipped=1
    return 1
}

batch=("$program" batch -q -k box:size=5 --threads 1 in --shard auto)

if has "GNU parallel" parallel; then
    for shards in 3 13; do
        rm -rf parallel parallel-*
        parallel --will-cite -N0 -j 2 -q "${batch[@]}" --shards $shards -o 'parallel/{name}' \
            --report 'parallel-{shard}.jsonl' ::: $(seq $shards) || fail "parallel -j 2"
        same parallel
    done
    parallel --will-cite -N0 -j 2 -q "${part[@]}" big-parallel.pgm --shard auto --shards 5 ::: \
        $(seq 5) || fail "parallel: parts"
    joined parallel
    # One shard too many is an error that names the variable.
    parallel --will-cite -N0 -j 1 -q "${batch[@]}" --shards 1 -o 'toomany/{name}' ::: 1 2 2>error
    grep -q 'PARALLEL_SEQ=2 is outside 1 to 1' error || fail "parallel: $(cat error)"
fi

as_root=()
[ "$(id -u)" = 0 ] && as_root=(--allow-run-as-root)
if ! has "Open MPI" mpirun; then
    :
elif ! mpirun "${as_root[@]}" --oversubscribe -np 4 true 2>/dev/null; then
    echo "skipped: mpirun starts nothing here (it needs /sys)"
else
    mpirun "${as_root[@]}" --oversubscribe -np 4 "${batch[@]}" -o 'mpirun/{name}' \
        --report 'mpirun-{shard}.jsonl' 2>error || fail "mpirun -np 4: $(cat error)"
    same mpirun
    mpirun "${as_root[@]}" --oversubscribe -np 4 "${part[@]}" big-mpirun.pgm --shard auto 2>error ||
        fail "mpirun: parts: $(cat error)"
    joined mpirun
fi

# A task that is started again may overlap the one that still runs, and a manifest may end torn.
for _ in 1 2 3; do "$program" batch -q -k box:size=5 --resume -o 'overlap/{name}' in & done
wait
diff -r -x 'conv-cli-manifest-*' single overlap || fail "processes that overlap: outputs differ"
for manifest in overlap/conv-cli-manifest-*; do printf '{"schema":"conv-cli/man' >>"$manifest"; done
[ "$("$program" batch --dry-run -k box:size=5 --resume -o 'overlap/{name}' in | grep -c '^skip ')" = 11 ] ||
    fail "processes that overlap: a picture would be made again"

# The numbering of engines that are not here, by their variables alone.
for index in 0 1 2; do
    JOB_COMPLETION_INDEX=$index "${batch[@]}" --shards 3 -o 'indexed/{name}' \
        --report 'indexed-{shard}.jsonl' || fail "JOB_COMPLETION_INDEX=$index"
    SLURM_ARRAY_TASK_ID=$((index * 2 + 5)) SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=9 \
        SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3 "${batch[@]}" -o 'array/{name}' \
        --report 'array-{shard}.jsonl' || fail "SLURM_ARRAY_TASK_ID"
done
same indexed
same array

echo "$failures failures"
[ $failures = 0 ] || exit 1
[ $skipped = 0 ] || exit 77
