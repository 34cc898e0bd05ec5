#!/usr/bin/env bash
# Makes a folder and a tarball that check and measure a GPU on any x86-64 Linux with its driver and
# nothing else: copy it there and start run.sh. No GPU is needed here.
#
#   tools/gpu-bundle.sh [--architectures LIST] [--with-cublas | --without-cuda] [--output FOLDER]
#
#   --architectures  of the CUDA device code, default "80 90 120"; newer ones compile the last for themselves
#   --with-cublas    carries cuBLAS too (600 MB); else it is taken from the target, and where that has none
#                    gemm and im2col are left out
#   --without-cuda   for OpenCL alone; else nvcc is needed
#   --output         default out/conv-gpu-bundle
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
. tools/portable.sh

architectures=$default_architectures with_cublas= cuda=yes folder=out/conv-gpu-bundle
most_mebibytes=60
while [ $# -gt 0 ]; do
    case $1 in
        --architectures) architectures=${2:?}; shift ;;
        --with-cublas) with_cublas=yes ;;
        --without-cuda) cuda= ;;
        --output) folder=${2:?}; shift ;;
        *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
    esac
    shift
done

[ -n "$cuda" ] || nvcc=
if [ -n "$cuda" ] && [ -z "$nvcc" ]; then
    echo "nvcc is not on the PATH: install the CUDA toolkit, or use --without-cuda" >&2
    exit 1
fi
if command -v apt-get >/dev/null; then
    install_packages "${build_packages[@]}" "${test_packages[@]}" binutils
fi
modules=(conv_openblas conv_opencl ${cuda:+conv_cuda})
build_portable "$architectures" conv_core_tests conv_device_bench "${modules[@]}"

new_tree "$folder"
install -m 755 tools/gpu-bundle/* "$folder/"
install -s -m 755 "$portable_tree/tests/conv_core_tests" "$portable_tree/bench/conv_device_bench" "$folder/bin/"
carry_modules "$folder" "${modules[@]}"
carry_libraries "$folder/lib" "$folder"/bin/* "$folder"/lib/conv-cli/*
install -m 644 LICENSE "$folder/"
git rev-parse --short=12 HEAD >"$folder/revision" 2>/dev/null || rm -f "$folder/revision"

if [ -n "$with_cublas" ]; then
    libraries=$(dirname "$(realpath "$nvcc")")/../lib64
    for name in libcublas libcublasLt; do
        for library in "$libraries/$name".so.[0-9]*; do
            case ${library##*.so.} in *.*) continue ;; esac
            install -m 755 "$(realpath "$library")" "$folder/lib/$(basename "$library")"
        done
    done
elif [ "$(mebibytes "$folder")" -gt $most_mebibytes ]; then
    echo "$folder is $(mebibytes "$folder") MiB, more than $most_mebibytes" >&2
    exit 1
fi
finish_tree "$folder"
