#!/usr/bin/env bash
# Many pictures: conv-cli batch beside mogrify, a shell loop over vips and one over apply. All contenders
# take the same slice of the pictures in turns, so that what else the machine does meets all of them alike.
# Prints the tables of docs/benchmarks.md, "Many pictures".
#
#   tools/bench-batch.sh [SMALL [LARGE [PROGRAM]]]      default: 2000 JPEGs of 600 x 400, 200 PNG and
#                                                       JPEG of 1920 x 1080, build/conv-cli
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

small=${1:-2000} large=${2:-200}
install_packages imagemagick libvips-tools time
[ $# -ge 3 ] || { install_packages "${build_packages[@]}"; build build; }
program=$(realpath "${3:-build/conv-cli}")
scene=$PWD/sample_images/scene.png
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

threads=$(nproc)
echo "$(date +%F), $(sed -n 's/^model name\t: //p' /proc/cpuinfo | head -n 1), $threads threads," \
    "load $(cut -d' ' -f1 /proc/loadavg)"

printf '3 3 1 0\n0 -1 0\n-1 5 -1\n0 -1 0\n' >sharpen.mat
kernel=(-k sharpen)
morphology='3x3: 0,-1,0 -1,5,-1 0,-1,0'

# picture SIZE NUMBER OUTPUT: one of ten, each another part of the scene with noise.
picture() {
    convert-im6.q16 "$scene" -resize "$1!" -roll "+$(($2 * 37))+$(($2 * 23))" -attenuate 0.2 +noise Gaussian \
        -quality 90 -depth 8 "$3"
}
# seconds NAME COMMAND...: adds "wall cpu" to NAME.runs.
seconds() {
    local name=$1
    shift
    /usr/bin/time -f '%e %U %S' -o figures "$@" >/dev/null 2>words || { cat words >&2; exit 1; }
    awk '{ print $1, $2 + $3 }' figures >>"$name.runs"
}

# contest TITLE LIST SLICES NAME...: every contender on every slice of the list, then a table.
contest() {
    local title=$1 list=$2 slices=$3 name
    shift 3
    rm -f ./*.runs
    split -n "l/$slices" -d "$list" part-
    for slice in part-*; do
        cp "$slice" slice
        for name in "$@"; do
            rm -rf out
            mkdir out
            case $name in
                batch) seconds "$name" "$program" batch -q "${kernel[@]}" -o 'out/{name}' --from-file slice ;;
                batch-1) seconds "$name" "$program" batch -q "${kernel[@]}" -o 'out/{name}' --from-file slice \
                    --threads 1 --report report.jsonl --resume ;;
                mogrify) seconds "$name" xargs -a slice mogrify -path out -morphology Convolve "$morphology" ;;
                vips) seconds "$name" bash -c \
                    'while read -r f; do vips conv "$f" "out/${f##*/}" sharpen.mat; done <slice' ;;
                apply) seconds "$name" bash -c \
                    "while read -r f; do '$program' apply -q -k sharpen \"\$f\" \"out/\${f##*/}\"; done <slice" ;;
            esac
        done
    done
    rm part-*
    local count
    count=$(wc -l <"$list")
    echo
    echo "$title"
    echo
    echo "| contender | wall, s | CPU, ms a picture | wall, ratio to batch | CPU, ratio to batch |"
    echo "|---|---:|---:|---:|---:|"
    for name in "$@"; do
        paste "$name.runs" batch.runs | awk -v name="$name" -v n="$count" '
            { wall += $1; cpu += $2; own_wall += $3; own_cpu += $4 }
            END { printf "| %s | %.1f | %.1f | %.2f | %.2f |\n", name, wall, cpu * 1e3 / n, wall / own_wall, cpu / own_cpu }'
    done
    [ ! -e report.jsonl ] || awk -v RS=, -F: '
        /"read":/ { for (i = 1; i < NF; ++i) if ($i ~ /"read"/) read += $(i + 1) }
        /^ *"filter":/ { filter += $2 }
        /^ *"write":/ { write += $2 }
        END { printf "\nbatch-1: reading, filtering and writing take %.3f of reading and writing.\n",
              (read + filter + write) / (read + write) }' report.jsonl
    rm -f report.jsonl
}

mkdir small large
for i in $(seq 0 9); do picture 600x400 "$i" "s$i.jpg"; done
for ((i = 0; i < small; ++i)); do cp "s$((i % 10)).jpg" "small/$i.jpg"; done
for i in $(seq 0 4); do picture 1920x1080 "$i" "l$i.jpg" && picture 1920x1080 "$i" "l$i.png"; done
for ((i = 0; i < large; ++i)); do
    kind=$([ $((i % 2)) = 0 ] && echo jpg || echo png)
    cp "l$((i / 2 % 5)).$kind" "large/$i.$kind"
done
find small -type f | sort >small.list
find large -type f | sort >large.list

contest "$small JPEGs of 600 x 400, sharpen" small.list 10 batch batch-1 mogrify vips apply
contest "$large PNG and JPEG of 1920 x 1080, sharpen" large.list 10 batch batch-1 mogrify vips
