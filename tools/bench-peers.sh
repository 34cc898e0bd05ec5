#!/usr/bin/env bash
# conv_bench's rows beside peers that live on PyPI (OpenCV 5, onnxruntime, SciPy, libvips), in turns, on
# one thread and on all. Prints the tables of docs/benchmarks.md, "The newest peers". The peers are
# installed into build/peers; nothing else is touched.
#
#   tools/bench-peers.sh [--rows REGEX] [--rounds N]      as bench/peers.py has them
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

install_packages "${build_packages[@]}" python3-venv
build build -DCONV_BUILD_BENCH=ON
if [ ! -x build/peers/bin/python ]; then
    python3 -m venv build/peers
    build/peers/bin/pip install --quiet 'opencv-python-headless>=5' onnx onnxruntime scipy pyvips-binary pyvips
fi
threads=(1)
[ "$(nproc)" -eq 1 ] || threads+=("$(nproc)")
for count in "${threads[@]}"; do
    build/peers/bin/python bench/peers.py build/bench/conv_bench --threads "$count" "$@"
    echo
done
