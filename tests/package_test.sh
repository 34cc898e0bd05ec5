#!/usr/bin/env bash
# The installed tree as users of the library and of the program find it.
# use: package_test.sh BUILD_FOLDER CXX
set -euo pipefail

build=$1 cxx=$2
source=$(cd "$(dirname "$0")/package" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix="$folder/a prefix"
cmake --install "$build" --prefix "$prefix" >/dev/null

step() { echo "== $*"; }

step "the program, its manual page and its completions are there"
"$prefix/bin/conv-cli" --version
for file in man/man1/conv-cli.1 bash-completion/completions/conv-cli \
    zsh/site-functions/_conv-cli fish/vendor_completions.d/conv-cli.fish; do
    test -s "$prefix/share/$file" || { echo "missing: share/$file"; exit 1; }
done

# Every public header, each once: none needs one that is not installed.
(cd "$prefix/include/conv-cli" && find . -name '*.hpp' -printf '#include "%P"\n' | sort) \
    >"$folder/headers.cpp"
grep -q '"conv/convolve.hpp"' "$folder/headers.cpp"
cp "$source"/* "$folder/"

step "find_package(conv) builds a program"
cmake -S "$folder" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_BUILD_TYPE=Release >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cmake --build "$folder/build" --parallel 2 >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
"$folder/build/uses_conv"

step "pkg-config builds the same program"
package=$(find "$prefix" -name conv.pc)
export PKG_CONFIG_PATH=${package%/*}
# pkg-config escapes the blank of the prefix, as a shell reads it.
eval "flags=($(pkg-config --cflags --libs conv))"
"$cxx" -std=c++20 "$folder/main.cpp" -o "$folder/by_pkg_config" "${flags[@]}"
"$folder/by_pkg_config"
