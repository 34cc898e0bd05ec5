#!/usr/bin/env bash
# Makes conv-cli as a folder and a tarball that start from any folder of an x86-64 Linux: the program,
# its modules and every shared library that they need but glibc and the GPU drivers'. Without what is GPL
# and without OpenCV, which brings half a desktop: EXR, HDR and drawings in PNG want a packaged build.
#
#   tools/relocatable.sh [--output FOLDER]      default: out/conv-cli-VERSION-x86_64
#
# CUDA devices are served where nvcc is on the PATH of this machine (cuBLAS is taken from the target).
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
. tools/portable.sh

folder=out/conv-cli-$(version)-x86_64
case ${1:-} in
    "") ;;
    --output) folder=${2:?} ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac

if command -v apt-get >/dev/null; then install_packages "${build_packages[@]}" binutils; fi
modules=(conv_openblas conv_opencl ${nvcc:+conv_cuda})
build_portable "$default_architectures" conv-cli documents "${modules[@]}"

new_tree "$folder"
install -s -m 755 "$portable_tree/conv-cli" "$folder/bin/"
carry_modules "$folder" "${modules[@]}"
carry_libraries "$folder/lib" "$folder"/bin/* "$folder"/lib/conv-cli/*
install -D -m 644 "$portable_tree/documents/conv-cli.1" "$folder/share/man/man1/conv-cli.1"
install -D -m 644 "$portable_tree/documents/conv-cli.bash" \
    "$folder/share/bash-completion/completions/conv-cli"
install -m 644 LICENSE README.md "$folder/"
finish_tree "$folder"
