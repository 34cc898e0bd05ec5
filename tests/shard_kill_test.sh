#!/usr/bin/env bash
# Shards of one picture, and the join of their parts, are killed with SIGKILL at random moments and
# started again: in the end the file is the single run's, and nothing else is left.
# usage: shard_kill_test.sh CONV_CLI [KILLS]
set -u
program=$(realpath "$1")
kills=${2:-6} shards=4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
RANDOM=20263
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# 700 x 2000 pixels that are no pattern; parts of a PNM have fixed places, those of a TIFF have not.
{ printf 'P5\n700 2000\n255\n'; seq 1 300000 | head -c 1400000; } >in.pgm
apply=("$program" apply -q -k gaussian:sigma=4)
for kind in pgm tif; do "${apply[@]}" in.pgm single.$kind || fail "the single run"; done

now() { echo $(($(date +%s%N) / 1000)); } # microseconds
begin=$(now)
"${apply[@]}" --shard 1/$shards in.pgm out.tif || fail "a shard"
part_time=$(($(now) - begin)) begin=$(now)
"$program" join -q out.tif 2>/dev/null && fail "a join of one part of $shards"
join_time=$((($(now) - begin) * 2))
rm out.tif.part-1-of-$shards

# killed MICROSECONDS COMMAND...: starts it and kills it within this time.
killed() {
    local most=$1 child
    shift
    "$@" 2>/dev/null &
    child=$!
    sleep "$(printf '0.%06d' $(((RANDOM * 32768 + RANDOM) % (most < 999999 ? most + 1 : 999999))))"
    kill -KILL $child 2>/dev/null
    wait $child 2>/dev/null
}

for round in $(seq "$kills"); do
    kind=$([ $(((round + 1) / 2 % 2)) = 0 ] && echo pgm || echo tif)
    killed $part_time "${apply[@]}" --shard $((round % shards + 1))/$shards in.pgm out.$kind
    # Every other round goes on to the end, where join is killed too.
    [ $((round % 2)) = 1 ] && continue
    for i in $(seq $shards); do
        "${apply[@]}" --shard "$i/$shards" in.pgm out.$kind || fail "shard $i/$shards"
    done
    killed $join_time "$program" join -q out.$kind
    "$program" join -q out.$kind || fail "join"
    cmp single.$kind out.$kind || fail "round $round: the file differs from the single run's"
    left=$(find . -type f ! -name in.pgm ! -name 'single.*' ! -name out.$kind)
    [ -z "$left" ] || fail "round $round: left are $left"
    rm -f out.$kind
done

echo "$kills kills, $failures failures"
[ $failures = 0 ]
