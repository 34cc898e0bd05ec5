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

# 700 x 2000 pixels that are no pattern.
{ printf 'P5\n700 2000\n255\n'; seq 1 300000 | head -c 1400000; } >in.pgm
apply=("$program" apply -q -k gaussian:sigma=4)
"${apply[@]}" in.pgm single.pgm || fail "the single run"

# killed COMMAND...: starts it and kills it within 150 ms.
killed() {
    "$@" 2>/dev/null &
    local child=$!
    sleep "$(printf '0.%03d' $((RANDOM % 150)))"
    kill -KILL $child 2>/dev/null
    wait $child 2>/dev/null
}

for round in $(seq "$kills"); do
    killed "${apply[@]}" --shard $((round % shards + 1))/$shards in.pgm out.pgm
    # Every other round goes on to the end, where join is killed too.
    [ $((round % 2)) = 1 ] && continue
    for i in $(seq $shards); do
        "${apply[@]}" --shard "$i/$shards" in.pgm out.pgm || fail "shard $i/$shards"
    done
    killed "$program" join -q out.pgm
    "$program" join -q out.pgm || fail "join"
    cmp single.pgm out.pgm || fail "round $round: the file differs from the single run's"
    left=$(find . -type f ! -name in.pgm ! -name single.pgm ! -name out.pgm)
    [ -z "$left" ] || fail "round $round: left are $left"
    rm -f out.pgm
done

echo "$kills kills, $failures failures"
[ $failures = 0 ]
