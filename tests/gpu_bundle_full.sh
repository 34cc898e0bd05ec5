#!/usr/bin/env bash
# gpu_bundle_full.sh: the tree that tools/gpu-bundle.sh makes starts where there is glibc and nothing
# else: the processor's part passes, the device's part says what is missing, and the end is 1. So does
# conv-cli as tools/relocatable.sh makes it. Skipped (77) where there is no nvcc, no root to change the
# root folder, or no static busybox for the empty tree's shell.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

skip() { echo "skipped: $*"; exit 77; }
command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ] || skip "there is no nvcc"
[ "$(id -u)" = 0 ] || skip "only root changes the root folder"
install_packages busybox-static || skip "there is no static busybox"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# empty_tree FOLDER: the loader and glibc's libraries, a shell and its tools without libraries.
empty_tree() {
    local library
    mkdir -p "$1"/{bin,dev,proc,tmp,lib64,lib/x86_64-linux-gnu}
    install /bin/busybox "$1/bin/busybox"
    "$1/bin/busybox" --install -s "$1/bin"
    # Links of busybox name the place where it stood.
    find "$1/bin" -type l -exec ln -sf busybox {} \;
    for library in $(dpkg -L libc6 | grep '/lib/x86_64-linux-gnu/[^/]*\.so'); do
        install -m 755 "$(realpath "$library")" "$1/lib/x86_64-linux-gnu/$(basename "$library")"
    done
    ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$1/lib64/ld-linux-x86-64.so.2"
    : >"$1/dev/null"
}
# inside TREE COMMAND: with /proc, in which the programs find their own folder.
inside() {
    unshare --mount sh -c 'mount -t proc proc "$0/proc" && mount --bind /dev/null "$0/dev/null" &&
        exec chroot "$0" /bin/env -i PATH=/bin HOME=/tmp "$@"' "$@"
}

echo "== the bundle in an empty tree"
tools/gpu-bundle.sh --output "$folder/conv-gpu-bundle"
empty_tree "$folder/tree"
inside "$folder/tree" true || skip "this machine lets nobody change the root folder"
# Unpacked from the tarball, under a path that no build has seen.
mkdir "$folder/tree/some where"
tar -C "$folder/tree/some where" -xzf "$folder/conv-gpu-bundle.tar.gz"
status=0
inside "$folder/tree" sh -c 'cd /tmp && "/some where/conv-gpu-bundle/run.sh"' >"$folder/log" 2>&1 || status=$?
tail -n 12 "$folder/log"
[ $status = 1 ] || { cat "$folder/log"; echo "run.sh ended with $status, not 1"; exit 1; }
grep -q '^  processor: passed$' "$folder/log"
grep -q '^  device cuda: MISSING' "$folder/log"
grep -q 'skipped: device cuda: no CUDA driver is installed' "$folder/log"
! grep -q FAILED "$folder/log"

echo "== conv-cli in an empty tree"
tools/relocatable.sh --output "$folder/conv-cli-tree"
tar -C "$folder/tree/some where" -xzf "$folder/conv-cli-tree.tar.gz"
cp sample_images/scene.png "$folder/tree/tmp/"
program="/some where/conv-cli-tree/bin/conv-cli"
inside "$folder/tree" sh -c "cd /tmp && '$program' apply -k sharpen --method gemm scene.png out.png &&
    '$program' apply -k gaussian:sigma=2 scene.png out.jpg && '$program' devices" >"$folder/log" 2>&1 ||
    { cat "$folder/log"; exit 1; }
[ -s "$folder/tree/tmp/out.png" ] && [ -s "$folder/tree/tmp/out.jpg" ]
grep -q 'OpenBLAS' "$folder/log"
cp "$folder/tree/tmp/scene.png" "$folder/in.png"
"${1:-build/conv-cli}" apply -k sharpen --method gemm "$folder/in.png" "$folder/out.png"
cmp "$folder/out.png" "$folder/tree/tmp/out.png"
# Through a link, and moved.
mv "$folder/tree/some where" "$folder/tree/moved"
ln -s /moved/conv-cli-tree/bin/conv-cli "$folder/tree/bin/conv"
inside "$folder/tree" sh -c 'cd /tmp && conv apply -k sharpen --method gemm scene.png again.png'
cmp "$folder/out.png" "$folder/tree/tmp/again.png"
echo "passed"
