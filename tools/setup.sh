# Sourced by demo.sh, test.sh and others: the Debian packages, the Release build and their progress. Does
# nothing twice.

build_packages=(
    g++ cmake ninja-build pkg-config
    libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopenblas-dev libcli11-dev libhwy-dev libtbb-dev libfmt-dev
    nlohmann-json3-dev libfftw3-dev libopenexr-dev libtiff-dev libpng-dev libjpeg-dev libwebp-dev
    zlib1g-dev libfreetype-dev fonts-dejavu-core
    ocl-icd-opencl-dev opencl-clhpp-headers libclblast-dev
)
# pocl-opencl-icd makes the processor an OpenCL device, duktape runs the script of a page; parallel and
# openmpi-bin start shards, python3-numpy runs the oracles in Python.
test_packages=(
    doctest-dev imagemagick libvips-tools libtiff-tools pngcheck pocl-opencl-icd duktape parallel openmpi-bin
    python3-numpy
)
# What tools/package.sh needs beside the first.
package_packages=(dpkg-dev file)
# What tools/check.sh needs beside them.
check_packages=(git clang clang-format clang-tidy libclang-rt-14-dev)
# And its --full: a Slurm cluster of one node, whose packages start services where there is systemd, a
# browser, and what tries the packages.
full_packages=(slurm-wlm munge busybox-static binutils chromium lintian debootstrap)

# How tools/test.sh and tools/check.sh configure build/, so that they share its objects.
test_options=(-DCONV_WITH_CUDA=OFF -DCONV_ASSERTIONS=ON)

# Reads lines "PERCENT TEXT" and shows them as one line on a terminal, elsewhere each tenth of the way.
show_progress() {
    local percent text shown=-10
    while read -r percent text; do
        if [ -t 2 ]; then
            printf '\r\033[K  %3d %%  %s' "$percent" "${text:0:64}" >&2
        elif [ $((percent - shown)) -ge 10 ]; then
            printf '  %3d %%  %s\n' "$percent" "$text" >&2
            shown=$percent
        fi
    done
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

# The version that the program shows.
version() { sed -n 's/^#define CONV_VERSION_TEXT "\(.*\)"/\1/p' lib/version.hpp; }

minutes() { echo "$(($1 / 60)) min $(($1 % 60)) s"; }

# Runs apt-get, as root or through sudo; shows its progress, and its output where it fails.
run_apt() {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    local log status=0
    log=$(mktemp)
    # apt-get writes dlstatus:NUMBER:PERCENT:TEXT while it fetches, then pmstatus:PACKAGE:PERCENT:TEXT.
    { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends -o APT::Status-Fd=1 "$@" 2>&1 || echo "failed:$?"; } |
        while IFS= read -r line; do
            case $line in
                dlstatus:*) IFS=: read -r _ _ percent text <<<"$line" ;;
                pmstatus:*) IFS=: read -r _ _ percent text <<<"$line" ;;
                *) echo "$line" >>"$log"; continue ;;
            esac
            echo "${percent%.*} ${text%% (*}"
        done | show_progress
    if grep -q '^failed:' "$log"; then cat "$log" >&2; status=1; fi
    rm -f "$log"
    return $status
}

# Installs those of the named packages that are missing.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        { echo "need root or sudo to install: ${missing[*]}" >&2; exit 1; }
    echo "Installing ${missing[*]}"
    run_apt update
    # "NEW packages", "Need to get 110 MB of archives", "531 MB of additional disk space".
    apt-get install -s --no-install-recommends "${missing[@]}" 2>/dev/null |
        sed -n 's/^[0-9]* upgraded, \([0-9]*\) newly installed.*/  \1 packages, one or two minutes/p'
    run_apt install "${missing[@]}"
}

# Turns ninja's lines "[DONE/ALL SECONDS] TEXT" into progress; all it says goes to the log.
build_progress() {
    local log=$1 line done all seconds left
    while IFS= read -r line; do
        echo "$line" >>"$log"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\ ([0-9]+)\.[0-9]*\] ]] || continue
        done=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]} seconds=${BASH_REMATCH[3]}
        # The first files are no measure of the rest.
        left=""
        [ $((20 * done)) -lt "$all" ] || left=", about $(minutes $((seconds * (all - done) / done))) left"
        echo "$((100 * done / all)) $done of $all files$left"
    done | show_progress
}

# Configures once and builds what has changed: build FOLDER [OPTION...] [-- TARGET...]. The options
# go to cmake; each folder is compiled as one source (docs/decisions/0032), and without assertions, unless they
# say otherwise.
# Warnings and errors of the compiler are shown at the end.
build() {
    local directory=$1 options=() log started=$SECONDS
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
    [ $# -eq 0 ] || shift
    command -v ccache >/dev/null && options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    cmake -S . -B "$directory" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON -DCONV_ASSERTIONS=OFF "${options[@]}" >/dev/null
    log=$directory/build.log
    : >"$log"
    echo "Building $directory"
    local status=0
    NINJA_STATUS='[%f/%t %e] ' ninja -C "$directory" "$@" 2>&1 | build_progress "$log" || status=$?
    grep -v '^\[[0-9]*/[0-9]* \|^ninja: Entering\|^ninja: no work' "$log" >&2 || true
    [ $status -eq 0 ] || exit $status
    echo "  built in $(minutes $((SECONDS - started)))"
}

# The same for a preset of CMakePresets.json, which names the folder build-PRESET.
build_preset() {
    local launcher=()
    command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    cmake --preset "$1" -DCMAKE_UNITY_BUILD=ON "${launcher[@]}" >/dev/null
    cmake --build --preset "$1"
}
