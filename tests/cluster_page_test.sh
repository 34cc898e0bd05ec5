#!/usr/bin/env bash
# The commands of docs/how-to/run-on-a-cluster.md that are marked "run by tests/cluster_page_test.sh" run
# as they stand there: batches of the folder `in`, and one picture `in.tif` in parts. Each must make what
# one run makes. A block whose engine is not installed is skipped by name (exit code 77).
# usage: cluster_page_test.sh CONV_CLI SOURCE_FOLDER
set -u
program=$(realpath "$1")
page=$(realpath "$2")/docs/how-to/run-on-a-cluster.md
sample=$(realpath "$2")/sample_images/scene.png
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir bin in
ln -s "$program" bin/conv-cli
export PATH=$folder/bin:$PATH
# A container's root, and fewer cores than processes.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
failures=0 skipped=0 blocks=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

for i in $(seq 1 11); do
    { printf 'P5\n40 30\n255\n'; tail -c +$((i * 1201)) "$sample" | head -c 1200; } >"in/$i.pgm"
done
"$program" apply -q -k 1 --tiff-compression deflate "$sample" in.tif || fail "in.tif"
"$program" batch -q -k box:size=5 -o 'single/{name}' in || fail "the single batch"
"$program" apply -q -k gaussian:sigma=4 in.tif single.tif || fail "the single picture"
rm single/conv-cli-manifest-*

# check_block COMMANDS: runs them and compares what they made.
check_block() {
    rm -rf out out.tif
    echo "== $1"
    bash -euc "$1" </dev/null >words 2>&1 || { fail "$1: $(cat words)"; return; }
    if [ -d out ]; then
        diff -r -x 'conv-cli-manifest-*' single out || fail "$1: other outputs than those of one run"
    else
        cmp single.tif out.tif || fail "$1: another picture than that of one run"
        compgen -G 'out.tif.part-*' && fail "$1: parts are left"
    fi
}

# Blocks under the headings that name this test, without their indentation.
while IFS= read -r -d '' block; do
    blocks=$((blocks + 1))
    tool=${block%% *}
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: no $tool is installed"
        skipped=1
        continue
    fi
    if [ "$tool" = mpirun ] && ! mpirun -np 4 true </dev/null 2>/dev/null; then
        echo "skipped: mpirun starts nothing here (it needs /sys)"
        skipped=1
        continue
    fi
    check_block "$block"
done < <(awk '
    /^## / { on = /run by tests\/cluster_page_test.sh/ }
    on && /^    / { block = block substr($0, 5) "\n"; next }
    block != "" { printf "%s%c", block, 0; block = "" }
    END { if (block != "") printf "%s%c", block, 0 }' "$page")

[ $blocks -ge 5 ] || fail "only $blocks blocks of the page were found"
echo "$blocks blocks, $failures failures"
[ $failures = 0 ] || exit 1
[ $skipped = 0 ] || exit 77
