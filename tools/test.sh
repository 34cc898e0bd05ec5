#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test through ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

install_packages "${build_packages[@]}" "${test_packages[@]}"
build build -DCONV_BUILD_TESTS=ON -DCONV_BUILD_BENCH=OFF -DCONV_ASSERTIONS=ON
ctest --test-dir build --output-on-failure --no-tests=error
