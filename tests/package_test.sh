#!/usr/bin/env bash
# The installed tree as users of the library and of the program find it.
# use: package_test.sh BUILD_FOLDER CXX
set -euo pipefail

build=$1 cxx=$2
source=$(cd "$(dirname "$0")/package" && pwd)
examples=$source/../../examples
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

step "headers are installed under conv/ alone"
test "$(ls "$prefix/include")" = conv
if grep -rn '#include "' "$prefix/include"; then exit 1; fi

# Every public header, each once: none needs one that is not installed.
(cd "$prefix/include" && find . -name '*.hpp' -printf '#include <%P>\n' | sort) >"$folder/headers.cpp"
grep -q '<conv/conv.hpp>' "$folder/headers.cpp"
cp "$source"/* "$examples"/*.cpp "$folder/"

step "find_package(conv) builds a program"
cmake -S "$folder" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_BUILD_TYPE=Release >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cmake --build "$folder/build" --parallel 2 >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
"$folder/build/uses_conv"

step "the examples run, and are no longer than 25 lines"
prints() { test "$("$folder/build/$1" | tail -n 2)" = "$2" || { "$folder/build/$1"; exit 1; }; }
prints in_memory $'   0   0  20  40  20   0\n   0   0  20  40  20   0'
prints bank '4 3 5'
prints rows 50.0
for example in "$examples"/*.cpp; do test "$(wc -l <"$example")" -le 25; done

step "the README's program compiles and runs"
{
    sed -n 's/^    \(#include .*\)/\1/p' "$source/../../README.md"
    echo 'int main() {'
    echo '    const conv::Image picture = conv::Image::interleaved(conv::SampleType::u8, 1, 4, 4);'
    sed -n 's/^    \(conv::.*\)/    \1/p' "$source/../../README.md"
    echo '    return blurred.shape == picture.shape ? 0 : 1;'
    echo '}'
} >"$folder/main.cpp"
cmake --build "$folder/build" --parallel 2 --target uses_conv >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
"$folder/build/uses_conv"
cp "$source/main.cpp" "$folder/"

step "the version in the header is that of the package"
version=$(sed -n 's/^#define CONV_VERSION_TEXT "\(.*\)"/\1/p' "$prefix/include/conv/version.hpp")
"$prefix/bin/conv-cli" --version | grep -qx "conv-cli $version"
grep -qx "Version: $version" "$(find "$prefix" -name conv.pc)"

step "pkg-config builds the same program"
package=$(find "$prefix" -name conv.pc)
export PKG_CONFIG_PATH=${package%/*}
# pkg-config escapes the blank of the prefix, as a shell reads it.
eval "flags=($(pkg-config --cflags --libs conv))"
"$cxx" -std=c++20 "$folder/main.cpp" -o "$folder/by_pkg_config" "${flags[@]}"
"$folder/by_pkg_config"
