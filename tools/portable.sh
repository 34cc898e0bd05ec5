# Sourced: trees of programs that carry every shared library but glibc and the GPU drivers' own.

# What belongs to the target's C library and to its drivers.
not_carried='ld-linux[-a-z0-9]*|lib(c|m|dl|rt|pthread|resolv|util|mvec|anl|nsl)|libcuda|libnvidia[-a-z0-9]*'

# One build serves all such trees.
portable_tree=build-portable
# Of the CUDA device code; newer devices compile the last one's for themselves.
default_architectures="80 90 120"
nvcc=$(PATH=$PATH:/usr/local/cuda/bin command -v nvcc || true)

# build_portable ARCHITECTURES TARGET...: with build() of setup.sh, without what is GPL; with CUDA where
# there is nvcc.
build_portable() {
    local codes number
    local cuda=(-DCONV_WITH_CUDA=OFF)
    if [ -n "$nvcc" ]; then
        codes=$(for number in $1; do printf '%s-real;' "$number"; done)${1##* }-virtual
        cuda=(-DCONV_WITH_CUDA=ON "-DCMAKE_CUDA_COMPILER=$nvcc" "-DCMAKE_CUDA_ARCHITECTURES=$codes")
    fi
    shift
    build "$portable_tree" -DCONV_RELOCATABLE=ON -DCONV_WITH_GPL=OFF -DCONV_WITH_FFTW=OFF \
        -DCONV_WITH_OPENCL=ON -DCONV_BUILD_TESTS=ON -DCONV_BUILD_BENCH=ON "${cuda[@]}" -- "$@"
}

# new_tree FOLDER: empties it, and what was packed of it.
new_tree() {
    rm -rf "$1" "$1.tar.gz"
    mkdir -p "$1/bin" "$1/lib/conv-cli"
}

# carry_modules FOLDER MODULE...: the modules, where programs in FOLDER/bin look for them.
carry_modules() {
    local folder=$1 module
    shift
    for module in "$@"; do
        install -s -m 755 "$portable_tree/lib/conv-cli/$module.so" "$folder/lib/conv-cli/"
    done
}

# carry_libraries FOLDER FILE...: copies the shared libraries that the files need, and those need, into
# FOLDER under the names by which they are asked for.
carry_libraries() {
    local folder=$1 name path
    shift
    mkdir -p "$folder"
    if ldd "$@" | grep 'not found'; then
        echo "a library is missing on this machine" >&2
        return 1
    fi
    # A module of the tree itself is no library to carry.
    ldd "$@" | sed -n 's/^[[:space:]]*\([^ ]*\) => \(\/[^ ]*\) .*/\1 \2/p' | sort -u |
        while read -r name path; do
            [[ $name =~ ^($not_carried)\.so ]] && continue
            [ -e "$folder/$name" ] || install -m 755 "$(realpath "$path")" "$folder/$name"
        done
}

# glibc_needed FOLDER: the newest version of glibc's symbols that anything in it uses.
glibc_needed() {
    find "$1" -type f \( -name '*.so*' -o -path '*/bin/*' \) -exec objdump -T {} + 2>/dev/null |
        grep -o 'GLIBC_[0-9][0-9.]*' | sort -uV | tail -n 1 | sed 's/GLIBC_//'
}

# finish_tree FOLDER: notes which glibc it needs, and packs FOLDER.tar.gz beside it, with the same bytes
# for the same files.
finish_tree() {
    glibc_needed "$1" >"$1/glibc"
    tar -C "$(dirname "$1")" --sort=name --owner=0 --group=0 --mtime='2020-01-01 UTC' \
        -czf "$1.tar.gz" "$(basename "$1")"
    echo "$1: $(mebibytes "$1") MiB, $1.tar.gz: $(mebibytes "$1.tar.gz") MiB, glibc $(cat "$1/glibc")"
}

# mebibytes FOLDER_OR_FILE: its size, rounded up.
mebibytes() {
    du -s --apparent-size -BM "$1" | cut -f 1 | tr -d M
}
