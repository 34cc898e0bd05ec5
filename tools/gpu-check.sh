#!/usr/bin/env bash
# Everything that needs a GPU, in one call on a machine that has one and builds: the bundle of
# tools/gpu-bundle.sh for its architecture, that bundle's run.sh, and the program on the device.
#
#   tools/gpu-check.sh [cuda|opencl] [FIGURES]       default: cuda out/benchmarks-cuda.md
set -euo pipefail
cd "$(dirname "$0")/.."

backend=${1:-cuda}
figures=${2:-out/benchmarks-$backend.md}
bundle=out/gpu-check-$backend
case $backend in
    cuda)
        architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
        options=(--architectures "$architecture")
        ;;
    opencl) options=(--without-cuda) ;;
    *) echo "unknown backend $backend, use cuda or opencl" >&2; exit 2 ;;
esac
mkdir -p out
tools/gpu-bundle.sh "${options[@]}" --output "$bundle"
"$bundle/run.sh" "$backend" "$figures"

echo "== the program"
cmake --build build-portable --target conv-cli
for method in igemm direct im2col gemm; do
    build-portable/conv-cli apply -v --device "$backend" --method "$method" --kernel sharpen \
        sample_images/scene.png "out/scene-$backend-$method.png"
done
build-portable/conv-cli apply -v --verify --device "$backend" --kernel gaussian:sigma=2 \
    sample_images/scene.png "out/scene-$backend-verified.png"
build-portable/conv-cli compare --device auto --kernel gaussian:sigma=2 sample_images/scene.png
