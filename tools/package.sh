#!/usr/bin/env bash
# Makes the Debian packages conv-cli, conv-cli-opencv, conv-cli-opencl and libconv-dev. The same sources
# give the same bytes, whatever their folder.
# use: tools/package.sh [FOLDER]       where the packages go; default: out/packages
#
# Install them with: apt install ./out/packages/*.deb
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh

folder=${1:-out/packages}
tree=build-package
install_packages "${build_packages[@]}" "${package_packages[@]}"
# All times in the packages: that of the last commit.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export LDFLAGS="-Wl,-z,relro -Wl,-z,now ${LDFLAGS:-}"
build $tree -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR="lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" \
    -DCMAKE_SKIP_RPATH=ON -DCONV_MODULE_FOLDER=/usr/lib/conv-cli \
    -DCONV_BUILD_TESTS=OFF -DCONV_BUILD_BENCH=OFF -DCONV_WITH_CUDA=OFF -DCONV_WITH_OPENCL=ON

# What every package has in /usr/share/doc, and the manual page, compressed without a time.
mkdir -p $tree/package "$folder"
{
    cat <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: conv-cli
Comment: The program and the library are linked with FFTW, which is under the GPL, version 2 or later:
 these packages as a whole may be distributed under the terms of the GPL, version 2 or later, which is in
 /usr/share/common-licenses/GPL-2 on Debian systems.

Files: *
Copyright: 2026 the conv-cli authors
License: BSD-2-Clause
END
    sed -e '1,/^Copyright/d' LICENSE | sed -e '1{/^$/d}' -e 's/^$/./' -e 's/^/ /'
} >$tree/package/copyright
gzip -9n >$tree/package/changelog.Debian.gz <<END
conv-cli ($(version)-1) unstable; urgency=medium

  * See changelog.gz.

 -- the conv-cli authors <conv-cli@conv-cli.invalid>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
gzip -9n <CHANGELOG.md >$tree/package/changelog.gz
gzip -9n <$tree/documents/conv-cli.1 >$tree/package/conv-cli.1.gz

rm -f $tree/*.deb
(cd $tree && umask 022 && cpack -G DEB >package/log) || { cat $tree/package/log >&2; exit 1; }
mv $tree/*.deb "$folder/"
ls -l "$folder"
