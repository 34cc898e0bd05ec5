#include <doctest/doctest.h>
#include <tiffio.h>

#include <bit>
#include <cmath>

#include "files/formats/tiff/tiff_file_reader.hpp"
#include "files/formats/tiff/tiff_file_writer.hpp"
#include "support/test_files.hpp"
#include "support/tiff_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

/// What the sample means: by TIFF 6.0, apart from the code that is tested.
double expected(const TiffSpec& spec, std::int64_t y, std::int64_t x, std::int64_t c) {
    const auto stored = [&](std::int64_t channel) { return stored_sample(spec, y, x, channel); };
    const std::uint64_t word = stored(c);
    if (spec.photometric == PHOTOMETRIC_PALETTE) {
        return static_cast<double>((stored(0) * 997 & 0xffff) >> 8);
    }
    if (spec.format == SAMPLEFORMAT_IEEEFP) {
        if (spec.bits == 16) return 1 + static_cast<double>(word & 1023) / 1024;
        if (spec.bits == 32) return std::bit_cast<float>(static_cast<std::uint32_t>(word));
        return static_cast<float>(std::bit_cast<double>(word));
    }
    if (spec.format == SAMPLEFORMAT_INT) {
        const int unused = 64 - spec.bits;  // the sign is the highest bit of what is left
        return static_cast<float>(static_cast<std::int64_t>(word << unused) >> unused);
    }
    if (spec.bits > 16) return static_cast<float>(word);
    const double largest = static_cast<double>((1 << spec.bits) - 1);
    const double full = spec.bits > 8 ? 65535 : 255;
    const double level = spec.photometric == PHOTOMETRIC_MINISWHITE
                             ? largest - static_cast<double>(word)
                             : static_cast<double>(word);
    const double value = std::floor(level * full / largest + 0.5);
    const bool associated = !spec.extra_samples.empty() && spec.extra_samples.back() == 1;
    if (!associated || c == spec.channels - 1) return value;
    const auto alpha = static_cast<double>(stored(spec.channels - 1));
    return alpha == 0 ? 0 : std::min(std::round(value * full / alpha), full);
}

std::unique_ptr<RowFileReader> open_rows(const std::string& path, int threads = 2) {
    ReadOptions options;
    options.threads = threads;
    return open_tiff_rows(std::make_unique<ByteSource>(path), options);
}

/// Reads a page in bands of `height` rows into one picture of interleaved or planar memory.
Image read_in_bands(RowFileReader& file, std::int64_t page, std::int64_t height, bool planar) {
    const std::unique_ptr<RowReader> rows = file.rows(page);
    const PictureInfo info = rows->info();
    const auto [N, C, H, W] = info.shape;
    Image picture = planar ? Image::planar(info.type, C, H, W)
                           : Image::interleaved(info.type, C, H, W, info.has_alpha);
    const auto bytes = static_cast<std::int64_t>(sample_bytes(info.type));
    for (std::int64_t y = 0; y < H; y += height) {
        Image band = picture;
        band.shape.H = std::min(height, H - y);
        band.samples =
            Samples(picture.samples, picture.data<std::uint8_t>() + y * picture.strides.H * bytes);
        rows->read({y, band.shape.H}, band);
    }
    rows->finish();
    return picture;
}

std::vector<TiffSpec> layouts() {
    std::vector<TiffSpec> all;
    const auto add = [&](TiffSpec spec) { all.push_back(std::move(spec)); };
    for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                  COMPRESSION_PACKBITS, COMPRESSION_ZSTD}) {
        for (const std::uint32_t tile : {0U, 16U}) {
            for (const bool planes : {false, true}) {
                add({.name = "rgb",
                     .channels = 3,
                     .compression = compression,
                     .photometric = 2,
                     .tile = tile,
                     .separate_planes = planes});
                add({.name = "5 bands",
                     .channels = 5,
                     .bits = 16,
                     .compression = compression,
                     .tile = tile,
                     .separate_planes = planes,
                     .extra_samples = {0, 0, 0, 0},
                     .mode = "wb"});
            }
        }
    }
    for (const char* mode : {"wl", "wb", "w8l", "w8b"}) {
        for (const int bits : {8, 16, 24, 32, 64}) {
            add({.name = "signed", .bits = bits, .format = SAMPLEFORMAT_INT, .mode = mode});
        }
        for (const int bits : {16, 32, 64}) {
            add({.name = "float", .bits = bits, .format = SAMPLEFORMAT_IEEEFP, .mode = mode});
        }
        for (const int bits : {1, 2, 4, 8, 10, 12, 14, 16}) {
            add({.name = "bits", .bits = bits, .mode = mode});
            add({.name = "white is zero", .bits = bits, .photometric = 0, .mode = mode});
        }
        add({.name = "12 bits rgb, lzw",
             .channels = 3,
             .bits = 12,
             .compression = COMPRESSION_LZW,
             .photometric = 2,
             .mode = mode});
    }
    for (const int predictor : {1, 2}) {
        add({.name = "predictor",
             .channels = 3,
             .bits = 16,
             .compression = COMPRESSION_LZW,
             .predictor = predictor,
             .photometric = 2,
             .tile = 32});
    }
    add({.name = "float predictor",
         .bits = 32,
         .format = SAMPLEFORMAT_IEEEFP,
         .compression = COMPRESSION_ADOBE_DEFLATE,
         .predictor = 3});
    for (const int bits : {1, 4, 8}) {
        add({.name = "palette", .bits = bits, .photometric = PHOTOMETRIC_PALETTE});
    }
    for (std::uint16_t extra = 0; extra <= 2; ++extra) {
        add({.name = "rgba", .channels = 4, .photometric = 2, .extra_samples = {extra}});
        add({.name = "grey and alpha",
             .channels = 2,
             .bits = 16,
             .compression = COMPRESSION_LZW,
             .tile = 16,
             .separate_planes = true,
             .extra_samples = {extra}});
    }
    add({.name = "one-row strips",
         .width = 3,
         .height = 200,
         .compression = COMPRESSION_LZW,
         .rows_per_strip = 1});
    return all;
}

TEST_CASE("tiff rows: every layout decodes to its samples in bands of any height") {
    const TemporaryFolder folder;
    for (const TiffSpec& spec : layouts()) {
        CAPTURE(spec.name);
        CAPTURE(spec.bits);
        CAPTURE(spec.mode);
        CAPTURE(spec.compression);
        CAPTURE(spec.tile);
        CAPTURE(spec.separate_planes);
        write_with_libtiff(folder.file("a.tif"), spec);
        const auto file = open_rows(folder.file("a.tif"));
        for (const std::int64_t height : {1, 7, 64}) {
            CAPTURE(height);
            const Image picture = read_in_bands(*file, 0, height, height == 7);
            const std::int64_t channels =
                spec.photometric == PHOTOMETRIC_PALETTE ? 3 : spec.channels;
            REQUIRE(picture.shape == Shape{1, channels, spec.height, spec.width});
            std::int64_t wrong = 0;
            for (std::int64_t y = 0; y < spec.height; ++y) {
                for (std::int64_t x = 0; x < spec.width; ++x) {
                    for (std::int64_t c = 0; c < channels; ++c) {
                        wrong += sample_at(picture, c, y, x) != expected(spec, y, x, c);
                    }
                }
            }
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("tiff rows: rows are read in any order, and turned as the orientation says") {
    const TemporaryFolder folder;
    // Where the stored pixel (0, 0), and its right neighbour, are seen: y, x, y, x.
    constexpr int kSeen[8][4] = {{0, 0, 0, 1}, {0, 36, 0, 35}, {28, 36, 28, 35}, {28, 0, 28, 1},
                                 {0, 0, 1, 0}, {0, 28, 1, 28}, {36, 28, 35, 28}, {36, 0, 35, 0}};
    for (int orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(orientation);
        const TiffSpec spec{.channels = 3,
                            .compression = COMPRESSION_LZW,
                            .photometric = 2,
                            .tile = 16,
                            .orientation = orientation};
        write_with_libtiff(folder.file("a.tif"), spec);
        const auto file = open_rows(folder.file("a.tif"));
        const Image whole = read_in_bands(*file, 0, 1000, false);
        const int* at = kSeen[orientation - 1];
        CHECK(sample_at(whole, 1, at[0], at[1]) == stored_sample(spec, 0, 0, 1));
        CHECK(sample_at(whole, 1, at[2], at[3]) == stored_sample(spec, 0, 1, 1));
        const auto rows = file->rows(0);
        CHECK(rows->can_seek());
        Image row = Image::interleaved(SampleType::u8, 3, 1, whole.shape.W);
        for (const std::int64_t y : {20, 3, 21, 4, 0, 28}) {
            rows->read({y, 1}, row);
            for (std::int64_t x = 0; x < whole.shape.W; ++x) {
                REQUIRE(sample_at(row, 2, 0, x) == sample_at(whole, 2, y, x));
            }
        }
    }
}

TEST_CASE("tiff rows: strips too tall to be kept are decoded row by row") {
    const TemporaryFolder folder;
    for (const bool planes : {false, true}) {
        const TiffSpec spec{.width = 2000,
                            .height = 3000,
                            .channels = 2,
                            .compression = COMPRESSION_ADOBE_DEFLATE,
                            .rows_per_strip = 3000,
                            .separate_planes = planes,
                            .extra_samples = {0}};
        write_with_libtiff(folder.file("a.tif"), spec);
        const auto file = open_rows(folder.file("a.tif"));
        const auto rows = file->rows(0);
        Image band = Image::interleaved(SampleType::u8, 2, 100, 2000);
        for (const std::int64_t y : {2900, 1000, 1100}) {
            rows->read({y, 100}, band);
            CHECK(sample_at(band, 1, 99, 1999) == stored_sample(spec, y + 99, 1999, 1));
            CHECK(sample_at(band, 0, 0, 0) == stored_sample(spec, y, 0, 0));
        }
    }
}

std::string written_rows(const ImageDocument& description, const std::vector<Image>& pages,
                         WriteOptions options, std::int64_t band_rows) {
    ByteSink sink;
    TiffFileWriter writer(description, static_cast<std::int64_t>(pages.size()), options, sink);
    for (const Image& page : pages) {
        const auto rows =
            writer.add_page({{page.type, page.shape, page.has_alpha}, description.metadata});
        const auto bytes = static_cast<std::int64_t>(sample_bytes(page.type));
        for (std::int64_t y = 0; y < page.shape.H; y += band_rows) {
            Image band = page;
            band.shape.H = std::min(band_rows, page.shape.H - y);
            band.samples =
                Samples(page.samples, page.data<std::uint8_t>() + y * page.strides.H * bytes);
            rows->write({y, band.shape.H}, band);
        }
        rows->finish();
    }
    writer.finish();
    const std::vector<std::uint8_t> file = sink.take_collected();
    return {file.begin(), file.end()};
}

TEST_CASE(
    "tiff rows: what is written is read back, with the same bytes for any threads and bands") {
    const TemporaryFolder folder;
    const std::vector<Image> pages = {sample_picture(SampleType::u8, 3, 300, 70),
                                      sample_picture(SampleType::u16, 2, 40, 500, true),
                                      sample_picture(SampleType::f32, 5, 33, 20)};
    for (const bool big_endian : {false, true}) {
        for (const bool planes : {false, true}) {
            ImageDocument description;
            description.metadata.coding.tiff = TiffStorage{};
            description.metadata.coding.tiff->big_endian = big_endian;
            description.metadata.coding.tiff->separate_planes = planes;
            for (const std::string compression : {"none", "lzw", "deflate", "zstd"}) {
                for (const std::string layout : {"strips", "tiles"}) {
                    CAPTURE(compression + " " + layout);
                    WriteOptions options;
                    options.tiff_compression = compression;
                    options.tiff_layout = layout;
                    options.threads = 1;
                    const std::string file = written_rows(description, pages, options, 1000);
                    for (const int threads : {2, 5}) {
                        options.threads = threads;
                        const bool same =
                            written_rows(description, pages, options, threads) == file;
                        CHECK(same);
                    }
                    write_bytes(folder.file("a.tif"), file);
                    const auto read = open_rows(folder.file("a.tif"));
                    REQUIRE(read->page_count() == 3);
                    for (std::size_t i = 0; i < pages.size(); ++i) {
                        const auto page = static_cast<std::int64_t>(i);
                        CHECK(difference(read_in_bands(*read, page, 11, false), pages[i]) == 0);
                        const TiffStorage kept = *read->header(page).metadata.coding.tiff;
                        CHECK(kept.tiled == (layout == "tiles"));
                        CHECK(kept.big_endian == big_endian);
                        CHECK(kept.separate_planes == planes);
                    }
                }
            }
        }
    }
}

}  // namespace
