#include "files/formats/tiff/block_encoder.hpp"

#include <tiffio.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "base/error.hpp"
#include "files/formats/tiff/tiff_bytes.hpp"

namespace conv {
namespace {

constexpr std::size_t kFileHeader = 8;

/// The file of one strip that libtiff writes a block into; it begins after the header.
struct BlockFile {
    std::vector<std::uint8_t> bytes;
    std::uint64_t position = 0;

    static tmsize_t read(thandle_t, void*, tmsize_t) { return 0; }
    static tmsize_t write(thandle_t handle, void* from, tmsize_t count) {
        auto& file = *static_cast<BlockFile*>(handle);
        const auto size = static_cast<std::size_t>(count);
        if (file.position + size > file.bytes.size()) file.bytes.resize(file.position + size);
        std::memcpy(file.bytes.data() + file.position, from, size);
        file.position += size;
        return count;
    }
    static toff_t seek(thandle_t handle, toff_t offset, int whence) {
        auto& file = *static_cast<BlockFile*>(handle);
        file.position = offset + (whence == SEEK_CUR   ? file.position
                                  : whence == SEEK_END ? file.bytes.size()
                                                       : 0);
        return file.position;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t handle) { return static_cast<BlockFile*>(handle)->bytes.size(); }
};

/// Without the directory that TIFFClose would write.
struct CleanUp {
    void operator()(TIFF* tiff) const { TIFFCleanup(tiff); }
};

void set_form(TIFF* tiff, const TiffBlock& block, const TiffLayout& layout) {
    const auto height = static_cast<std::uint32_t>(block.height);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(block.width));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, height);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, static_cast<int>(block.channels));
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, layout.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT,
                 block.is_float ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, layout.compression);
    if (layout.predictor != PREDICTOR_NONE) {
        TIFFSetField(tiff, TIFFTAG_PREDICTOR, layout.predictor);
    }
}

}  // namespace

std::vector<std::uint8_t> encode_tiff_block(TiffBlock& block, const TiffLayout& layout) {
    keep_tiff_messages();
    BlockFile file;
    file.bytes.reserve(kFileHeader + block.samples.size() + block.samples.size() / 8);
    // Differences of floats have one order of bytes in both kinds of file, but libtiff turns the
    // samples before it takes them.
    const bool turned = layout.big_endian && layout.predictor != PREDICTOR_FLOATINGPOINT;
    const std::unique_ptr<TIFF, CleanUp> tiff(
        TIFFClientOpen("block", turned ? "wbm" : "wlm", &file, BlockFile::read, BlockFile::write,
                       BlockFile::seek, BlockFile::close, BlockFile::size, nullptr, nullptr));
    const auto size = static_cast<tmsize_t>(block.samples.size());
    if (tiff) set_form(tiff.get(), block, layout);
    if (!tiff || TIFFWriteEncodedStrip(tiff.get(), 0, block.samples.data(), size) != size) {
        fail(ErrorKind::input, "the TIFF cannot be encoded: {}", take_tiff_message());
    }
    file.bytes.erase(file.bytes.begin(), file.bytes.begin() + kFileHeader);
    return std::move(file.bytes);
}

}  // namespace conv
