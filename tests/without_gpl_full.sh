#!/usr/bin/env bash
# without_gpl_full.sh PROGRAM: a build without GPL libraries links none of them, filters as PROGRAM does,
# and refuses `fft` by name.
set -euo pipefail
program=$(realpath "$1")
source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cd "$source"
. tools/setup.sh
build "$folder/build" -DCONV_WITH_GPL=OFF -DCONV_WITH_OPENCL=OFF -DCONV_WITH_CUDA=OFF -DCONV_BUILD_TESTS=OFF \
    -DCONV_BUILD_BENCH=OFF -- conv-cli
free=$folder/build/conv-cli

ldd "$free" | grep -E 'fftw|exiv2|gsl' && { echo "a GPL library is linked" >&2; exit 1; }
"$free" devices | grep -q 'FFTW.*not in this build' || { echo "devices does not say it" >&2; exit 1; }
cd "$folder"
for kernel in sharpen gaussian:sigma=2 disk:radius=3; do
    "$free" apply -q --method direct -k "$kernel" "$source/sample_images/scene.png" free.ppm
    "$program" apply -q --method direct -k "$kernel" "$source/sample_images/scene.png" full.ppm
    cmp free.ppm full.ppm
done
"$free" apply -q -k disk:radius=20 "$source/sample_images/scene.png" wide.ppm
if "$free" apply -q --method fft -k sharpen "$source/sample_images/scene.png" none.ppm 2>error; then
    echo "fft did not refuse" >&2
    exit 1
fi
[ "$(wc -l <error)" = 1 ] && grep -q 'fft.*no FFTW' error && [ ! -e none.ppm ]
