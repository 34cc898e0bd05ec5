# Sourced by demo.sh and test.sh: the Debian packages and the Release build. Does nothing twice.

build_packages=(
    g++ cmake ninja-build pkg-config
    libopencv-dev libopenblas-dev libcli11-dev libhwy-dev libtbb-dev libfmt-dev
    nlohmann-json3-dev libfftw3-dev libtiff-dev libpng-dev libjpeg-dev libwebp-dev
    zlib1g-dev
    ocl-icd-opencl-dev opencl-clhpp-headers libclblast-dev
)
# pocl-opencl-icd makes the processor an OpenCL device, duktape runs the script of a page; parallel and
# openmpi-bin start shards.
test_packages=(
    doctest-dev imagemagick libvips-tools libtiff-tools pngcheck pocl-opencl-icd duktape parallel openmpi-bin
)
# What tools/check.sh needs beside them.
check_packages=(git clang clang-format clang-tidy libclang-rt-14-dev)
# And its --full: a Slurm cluster of one node. These packages start services where there is systemd.
full_packages=(slurm-wlm munge)

# Installs those of the named packages that are missing, as root or through sudo.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            { echo "need root or sudo to install: ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# Configures once and builds what has changed. Arguments are added to the first configuration.
build() {
    local directory=$1
    shift
    local launcher=()
    command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    cmake -S . -B "$directory" -G Ninja -DCMAKE_BUILD_TYPE=Release "${launcher[@]}" "$@" >/dev/null
    cmake --build "$directory"
}
