#!/usr/bin/env bash
# Peak resident memory (VmHWM) of whole commands: pictures larger than memory, and --max-memory in many
# settings, where the peak must stay under it or the command refuse. Prints the table of
# docs/benchmarks.md, "Memory"; ends with 1 where a promise is broken.
#
#   tools/bench-memory.sh [--large] [PROGRAM]      --large: also 3.6 Gpx, which takes long
set -euo pipefail
cd "$(dirname "$0")/.."
large=
[ "${1:-}" = --large ] && { large=1; shift; }
program=$(realpath "${1:-build/conv-cli}")
[ -x /usr/bin/time ] || { echo "install the package time" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
broken=0

# measure NAME MOST_MIB COMMAND...: one row of the table; more than MOST_MIB breaks the promise.
measure() {
    local name=$1 most=$2 code=0
    shift 2
    /usr/bin/time -f '%M %e' -o figures "$@" 2>said || code=$?
    read -r kib seconds < <(tail -n 1 figures)
    local verdict="$((kib / 1024)) MiB"
    if [ $code != 0 ]; then
        verdict="refused"
        if [ $code != 1 ] || [ "$(wc -l <said)" != 1 ] || [ -e out.tif ] || [ -e out.pgm ]; then
            cat said >&2
            verdict="FAILED ($code)" broken=1
        fi
    fi
    [ "$kib" -le $((most * 1024)) ] || { verdict="$verdict, TOO MUCH" broken=1; }
    echo "| $name | $most | $verdict | $seconds |"
}
head_of() { echo; echo "### $1"; echo; echo "| command | at most, MiB | peak | seconds |"; echo "|---|---:|---:|---:|"; }

# pixels COUNT: that many bytes that are neither constant nor noise.
pixels() { yes 'a row of a picture, as good as any: 0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ' | head -c "$1" || true; }
grey() { printf 'P5\n%s %s\n255\n' "$1" "$2"; pixels $(($1 * $2)); }

apply() { "$program" apply -q "$@"; }
grey 8000 8000 | apply -k identity --tiff-layout tiles --tiff-compression none - tif:tiles.tif
grey 8000 8000 | apply -k identity --tiff-layout strips --tiff-compression deflate - tif:strips.tif
grey 2000 3000 >small.pgm
apply -k identity small.pgm small.png
apply -k identity --tiff-compression lzw --tiff-layout tiles small.pgm small.tif
apply -k identity small.pgm small.npy
apply -k identity --quality 90 small.pgm small.jpg
apply -k identity --depth f32 small.pgm small.pfm
apply -k identity small.pgm small.webp
apply -k identity small.pgm small.bmp
awk 'BEGIN { srand(1); print "scale: 1/113"; for (r = 0; r < 15; ++r) { for (s = 0; s < 15; ++s) printf "%.6f ", rand(); print "" } }' >k15.txt

head_of "A picture of 64 Mpx"
measure "TIFF tiles 8000 x 8000, sharpen" 60 "$program" apply -q -k sharpen tiles.tif out.tif
measure "TIFF strips 8000 x 8000, deflate, sharpen" 60 "$program" apply -q -k sharpen strips.tif out.tif
rm -f out.*

head_of "\`--max-memory\` in many settings"
for budget in 32 48 64 96; do
    for input in small.pgm small.png small.tif small.npy small.jpg small.pfm small.webp small.bmp; do
        for kernel in sharpen gaussian:sigma=8 k15.txt; do
            output=out.${input##*.}
            measure "$input, $kernel" $budget "$program" apply -q --max-memory ${budget}M -k $kernel $input $output
            rm -f "$output"
        done
    done
    measure "OpenCV's codecs, small.png" $((2 * budget)) "$program" apply -q --codec opencv --max-memory $((2 * budget))M -k sharpen small.png out.png
    measure "wrapping border, small.tif" $budget "$program" apply -q --max-memory ${budget}M --border wrap -k k15.txt small.tif out.tif
    measure "rescale, small.pgm" $budget "$program" apply -q --max-memory ${budget}M --range rescale -k laplacian small.pgm out.pgm
    rm -f out.*
done

head_of "Pages, and pictures of unusual sides"
for pages in 20 500; do
    (printf '\x93NUMPY\x01\x00v\x00'
     printf '%-117s\n' "{'descr': '<u2', 'fortran_order': False, 'shape': ($pages, 1, 512, 512), }"
     pixels $((pages * 512 * 512 * 2))) >stack.npy
    apply -k identity --tiff-compression none stack.npy stack.tif
    measure "TIFF of $pages pages of 512 x 512, 16 bits" 60 "$program" apply -q -k sharpen stack.tif out.tif
    rm -f stack.npy
done
grey 1000000 500 >wide.pgm
measure "PGM of 1,000,000 x 500, 15 x 15" 256 "$program" apply -q --max-memory 256M -k k15.txt wide.pgm out.pgm
rm -f wide.pgm out.pgm
grey 500 1000000 >high.pgm
measure "PGM of 500 x 1,000,000, 15 x 15" 64 "$program" apply -q --max-memory 64M -k k15.txt high.pgm out.pgm
rm -f high.pgm out.pgm
if command -v raw2tiff >/dev/null; then
    pixels $((300 * 51536)) >rows.raw
    raw2tiff -w 300 -l 51536 -r 1 -c none rows.raw rows.tif
    measure "TIFF of 51,536 strips of one row, sharpen" 60 "$program" apply -q -k sharpen rows.tif out.tif
    rm -f rows.* out.tif
fi
if [ -n "$large" ]; then
    head_of "Larger than memory"
    grey 30000 30000 >large.pgm
    measure "PGM of 30,000 x 30,000, 15 x 15" 256 "$program" apply -q --max-memory 256M -k k15.txt large.pgm out.pgm
    rm -f large.pgm out.pgm
    grey 60000 60000 | apply -k identity --tiff-layout tiles --tiff-compression deflate - tif:large.tif
    measure "BigTIFF of 60,000 x 60,000, deflated tiles, 15 x 15" 256 "$program" apply -q --max-memory 256M -k k15.txt large.tif out.tif
fi
exit $broken
