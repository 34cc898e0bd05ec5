#!/usr/bin/env bash
# batch_kill_test.sh at length: 300 pictures, 50 kills. usage: batch_kill_full.sh CONV_CLI
set -euo pipefail
tests=$(realpath "$(dirname "$0")")
exec "$tests/batch_kill_test.sh" "$1" "$tests/../sample_images" 50 300
