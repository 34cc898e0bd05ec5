#!/usr/bin/env bash
# Pictures written by ImageMagick, libvips and libtiff's tools are read, filtered with an identity
# kernel and read back by them; kernels exported to them give the same picture there.
# usage: other_programs_test.sh CONV_CLI SAMPLE_FOLDER; exit code 77 where a program is missing.
set -u
program=$(realpath "$1")
samples=$(realpath "$2")
# Debian's own names: a plain `convert` may be another program.
convert=convert-im6.q16 compare=compare-im6.q16 identify=identify-im6.q16

for tool in "$convert" "$compare" vips tiffcp pngcheck; do
    command -v "$tool" >/dev/null || {
        echo "skipped: $tool is missing, install imagemagick libvips-tools libtiff-tools pngcheck"
        exit 77
    }
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
failures=0 checks=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

filter() { "$program" apply -q -k identity --alpha straight "$@"; }

# The number of pixels that differ, as ImageMagick reads both.
different_pixels() { "$compare" -metric AE "$1" "$2" null: 2>&1; }

# The largest difference of any sample, as libvips reads both.
largest_difference() {
    vips subtract "$1" "$2" difference.v && vips abs difference.v absolute.v && vips max absolute.v
}

# same_in_imagemagick WHAT INPUT OUTPUT: OUTPUT is INPUT filtered with an identity kernel.
same_in_imagemagick() {
    checks=$((checks + 1))
    filter "$2" "$3" || { fail "$1: cannot be filtered"; return; }
    local count
    count=$(different_pixels "$2" "$3")
    [ "$count" = 0 ] || fail "$1: '$count' pixels differ"
}

# The same where samples are floats, which this ImageMagick reads as 16-bit integers.
same_in_vips() {
    checks=$((checks + 1))
    filter "$2" "$3" || { fail "$1: cannot be filtered"; return; }
    local largest
    largest=$(largest_difference "$2" "$3")
    [[ $largest =~ ^-?0\.?0*$ ]] || fail "$1: differs by '$largest'"
}

# within_one WHAT OURS THEIRS: no sample of the two pictures differs by more than 1.
within_one() {
    checks=$((checks + 1))
    local largest
    largest=$(largest_difference "$2" "$3")
    awk -v d="$largest" 'BEGIN { exit !(d != "" && d + 0 <= 1) }' || fail "$1: differs by '$largest'"
}

$convert "$samples/scene.png" -crop 121x87+210+200 +repage rgb.png
$convert "$samples/scene16.png" -crop 97x65+60+60 +repage rgb16.png
$convert "$samples/logo.png" -crop 90x70+80+90 +repage rgba.png
$convert "$samples/cells.png" -crop 83x61+200+200 +repage grey.png
vips copy "$samples/hdr.tif" float.tif

png_variants() {
    $convert rgb16.png -define png:color-type=2 -define png:bit-depth=16 a.png
    same_in_imagemagick "16-bit PNG" a.png out.png
    $convert rgb16.png -colorspace Gray -define png:color-type=0 -define png:bit-depth=16 b.png
    same_in_imagemagick "16-bit grey PNG" b.png out.png
    $convert rgb.png -colors 50 PNG8:c.png
    same_in_imagemagick "palette PNG" c.png out.png
    $convert rgb.png -colors 3 -define png:bit-depth=2 PNG8:d.png
    same_in_imagemagick "2-bit palette PNG" d.png out.png
    $convert grey.png -threshold 40% -type bilevel -define png:bit-depth=1 e.png
    same_in_imagemagick "1-bit PNG" e.png out.png
    $convert grey.png -colors 12 -depth 4 -type grayscale -define png:bit-depth=4 f.png
    same_in_imagemagick "4-bit grey PNG" f.png out.png
    $convert rgba.png -colorspace Gray -define png:color-type=4 g.png
    same_in_imagemagick "grey and alpha PNG" g.png out.png
    $convert rgba.png -depth 16 -define png:color-type=6 -define png:bit-depth=16 h.png
    same_in_imagemagick "16-bit RGBA PNG" h.png out.png
    $convert rgba.png -colors 40 -channel A -threshold 50% +channel PNG8:i.png
    same_in_imagemagick "palette PNG with a transparent colour" i.png out.png
    $convert rgb.png -interlace PNG j.png
    same_in_imagemagick "interlaced PNG" j.png out.png
    vips pngsave rgb.png k.png --compression 9 --palette
    same_in_imagemagick "palette PNG of libvips" k.png out.png
}

jpeg_variants() {
    $convert rgb.png -quality 90 a.jpg
    same_in_imagemagick "JPEG" a.jpg out.png
    $convert rgb.png -quality 80 -interlace JPEG -sampling-factor 4:2:0 b.jpg
    same_in_imagemagick "progressive JPEG" b.jpg out.png
    $convert grey.png -quality 90 c.jpg
    same_in_imagemagick "grey JPEG" c.jpg out.png
    vips jpegsave rgb.png d.jpg --Q 85 --subsample-mode off --optimize-coding
    same_in_imagemagick "JPEG of libvips" d.jpg out.png
    $convert rgb.png -quality 90 -define jpeg:restart-interval=4 e.jpg
    same_in_imagemagick "JPEG with restarts" e.jpg out.png
    local turn
    for turn in 1 2 3 4 5 6 7 8; do
        # An EXIF block that says nothing but the orientation, behind the start of the file.
        {
            printf '\xff\xd8\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01'
            printf "\\x01\\x12\\x00\\x03\\x00\\x00\\x00\\x01\\x00\\x0$turn"
            printf '\x00\x00\x00\x00\x00\x00'
            tail -c +3 a.jpg
        } >turned.jpg
        $convert turned.jpg -auto-orient expected.png
        filter turned.jpg out.png || fail "orientation $turn: cannot be filtered"
        checks=$((checks + 1))
        [ "$(different_pixels expected.png out.png)" = 0 ] || fail "JPEG orientation $turn"
    done
}

tiff_variants() {
    $convert rgb.png -compress none a.tif
    $convert rgb16.png -depth 16 -compress none b.tif
    local options
    for options in "-c none" "-c lzw" "-c lzw:2" "-c zip:2" "-c packbits" "-B" "-8 -c lzw" \
        "-r 7 -c none" "-t -w 32 -l 16 -c zip"; do
        # shellcheck disable=SC2086
        tiffcp $options a.tif c.tif && same_in_imagemagick "TIFF $options" c.tif out.tif
        # shellcheck disable=SC2086
        tiffcp $options b.tif d.tif && same_in_imagemagick "16-bit TIFF $options" d.tif out.tif
    done
    # tiffcp takes planes apart only where samples are bytes.
    for options in "-p separate -c lzw" "-t -w 16 -l 48 -p separate"; do
        # shellcheck disable=SC2086
        tiffcp $options a.tif c.tif && same_in_imagemagick "TIFF $options" c.tif out.tif
    done
    vips tiffsave rgb.png e.tif --tile --tile-width 32 --tile-height 48 --compression deflate
    same_in_imagemagick "tiled TIFF of libvips" e.tif out.tif
    $convert rgba.png -compress zip f.tif
    same_in_imagemagick "TIFF with alpha" f.tif out.tif
    $convert rgba.png -depth 16 -compress lzw g.tif
    same_in_imagemagick "16-bit TIFF with alpha" g.tif out.tif
    $convert grey.png -threshold 40% -type bilevel -compress Group4 h.tif
    same_in_imagemagick "1-bit TIFF" h.tif out.tif
    $convert rgb.png -colors 60 -type palette -compress lzw i.tif
    # The palette has 16 bits; ImageMagick keeps them, libvips rounds to 8 as conv-cli does.
    same_in_vips "palette TIFF" i.tif out.tif
    $convert grey.png -negate -define quantum:polarity=min-is-white -compress none j.tif
    same_in_imagemagick "white-is-zero TIFF" j.tif out.tif
    local compression
    for compression in none lzw deflate; do
        vips tiffsave float.tif k.tif --compression $compression --tile
        same_in_vips "float TIFF $compression" k.tif out.tif
    done
    $convert a.tif \( rgb.png -flip \) \( grey.png -colorspace sRGB -type truecolor \) \
        -compress lzw -type truecolor pages.tif
    filter pages.tif out.tif || fail "multi-page TIFF: cannot be filtered"
    local page
    for page in 0 1 2; do
        checks=$((checks + 1))
        [ "$(different_pixels "pages.tif[$page]" "out.tif[$page]")" = 0 ] ||
            fail "page $page of a multi-page TIFF"
    done
}

other_formats() {
    $convert rgb.png -define webp:lossless=true a.webp
    same_in_imagemagick "lossless WebP" a.webp out.png
    $convert rgb.png -quality 80 b.webp
    same_in_imagemagick "lossy WebP" b.webp out.png
    $convert rgba.png -define webp:lossless=true -define webp:exact=true c.webp
    same_in_imagemagick "WebP with alpha" c.webp out.png
    $convert rgb.png a.ppm
    same_in_imagemagick "PPM" a.ppm out.ppm
    $convert rgb.png -compress none b.ppm
    same_in_imagemagick "PPM of text" b.ppm out.ppm
    $convert rgb16.png -depth 16 c.ppm
    same_in_imagemagick "16-bit PPM" c.ppm out.ppm
    $convert rgb16.png -depth 10 d.ppm
    same_in_imagemagick "10-bit PPM" d.ppm out.ppm
    $convert rgb16.png -depth 12 -colorspace Gray e.pgm
    same_in_imagemagick "12-bit PGM" e.pgm out.pgm
    $convert grey.png -threshold 40% f.pbm
    same_in_imagemagick "PBM" f.pbm out.pgm
    vips copy float.tif g.pfm
    same_in_vips "PFM" g.pfm out.pfm
    vips copy float.tif h.hdr
    same_in_vips "Radiance HDR" h.hdr out.hdr
    checks=$((checks + 1))
    # libvips reads half floats, which hold whole numbers, and gives every EXR an alpha.
    filter --depth f32 rgb.png out.exr && vips extract_band out.exr colours.v 0 --n 3 &&
        [[ $(largest_difference rgb.png colours.v) =~ ^0\.?0*$ ]] ||
        fail "EXR as libvips reads it"
}

bmp_variants() {
    $convert rgb.png BMP3:a.bmp
    same_in_imagemagick "BMP 3" a.bmp out.bmp
    $convert rgb.png BMP2:b.bmp
    same_in_imagemagick "BMP 2" b.bmp out.bmp
    $convert rgb.png -type truecolor c.bmp
    same_in_imagemagick "BMP 4" c.bmp out.bmp
    $convert rgb.png -colors 200 -type palette -compress none BMP3:d.bmp
    same_in_imagemagick "palette BMP" d.bmp out.bmp
    $convert rgb.png -colors 200 -type palette -compress RLE BMP3:e.bmp
    same_in_imagemagick "BMP of runs" e.bmp out.bmp
    $convert grey.png -threshold 40% -type bilevel BMP3:f.bmp
    same_in_imagemagick "1-bit BMP" f.bmp out.bmp
    $convert rgb.png -colors 12 -type palette -compress none BMP3:g.bmp
    same_in_imagemagick "4-bit BMP" g.bmp out.bmp
    # 5 bits widen to 8 by rounding or by repeating bits, a level apart.
    local subtype
    for subtype in RGB565 RGB555; do
        $convert rgb.png -define bmp:subtype=$subtype h.bmp
        filter h.bmp ours.png && $convert h.bmp theirs.png || fail "16-bit BMP $subtype"
        within_one "16-bit BMP $subtype" ours.png theirs.png
    done
}

# What conv-cli writes, as the others read it: the lossless formats hold the very pixels.
written_formats() {
    local output
    for output in out.png out.tif out.ppm out.bmp; do
        same_in_imagemagick "written $output" rgb.png $output
    done
    filter --quality 90 rgb.png out.jpg && filter out.jpg back.png || fail "written JPEG"
    checks=$((checks + 2))
    [ "$(different_pixels out.jpg back.png)" = 0 ] || fail "written JPEG reads differently"
    filter --quality 90 rgb.png out.webp && filter out.webp back.png || fail "written WebP"
    [ "$(different_pixels out.webp back.png)" = 0 ] || fail "written WebP reads differently"
}

# Chunks, checksums and the deflate stream of every way to compress.
written_png() {
    local level
    for level in 0 1 4 5 9; do
        for input in rgb.png rgb16.png rgba.png grey.png; do
            checks=$((checks + 1))
            filter --png-compression "$level" $input out.png && pngcheck -q out.png ||
                fail "PNG of $input at level $level: pngcheck refuses it"
        done
    done
}

# sampling_is FACTORS FILE
sampling_is() {
    checks=$((checks + 1))
    local factors
    factors=$($identify -format '%[jpeg:sampling-factor]' "$2")
    [ "$factors" = "$1" ] || fail "$2: sampled $factors, expected $1"
}

# A JPEG comes out as it went in; what it holds travels to PNG and back.
kept_in_jpeg() {
    # One IPTC record, 2:120, in a block of Photoshop's.
    printf '8BIM\x04\x04\x00\x00\x00\x00\x00\x0c\x1c\x02\x78\x00\x07Caption' >caption.8bim
    $convert rgb.png -quality 83 -sampling-factor 4:2:2 -set comment "a note" \
        -profile 8BIM:caption.8bim -density 118 -units PixelsPerCentimeter a.jpg
    filter a.jpg kept.jpg && filter a.jpg b.png && filter b.png c.jpg || fail "JPEG with metadata"
    sampling_is 2x1,1x1,1x1 kept.jpg
    sampling_is 1x1,1x1,1x1 c.jpg
    checks=$((checks + 4))
    [ "$($identify -format '%Q %x %U' kept.jpg)" = "83 118 PixelsPerCentimeter" ] ||
        fail "quality or resolution is not kept: $($identify -format '%Q %x %U' kept.jpg)"
    local file
    for file in kept.jpg b.png c.jpg; do
        [ "$($identify -format '%c' $file)" = "a note" ] || fail "$file: the comment is lost"
        [ "$($identify -format '%[IPTC:2:120]' $file)" = "Caption" ] || fail "$file: IPTC is lost"
    done
}

# Lossless WebP stays so, colours under alpha 0 too.
kept_in_webp() {
    checks=$((checks + 2))
    filter --lossless rgba.png a.webp && filter a.webp b.webp && filter b.webp back.png ||
        fail "lossless WebP"
    [ "$(different_pixels rgba.png back.png)" = 0 ] || fail "lossless WebP changes samples"
    [ "$("$program" apply -q -k identity --metadata strip b.webp png:- | wc -c)" -gt 0 ] ||
        fail "WebP to standard output"
}

# The same kernel in all three programs; only replicated edges mean the same everywhere.
exported_kernels() {
    local kernel
    for kernel in gaussian:sigma=1.5 sharpen box:width=4,height=3 motion:length=7,angle=30 \
        "$samples/kernels/emboss.txt" unsharp:sigma=2 "1 2 3; 0 4 0; 5 0 1"; do
        "$program" kernel convert "$kernel" k.mat || fail "$kernel: no libvips matrix"
        "$program" kernel convert "$kernel" k.txt --to imagemagick || fail "$kernel: no text"
        # Sums beyond white would only compare how each program saturates.
        "$program" apply -q -k "$kernel" --border replicate --depth f32 rgb.png ours.tif ||
            fail "$kernel: cannot be applied"
        vips conv rgb.png theirs.v k.mat --precision float || fail "$kernel: libvips refuses it"
        within_one "$kernel in libvips" ours.tif theirs.v
        "$program" apply -q -k "$kernel" --border replicate rgb.png ours.png
        $convert rgb.png -virtual-pixel edge -morphology Correlate "$(cat k.txt)" theirs.png ||
            fail "$kernel: ImageMagick refuses it"
        within_one "$kernel in ImageMagick" ours.png theirs.png
    done
}

png_variants
jpeg_variants
tiff_variants
other_formats
bmp_variants
written_formats
written_png
kept_in_jpeg
kept_in_webp
exported_kernels

echo "$checks checks, $failures failed"
[ "$checks" -gt 0 ] && [ "$failures" -eq 0 ]
