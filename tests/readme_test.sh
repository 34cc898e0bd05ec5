#!/usr/bin/env bash
# Every command block of README.md and docs/how-to runs in some test. Here: each command of README.md that
# calls the program, as it stands there, from a folder that looks like a fresh checkout after a build. The others
# name the test that runs them. The README's figures stand in docs/benchmarks.md, its table is compare's.
# use: readme_test.sh PROGRAM SOURCE_FOLDER
set -euo pipefail

program=$1 source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/build"
ln -s "$program" "$folder/build/conv-cli"
cp -r "$source/sample_images" "$folder/"
cd "$folder"
fail() { echo "$*"; exit 1; }

mapfile -t commands < <(sed -n 's/^    \(build\/conv-cli .*\)/\1/p' "$source/README.md")
[ ${#commands[@]} -ge 8 ] || fail "only ${#commands[@]} commands were found in README.md"
for command in "${commands[@]}"; do
    echo "== $command"
    bash -c "$command" >output 2>&1 || { cat output; fail "failed: $command"; }
    case $command in *' compare '*) mv output compared ;; esac
done

# The other blocks of README.md, line by line; `of` says what the block is about.
of=''
while IFS= read -r line; do
    case $line in
        '    build/conv-cli compare '*) of=compare ;;
        '    build/conv-cli '*) of='' ;;
        '    ./tools/'*)
            script=${line#    ./} script=${script%% *}
            [ -x "$source/$script" ] || fail "README.md: $script is no script"
            bash -n "$source/$script" ;;
        '    apt install '*)
            grep -q '^echo "== one apt command' "$source/tests/deb_full.sh" || fail "$line is tried by no test" ;;
        '    #include '*) of=program ;;
        '    # 3x3 mean') of=kernel; : >kernel.txt; echo "${line#    }" >>kernel.txt ;;
        '    '*)
            case $of in
                program) grep -q README.md "$source/tests/package_test.sh" || fail "$line is compiled by no test" ;;
                kernel) echo "${line#    }" >>kernel.txt ;;
                compare) ;;
                *) fail "README.md: '$line' is run by no test" ;;
            esac ;;
        ?*) of='' ;;
    esac
done <"$source/README.md"
build/conv-cli kernel check kernel.txt

# The table: the same columns, methods and explanations as the program has.
while IFS= read -r words; do
    grep -qF -- "$words" compared || fail "README.md: compare does not say '$words'"
done < <(awk '/^    build\/conv-cli compare / { on = 1; next } on && /^[^ ]/ { exit }
    on && /eff\.|GMAC\/s  |not run,|^    \* |^    (time|eff|fastest|errors): / { sub(/^ */, ""); gsub(/  +/, "\n"); print }' \
    "$source/README.md" | sed 's/\.\.\.$//')

# Seconds and memory of the table of whole commands stand in one row of the page.
mapfile -t figures < <(grep -o '[0-9.]* s, [0-9]* MiB' "$source/README.md")
[ ${#figures[@]} -ge 8 ] || fail "only ${#figures[@]} figures were found in README.md"
for figure in "${figures[@]}"; do
    seconds=${figure%% s,*} memory=${figure##*, }
    grep -q "| ${seconds//./[.]} (.* | ${memory% MiB} |" "$source/docs/benchmarks.md" ||
        fail "README.md: $figure stands in no row of docs/benchmarks.md"
done

# A how-to with commands names the test that runs them, or says of a part that it is not run.
for page in "$source"/docs/how-to/*.md; do
    grep -Eq '^    (\./)?(tools/|build/|conv-cli|parallel|mpirun|ssh)' "$page" || continue
    test=$(grep -o 'tests/[a-z_]*\.sh' "$page" | head -n 1)
    [ -n "$test" ] && [ -x "$source/$test" ] || fail "$page: its commands are run by no test"
done
