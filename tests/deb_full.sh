#!/usr/bin/env bash
# The Debian packages: a second build elsewhere gives the same bytes, lintian finds no errors, and on a bare
# Debian 12 one apt command installs a program that filters as the one that was built here, and another one
# the library, with which a program is built.
# use: deb_full.sh [PROGRAM]      exit code 77: skipped
# DEBIAN_TREE names a tree that debootstrap has made before, to be copied.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-build/conv-cli}")
. tools/setup.sh
[ "$(id -u)" -eq 0 ] || { echo "skipped: only root changes the root folder"; exit 77; }
install_packages debootstrap lintian

folder=$(mktemp -d)
tree=$folder/debian
trap 'umount "$tree/proc" 2>/dev/null || true; rm -rf "$folder"' EXIT

echo "== packages"
tools/package.sh "$folder/first" >/dev/null
ls "$folder/first"
[ "$(find "$folder/first" -name '*.deb' | wc -l)" -eq 4 ]

echo "== the same bytes from another folder, compiled anew"
mkdir "$folder/copy"
git ls-files -z | tar -cf - --null -T - | tar -xf - -C "$folder/copy"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) CCACHE_DISABLE=1 "$folder/copy/tools/package.sh" "$folder/second" >/dev/null
diff -r "$folder/first" "$folder/second"

echo "== lintian"
lintian --allow-root --fail-on error "$folder"/first/*.deb

echo "== one apt command on a bare Debian 12"
if [ -n "${DEBIAN_TREE:-}" ]; then
    cp -a "$DEBIAN_TREE" "$tree"
else
    debootstrap --variant=minbase bookworm "$tree" >"$folder/log" 2>&1 ||
        { tail -n 5 "$folder/log"; echo "skipped: debootstrap failed"; exit 77; }
fi
mount -t proc proc "$tree/proc"
cp "$folder"/first/*.deb sample_images/scene.png "$tree/root/"
cp -r tests/package "$tree/root/package"
cp examples/*.cpp "$tree/root/package/"
in_tree() { chroot "$tree" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"; }
# install_in_tree PACKAGES: patterns are the shell's of the tree.
install_in_tree() {
    in_tree sh -c "export DEBIAN_FRONTEND=noninteractive; apt-get install -q -y --no-install-recommends $*" \
        >"$folder/log" 2>&1 || { tail -n 20 "$folder/log"; exit 1; }
}
in_tree apt-get update -q >"$folder/log" 2>&1
in_tree sh -c 'cd /root && mv libconv-dev_*.deb conv-cli-open*.deb /opt/'
install_in_tree '/root/conv-cli_*.deb'
in_tree conv-cli --version
in_tree conv-cli apply -q -k gaussian:sigma=2 /root/scene.png /root/alone.png
in_tree conv-cli apply -q -k sharpen --method gemm /root/scene.png /root/product.png
"$program" apply -q -k gaussian:sigma=2 sample_images/scene.png "$folder/alone.png"
"$program" apply -q -k sharpen --method gemm sample_images/scene.png "$folder/product.png"
cmp "$folder/alone.png" "$tree/root/alone.png"
cmp "$folder/product.png" "$tree/root/product.png"
echo "== what the modules give, when they are there"
in_tree conv-cli kernel show -q --image /root/kernel.png gaussian && { echo "drawn without OpenCV"; exit 1; }
install_in_tree '/opt/conv-cli-open*.deb'
in_tree conv-cli kernel show -q --image /root/kernel.png gaussian
[ -s "$tree/root/kernel.png" ]
in_tree conv-cli devices | tee "$folder/devices"
grep -q 'opencl .*no OpenCL driver is installed' "$folder/devices"  # the module is there, and says what lacks
for file in man/man1/conv-cli.1.gz bash-completion/completions/conv-cli doc/conv-cli/copyright; do
    # minbase leaves manual pages out, except where it is told to keep them.
    in_tree sh -c "dpkg -L conv-cli | grep -qx /usr/share/$file" || { echo "missing: $file"; exit 1; }
done

echo "== a program built with the library"
install_in_tree '/opt/libconv-dev_*.deb' g++ cmake make
in_tree sh -c 'cd /usr/include && find conv -name "*.hpp" -printf "#include <%p>\n" | sort' >"$tree/root/package/headers.cpp"
in_tree sh -c 'cd /root/package && cmake -S . -B build >/dev/null && cmake --build build >/dev/null && build/uses_conv'
in_tree sh -c 'cd /root/package && g++ -std=c++20 main.cpp -o by_pkg_config $(pkg-config --cflags --libs conv) && ./by_pkg_config'

echo "== nothing is left behind"
in_tree dpkg --purge libconv-dev conv-cli-opencl conv-cli-opencv conv-cli >"$folder/log" 2>&1
if in_tree sh -c 'ls -d /usr/lib/conv-cli /usr/bin/conv-cli /usr/include/conv 2>/dev/null'; then exit 1; fi
echo "passed"
