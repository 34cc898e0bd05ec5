#!/usr/bin/env bash
# Everything that needs a GPU, in one call on a machine that has one: builds for its architecture,
# runs the tests with the device required, checks a few problems with compute-sanitizer (memory, races,
# barriers), compares all devices on a picture, measures every method with compute and transfers apart, and writes the figures in the form of
# docs/benchmarks.md.
#
#   tools/gpu-check.sh [cuda|opencl] [FIGURES]       default: cuda out/benchmarks-cuda.md
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

backend=${1:-cuda}
figures=${2:-out/benchmarks-$backend.md}
directory=build-gpu-$backend

options=(-DCONV_BUILD_TESTS=ON -DCONV_BUILD_BENCH=ON)
case $backend in
    cuda)
        nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv
        architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
        options+=(-DCONV_WITH_CUDA=ON "-DCMAKE_CUDA_ARCHITECTURES=$architecture")
        ;;
    opencl) options+=(-DCONV_WITH_OPENCL=ON) ;;
    *) echo "unknown backend $backend, use cuda or opencl" >&2; exit 2 ;;
esac

echo "== build"
if command -v apt-get >/dev/null; then
    install_packages "${build_packages[@]}" "${test_packages[@]}"
fi
build "$directory" "${options[@]}"

echo "== tests"
"$directory/tests/conv_tests" --require-device "$backend"

if [ "$backend" = cuda ]; then
    echo "== compute-sanitizer"
    if command -v compute-sanitizer >/dev/null; then
        for tool in memcheck racecheck synccheck; do
            compute-sanitizer --tool $tool --error-exitcode 1 "$directory/tests/conv_tests" \
                --require-device cuda \
                --test-case="methods: the worked examples*,methods: an impulse*,methods: every sample*,devices: 8-bit*,verify: every device*"
        done
    else
        echo "skipped: compute-sanitizer is not on the PATH"
    fi
fi

echo "== the program"
mkdir -p out
for method in direct im2col gemm; do
    "$directory/conv-cli" apply -v --verify --device "$backend" --method "$method" \
        --kernel gaussian:sigma=2 sample_images/scene.png "out/scene-$backend-$method.png"
done

"$directory/conv-cli" compare --device auto --kernel gaussian:sigma=2 sample_images/scene.png

echo "== figures"
{
    echo "## $backend, $(date +%F)"
    echo
    "$directory/bench/conv_device_bench" --device "$backend:0"
} | tee "$figures"
echo "The figures are in $figures."
