#!/usr/bin/env bash
# shard_kill_test.sh at length: 50 kills. usage: shard_kill_full.sh CONV_CLI
set -euo pipefail
exec "$(dirname "$0")/shard_kill_test.sh" "$1" 50
