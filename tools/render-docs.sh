#!/usr/bin/env bash
# Makes every picture in docs/ again, from sample_images/ with the program itself. Needs ImageMagick
# (convert-im6.q16) to put two halves side by side, and chromium to take a picture of the page.
set -euo pipefail
cd "$(dirname "$0")/.."

program=build/conv-cli
images=docs/images
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$images"

"$program" apply -q -k sample_images/kernels/emboss.txt sample_images/scene.png "$scratch/emboss.png"
convert-im6.q16 sample_images/scene.png -crop 50%x100%+0+0 +repage "$scratch/left.png"
convert-im6.q16 "$scratch/emboss.png" -crop 50%x100%+320+0 +repage "$scratch/right.png"
convert-im6.q16 "$scratch/left.png" "$scratch/right.png" +append \
    -fill white -draw 'rectangle 319,0 320,479' "$images/before-after.png"

"$program" kernel list --gallery "$scratch/gallery.png" --input sample_images/scene.png >/dev/null
convert-im6.q16 "$scratch/gallery.png" -resize 70% -quality 85 "$images/gallery.jpg"
"$program" kernel show log:sigma=1.4 --image "$images/kernel-log.svg" >/dev/null
"$program" explain -k "9 8; 7 6" --input "1 2 3; 4 5 6; 7 8 9" --padding valid \
    --svg "$images/explain-im2col.svg" >/dev/null
"$program" explain -k "9 8; 7 6" --input "1 2 3; 4 5 6; 7 8 9" --padding valid --lowering rows \
    --svg "$images/explain-rows.svg" >/dev/null
rows=$(awk 'BEGIN { for (r = 0; r < 9; ++r) for (c = 0; c < 12; ++c) printf "%d%s", (r * c + c) % 10, c < 11 ? " " : r < 8 ? "; " : "" }')
"$program" explain -k "1 2 1; 2 4 2; 1 2 1" --input "$rows" --padding valid --lowering toeplitz \
    --svg "$images/explain-toeplitz.svg" >/dev/null
"$program" explain -q -k "9 8; 7 6" --input "1 2 3; 4 5 6; 7 8 9" --padding valid --html "$scratch/page.html"
chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$scratch/profile" --hide-scrollbars \
    --window-size=900,890 --screenshot="$scratch/page.png" "file://$scratch/page.html#im2col" 2>/dev/null
convert-im6.q16 "$scratch/page.png" -trim -bordercolor white -border 12 +dither -colors 64 "$images/explain-page.png"
"$program" compare -k gaussian:sigma=2 --threads 1 --sweep sizes=3,5,7,9,15,31 \
    --methods gemm,direct,separable,fft,im2col --plot "$images/sweep-gaussian.svg" \
    sample_images/scene.png >/dev/null
ls "$images"
