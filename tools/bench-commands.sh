#!/usr/bin/env bash
# Whole commands beside other programs', as a user waits for them: wall time (best and median), CPU time
# and peak memory, every contender once a round. Prints the tables of docs/benchmarks.md, "Whole commands".
#
#   tools/bench-commands.sh [ROUNDS] [TITLES]      default: 7, all; TITLES: only tables whose title matches
#                                                  the regular expression
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

rounds=${1:-7} titles=${2:-}
install_packages "${build_packages[@]}" imagemagick graphicsmagick gmic libvips-tools time
build build -DCONV_BUILD_BENCH=ON
program=$PWD/build/conv-cli opencv=$PWD/build/bench/opencv_command
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

threads=$(nproc)
echo "$(date +%F), $(sed -n 's/^model name\t: //p' /proc/cpuinfo | head -n 1), $threads threads," \
    "load $(cut -d' ' -f1 /proc/loadavg); $rounds rounds in turns; seconds: best (median)."

# The sample scene, enlarged: a photograph's sizes with a drawing's and a noise's content.
scene=$OLDPWD/sample_images/scene.png
make_picture() { convert-im6.q16 "$scene" -resize "$1!" -attenuate 0.3 +noise Gaussian -depth 8 "$2"; }
make_picture 4032x3024 photo.png
convert-im6.q16 photo.png -quality 92 -sampling-factor 4:2:0 photo.jpg
make_picture 4096x4096 large.ppm
make_picture 600x400 small.jpg
make_picture 6000x4000 big.jpg
make_picture 3000x2000 middle.jpg
"$program" kernel convert disk:radius=7 disk.mat >/dev/null
convert-im6.q16 large.ppm -resize 8000x8000! -colorspace Gray -depth 8 -define tiff:tile-geometry=256x256 -compress none tiled.tif
random_kernel() {
    awk -v n="$1" 'BEGIN { srand(1); print "shape: " n " " n; print "scale: " 2 / (n * n)
        for (r = 0; r < n; ++r) { for (s = 0; s < n; ++s) printf "%.6f ", rand(); print "" } }'
}
for size in 3 7 15 31; do random_kernel $size >k$size.txt; done
printf '3 3 1 0\n0 -1 0\n-1 5 -1\n0 -1 0\n' >sharpen.mat

# one FILE NAME COMMAND...: appends "seconds cpu-seconds MiB" of one run.
one() {
    local name=$1
    shift
    local start=$EPOCHREALTIME
    /usr/bin/time -f '%U %S %M' -o figures "$@" >/dev/null 2>&1 || { echo "failed: $*" >&2; exit 1; }
    awk -v wall=$((${EPOCHREALTIME/./} - ${start/./})) '{ print wall / 1e6, $1 + $2, $3 / 1024 }' figures >>"$name.runs"
}

# summary NAME: "best (median), CPU, MiB" of its runs.
summary() {
    sort -n "$1.runs" | awk '{ wall[NR] = $1; cpu[NR] = $2; memory = $3 > memory ? $3 : memory }
        END { printf "%.3f (%.3f) | %.2f | %.0f", wall[1], wall[int((NR + 1) / 2)], cpu[int((NR + 1) / 2)], memory }'
}

# table TITLE, then lines "name|command" on standard input.
table() {
    local title=$1 names=() commands=() name command i
    while IFS='|' read -r name command; do
        names+=("$name") commands+=("$command")
    done
    [[ $title =~ $titles ]] || return 0
    rm -f ./*.runs
    for ((i = 0; i < rounds * ${#names[@]}; ++i)); do
        local at=$((i % ${#names[@]}))
        one "c$at" bash -c "exec ${commands[$at]}"
    done
    echo
    echo "### $title"
    echo
    echo "| command | seconds: best (median) | CPU | MiB |"
    echo "|---|---:|---:|---:|"
    for i in "${!names[@]}"; do echo "| ${names[$i]} | $(summary "c$i") |"; done
}

table "Start" <<LINES
\`true\`|true
\`conv-cli --version\`|$program --version
\`convert -version\`|convert-im6.q16 -version
LINES
table "A JPEG of 600 x 400, 3 x 3" <<LINES
conv-cli|$program apply -q -k k3.txt small.jpg out.jpg
ImageMagick|convert-im6.q16 small.jpg -morphology Convolve Gaussian:1x1 out-im.jpg
GraphicsMagick|gm convert small.jpg -convolve 1,2,1,2,4,2,1,2,1 out-gm.jpg
libvips|vips conv small.jpg out-vips.jpg sharpen.mat
LINES
table "A JPEG of 4032 x 3024, 3 x 3" <<LINES
conv-cli|$program apply -q -k k3.txt photo.jpg out.jpg
OpenCV program|$opencv 3 photo.jpg out-cv.jpg
libvips|vips conv photo.jpg out-vips.jpg sharpen.mat
ImageMagick|convert-im6.q16 photo.jpg -morphology Convolve Gaussian:1x1 out-im.jpg
LINES
table "A PNG of 4032 x 3024, 3 x 3" <<LINES
conv-cli|$program apply -q -k k3.txt photo.png out.png
OpenCV program|$opencv 3 photo.png out-cv.png
OpenCV program, no filter|$opencv 0 photo.png out-cv0.png
libvips|vips conv photo.png out-vips.png sharpen.mat
LINES
if [ -e out-cv.png ]; then
    echo
    echo "Sizes in bytes: conv-cli $(stat -c %s out.png), OpenCV program $(stat -c %s out-cv.png)."
fi
for size in 3 7 15 31; do
    table "A PPM of 4096 x 4096 RGB, $size x $size" <<LINES
conv-cli|$program apply -q -k k$size.txt large.ppm out.ppm
OpenCV program|$opencv $size large.ppm out-cv.ppm
LINES
done
table "A tiled TIFF of 8000 x 8000, sharpen" <<LINES
conv-cli|$program apply -q -k sharpen tiled.tif out.tif
libvips|vips conv tiled.tif out-vips.tif[tile] sharpen.mat
LINES
table "A JPEG of 24 Mpx, unsharp mask of radius 2" <<LINES
conv-cli|$program apply -q -k unsharp:sigma=2 big.jpg out.jpg
libvips|vips sharpen big.jpg out-vips.jpg --sigma 2
ImageMagick|convert-im6.q16 big.jpg -unsharp 0x2 out-im.jpg
LINES
table "A JPEG of 3000 x 2000, unsharp mask of radius 2" <<LINES
conv-cli|$program apply -q -k unsharp:sigma=2 middle.jpg out.jpg
libvips|vips sharpen middle.jpg out-vips.jpg --sigma 2
G'MIC|gmic -v 0 middle.jpg -unsharp 2 -o out-gmic.jpg
ImageMagick|convert-im6.q16 middle.jpg -unsharp 0x2 out-im.jpg
LINES
table "A JPEG of 3000 x 2000, Gaussian blur of sigma 5" <<LINES
conv-cli|$program apply -q -k gaussian:sigma=5 middle.jpg out.jpg
libvips|vips gaussblur middle.jpg out-vips.jpg 5
G'MIC|gmic -v 0 middle.jpg -blur 5 -o out-gmic.jpg
ImageMagick|convert-im6.q16 middle.jpg -blur 0x5 out-im.jpg
LINES
table "A JPEG of 3000 x 2000, disk of 15 x 15" <<LINES
conv-cli|$program apply -q -k disk:radius=7 middle.jpg out.jpg
libvips|vips conv middle.jpg out-vips.jpg disk.mat
ImageMagick|convert-im6.q16 middle.jpg -morphology Convolve Disk:7 out-im.jpg
LINES
