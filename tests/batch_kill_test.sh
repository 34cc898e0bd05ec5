#!/usr/bin/env bash
# A batch is killed with SIGKILL at random moments and resumed each time: in the end every output is
# right, the folder holds nothing else, and a picture was made again at most if it was under way when
# the process was killed. SIGINT and SIGTERM leave no temporary file at once.
# usage: batch_kill_test.sh CONV_CLI SAMPLE_FOLDER [KILLS [PICTURES]]
set -u
program=$(realpath "$1")
sample=$(realpath "$2")/scene.png
kills=${3:-4} pictures=${4:-60}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
RANDOM=20261

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

mkdir in
for i in $(seq 1 "$pictures"); do
    {
        printf 'P5\n%d 60\n255\n' $((i % 7 + 90))
        tail -c +$((i * 997)) "$sample" | head -c $((60 * (i % 7 + 90)))
    } >"in/$i.pgm"
done

batch=("$program" batch -q -k gaussian:sigma=3 --threads 2 -o 'out/{stem}.png' --resume)
begin=$(date +%s%N)
"$program" batch -q -k gaussian:sigma=3 --threads 2 -o 'single/{stem}.png' in || fail "single run"
whole=$((($(date +%s%N) - begin) / 1000000)) # milliseconds
rm single/conv-cli-manifest-*

# ended_after SIGNAL COMMAND...: starts a batch, sends the signal within the time of a whole run. Sets
# `child` to its process.
ended_after() {
    local signal=$1
    shift
    "$@" &
    child=$!
    sleep "$(printf '0.%03d' $((RANDOM % (whole < 999 ? whole + 1 : 999))))"
    kill -"$signal" $child 2>/dev/null
    wait $child 2>/dev/null
}

for _ in $(seq "$kills"); do ended_after KILL "${batch[@]}" in; done
for signal in TERM INT; do
    # Scripts start what runs in the background with SIGINT ignored.
    ended_after $signal env --default-signal=INT "${batch[@]/-q/-v}" in 2>words
    status=$?
    if [ $status = $((128 + $(kill -l $signal))) ]; then
        # None at all where the signal came before the batch had begun, the summary where after it.
        [ ! -s words ] || grep -q "stopped by SIG$signal\|pictures done" words ||
            fail "SIG$signal: $(cat words)"
    elif [ $status != 0 ]; then
        fail "SIG$signal ended the batch with $status"
    fi
    left=$(find out -name ".conv-cli-*-$child-*" 2>/dev/null)
    [ -z "$left" ] || fail "SIG$signal left a temporary file: $left"
done
"${batch[@]}" in || fail "the last run"

diff -r -x 'conv-cli-manifest-*' single out || fail "outputs differ from those of a single run"

# Each line of a manifest is a picture made: more than one only where a kill came between.
lines=$(cat out/conv-cli-manifest-* | wc -l)
[ "$lines" -ge "$pictures" ] || fail "$lines lines in the manifests of $pictures pictures"
[ "$lines" -le $((pictures + 2 * (kills + 2))) ] ||
    fail "$lines lines: pictures that were finished have been made again"
left=$("${batch[@]}" --dry-run in | grep -vc '^skip ')
[ "$left" = 0 ] || fail "$left pictures would be made again"

echo "$kills kills, $pictures pictures, $failures failures"
[ $failures = 0 ]
