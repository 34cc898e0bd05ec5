#!/usr/bin/env bash
# From a clone to a filtered picture: installs what is missing, builds, filters a sample with every
# method and checks that they agree. Run again, it only does what is not done yet.
# use: tools/demo.sh [OPTION OF CMAKE...], as -DCONV_WITH_CUDA=ON
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

echo "Three steps: packages, build, filter. On two free cores about 5 minutes."
install_packages "${build_packages[@]}"
build build -DCONV_BUILD_TESTS=OFF -DCONV_BUILD_BENCH=OFF -DCONV_WITH_CUDA=OFF "$@" -- \
    conv-cli modules documents

program=build/conv-cli
picture=sample_images/scene.png
kernel=sample_images/kernels/emboss.txt
mkdir -p out

for method in naive im2col gemm auto; do
    result=out/scene-emboss-$method.png
    if [ ! "$result" -nt "$program" ]; then
        "$program" apply --quiet --kernel "$kernel" --method "$method" "$picture" "$result"
    fi
    # The kernel's numbers are small integers, so every method's sums are exact: the same bytes.
    cmp out/scene-emboss-naive.png "$result"
    echo "$method: $result"
done
echo "All methods agree. The original is $picture."
