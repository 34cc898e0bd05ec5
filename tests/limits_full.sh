#!/usr/bin/env bash
# limits_full.sh PROGRAM: under every limit of memory, processes, files and stack the program does its
# work, or says in one line why not and ends with 1, within two seconds (20 on a busy machine).
set -uo pipefail
program=$(realpath "$1")
sample=$(dirname "$0")/../sample_images/scene.png
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$sample" "$folder/in.png"
cd "$folder"
"$program" apply -q -k identity in.png in.ppm || exit 1
commands=(
    "--version"
    "kernel show sobel --image k.png"
    "apply -q -k sharpen --method direct in.ppm o.ppm"
    "apply -q -k sharpen --method gemm --threads 2 in.ppm o.ppm"
    "apply -q -k sharpen in.png o.png"
)
runs=0
# try USER LIMIT...: every command under the limit, as another user where root would not feel it.
try() {
    local user=$1 limit=$2 command code
    for command in "${commands[@]}"; do
        code=0
        "${user:-env}" ${user:+--reuid=65534 --regid=65534 --clear-groups} bash -c \
            "ulimit $limit; exec timeout 20 '$program' $command" >out 2>error || code=$?
        runs=$((runs + 1))
        [ "$code" = 0 ] && continue
        if [ "$code" != 1 ] || [ "$(wc -l <error)" != 1 ] || ! grep -q '^conv-cli: error: ' error; then
            echo "ulimit $limit, $command: exit code $code" >&2
            head -n 5 error >&2
            exit 1
        fi
    done
    if compgen -G '.conv-cli-*' >/dev/null; then echo "ulimit $limit: a temporary file" >&2; exit 1; fi
}
# Below this the loader itself ends in its own line, with 127.
least=10000
until (ulimit -v $least; exec "$program" --version) >/dev/null 2>&1; do least=$((least + 5000)); done
echo "the loader needs $((least / 1000)) MB of address space"
[ $least -le 150000 ] || exit 1
for ((size = least + 10000; size <= 1000000; size += 10000)); do try "" "-v $size"; done
for ((size = 20000; size <= 400000; size += 20000)); do try "" "-d $size"; done
for files in 4 5 6 7 8 9 10 11 12; do try "" "-n $files"; done
for stack in 64 128 256 1024; do try "" "-s $stack"; done
if [ "$(id -u)" = 0 ]; then
    chmod -R a+rwX "$folder"
    for processes in 3 4 5 8; do try setpriv "-u $processes"; done
fi
echo "$runs runs under limits"
