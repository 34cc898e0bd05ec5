#!/usr/bin/env bash
# Figures of README.md stand in docs/benchmarks.md, and every command of it that calls the program runs as
# it stands there, from a folder that looks like a fresh checkout after a build.
# use: readme_test.sh PROGRAM SOURCE_FOLDER
set -euo pipefail

program=$1 source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/build"
ln -s "$program" "$folder/build/conv-cli"
cp -r "$source/sample_images" "$folder/"
cd "$folder"

mapfile -t commands < <(sed -n 's/^    \(build\/conv-cli .*\)/\1/p' "$source/README.md")
[ ${#commands[@]} -ge 8 ] || { echo "only ${#commands[@]} commands were found in README.md"; exit 1; }
for command in "${commands[@]}"; do
    echo "== $command"
    bash -c "$command" >output 2>&1 || { cat output; echo "failed: $command"; exit 1; }
done

# Seconds and memory of the table of whole commands stand in one row of the page.
mapfile -t figures < <(grep -o '[0-9.]* s, [0-9]* MiB' "$source/README.md")
[ ${#figures[@]} -ge 8 ] || { echo "only ${#figures[@]} figures were found in README.md"; exit 1; }
for figure in "${figures[@]}"; do
    seconds=${figure%% s,*} memory=${figure##*, }
    grep -q "| ${seconds//./[.]} (.* | ${memory% MiB} |" "$source/docs/benchmarks.md" ||
        { echo "README.md: $figure stands in no row of docs/benchmarks.md"; exit 1; }
done
