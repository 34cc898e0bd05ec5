#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test through ctest.
# use: tools/test.sh [OPTION OF CMAKE...], as -DCONV_WITH_CUDA=ON
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

echo "Three steps: packages, build, tests. On two free cores about 13 minutes, 8 after tools/demo.sh."
install_packages "${build_packages[@]}" "${test_packages[@]}"
build build "${test_options[@]}" -DCONV_BUILD_TESTS=ON -DCONV_BUILD_BENCH=OFF "$@"
ctest --test-dir build --output-on-failure --no-tests=error
