#!/usr/bin/env bash
# Job arrays of a real Slurm cluster of one node, started here in the foreground with ports and folders
# of its own: no systemd, no service. The script and commands of docs/how-to/run-on-a-cluster.md run as
# they stand there; their shards make what one run makes; an array with holes is refused until --shards
# is given; a task that is cancelled leaves no temporary file and goes on.
# Run by tools/check.sh --full, as root. usage: slurm_full.sh CONV_CLI; exit code 77: skipped.
set -u
program=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
sample=$source/sample_images/scene.png
folder=$(mktemp -d)
failures=0
daemons=()

finish() {
    [ ${#daemons[@]} = 0 ] || kill "${daemons[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder" || exit 1
chmod 755 .

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

skip() {
    echo "skipped: $*"
    exit 77
}

[ "$(id -u)" = 0 ] || skip "Slurm: its daemons are started as root here"
for tool in munged slurmctld slurmd sbatch; do
    command -v $tool >/dev/null || skip "Slurm: no $tool, install slurm-wlm and munge"
done

# munge authenticates messages; its key and socket lie here.
mkdir munge state spool log
chown munge: munge
head -c 1024 /dev/urandom >munge/key
chown munge: munge/key
chmod 400 munge/key
runuser -u munge -- munged --foreground --key-file="$PWD/munge/key" --socket="$PWD/munge/socket" \
    --pid-file="$PWD/munge/pid" --log-file="$PWD/munge/log" --seed-file="$PWD/munge/seed" \
    >log/munged 2>&1 &
daemons+=($!)

host=$(hostname -s)
cat >slurm.conf <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$PWD/munge/socket
SlurmctldPort=46817
SlurmdPort=46818
SlurmUser=root
StateSaveLocation=$PWD/state
SlurmdSpoolDir=$PWD/spool
SlurmctldPidFile=$PWD/ctld.pid
SlurmdPidFile=$PWD/slurmd.pid
SlurmctldLogFile=$PWD/log/slurmctld
SlurmdLogFile=$PWD/log/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$PWD/slurm.conf
slurmctld -D >log/ctld.out 2>&1 &
daemons+=($!)
slurmd -D >log/slurmd.out 2>&1 &
daemons+=($!)

for _ in $(seq 60); do
    state=$(sinfo -h -o %T 2>/dev/null)
    [[ $state == idle || $state == mixed ]] && break
    sleep 0.5
done
[[ ${state:-} == idle || ${state:-} == mixed ]] ||
    skip "Slurm did not start: $(tail -n 3 log/slurmctld log/slurmd log/munged 2>/dev/null)"

# The page's script and commands, with this program.
mkdir bin in
ln -s "$program" bin/conv-cli
export PATH=$PWD/bin:$PATH
for i in $(seq 1 13); do
    { printf 'P5\n40 30\n255\n'; tail -c +$((i * 1201)) "$sample" | head -c 1200; } >"in/$i.pgm"
done
"$program" batch -q -k box:size=5 -o 'single/{name}' in || fail "the single run"
rm single/conv-cli-manifest-*

# array NAME RANGE [OPTIONS]: runs the array to its end; its tasks' words are in NAME.log.
array() {
    local name=$1 range=$2
    shift 2
    sbatch --wait -Q --array="$range" -o "$name-%a.log" --open-mode=append --wrap \
        "\"$program\" batch -v -k box:size=5 -o '$name/{name}' --shard auto --resume --report '$name-{shard}.jsonl' $* in"
}

array whole 1-4 || fail "the array 1-4: $(cat whole-*.log)"
diff -r -x 'conv-cli-manifest-*' single whole || fail "outputs of the array differ"
[ "$(cat whole-*.jsonl | wc -l)" = 13 ] || fail "a picture was not made exactly once"
grep -q 'shard: 2/4 by SLURM_ARRAY_TASK_ID' whole-2.log || fail "$(cat whole-2.log)"

array steps 0-6:3 || fail "the array 0-6:3"
diff -r -x 'conv-cli-manifest-*' single steps || fail "outputs of the array 0-6:3 differ"

array holes 1,3 && fail "an array with holes was taken for a whole one"
grep -q 'SLURM_ARRAY_TASK_COUNT=2 tasks do not fill' holes-1.log || fail "$(cat holes-1.log)"
array holes 1,3 --shards 3 || fail "an array with holes and --shards: $(cat holes-*.log)"
array holes 2 --shards 3 || fail "the hole: $(cat holes-*.log)"
diff -r -x 'conv-cli-manifest-*' single holes || fail "outputs of the array with holes differ"

# blocks_of PAGE: the blocks below the heading that names this test, each in a file block-N.
awk '/^## / { on = /run by tests\/slurm_full.sh/ }
    on && /^    / { if (!inside) ++n; inside = 1; print substr($0, 5) >("block-" n); next }
    { inside = 0 }' "$source/docs/how-to/run-on-a-cluster.md"
cp -r in photos
"$program" batch -q -k sharpen -o 'sharp/{name}' photos || fail "the single run"
"$program" apply -q -k 1 --tiff-compression deflate "$sample" in.tif || fail "in.tif"
"$program" apply -q -k gaussian:sigma=4 in.tif single.tif || fail "the single picture"
rm sharp/conv-cli-manifest-*
sbatch --wait -Q block-1 || fail "the page's script: $(cat slurm-*.out)"
diff -r -x 'conv-cli-manifest-*' sharp out || fail "outputs of the page's script differ"
bash -eu block-2 >words 2>&1 || fail "the page's second block: $(cat words slurm-*.out)"
[ "$(wc -l <report.jsonl)" = 13 ] || fail "the joined report has $(wc -l <report.jsonl) lines of 13"
bash -eu block-3 >words 2>&1 || fail "the page's third block: $(cat words slurm-*.out)"
cmp single.tif out.tif || fail "one picture by an array differs from that of one run"
compgen -G 'out.tif.part-*' && fail "parts are left"

# A task that is cancelled gets SIGTERM; the same array again goes on with what is left.
mkdir many
for i in $(seq 1 400); do cp in/$((i % 13 + 1)).pgm "many/$i.pgm"; done
job=$(sbatch --parsable --array=1 -o cancelled.log --wrap \
    "exec \"$program\" batch -q -k gaussian:sigma=9 --threads 1 -o 'cancelled/{stem}.png' --shard auto --resume many")
for _ in $(seq 200); do
    compgen -G 'cancelled/*.png' >/dev/null && break
    sleep 0.05
done
scancel --batch --signal=TERM "$job"
while squeue -h -j "$job" 2>/dev/null | grep -q .; do sleep 0.1; done
compgen -G 'cancelled/.conv-cli-*' >/dev/null && fail "a cancelled task left a temporary file"
made=$(find cancelled -name '*.png' | wc -l)
sbatch --wait -Q --array=1 -o again.log --wrap \
    "\"$program\" batch -k gaussian:sigma=9 --threads 1 -o 'cancelled/{stem}.png' --shard auto --resume many"
[ "$(find cancelled -name '*.png' | wc -l)" = 400 ] || fail "after a cancelled task: $(cat again.log)"
echo "cancelled after $made of 400; $(head -n 1 again.log)"

echo "$failures failures"
[ $failures = 0 ]
