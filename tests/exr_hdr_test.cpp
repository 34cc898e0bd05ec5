#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>

#include "files/format_table.hpp"
#include "files/formats/exr/exr_coding.hpp"
#include "files/row_file.hpp"
#include "support/test_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

std::string attribute(const std::string& name, const std::string& type, const std::string& value) {
    return name + '\0' + type + '\0' + little(value.size(), 4) + value;
}

std::string box(std::vector<int> corners) {
    std::string bytes;
    for (const int corner : corners) bytes += little(static_cast<std::uint32_t>(corner), 4);
    return bytes;
}

std::string float_bytes(float value) {
    return little(std::bit_cast<std::uint32_t>(value), 4);
}

/// An uncompressed EXR of half samples, all 1 but for the first, whose data window is larger than
/// its display window. `types`: of each channel, by name.
std::string overscan(const std::string& channels, int type = 1) {
    std::string list;
    for (const char name : channels) {
        list += std::string(1, name) + '\0' + little(static_cast<std::uint64_t>(type), 4) +
                std::string(4, '\0') + little(1, 4) + little(1, 4);
    }
    std::string file = std::string("\x76\x2f\x31\x01\2\0\0\0", 8) +
                       attribute("channels", "chlist", list + '\0') +
                       attribute("compression", "compression", std::string(1, '\0')) +
                       attribute("dataWindow", "box2i", box({-4, -3, 1, 0})) +
                       attribute("displayWindow", "box2i", box({0, 0, 7, 5})) +
                       attribute("lineOrder", "lineOrder", std::string(1, '\0')) +
                       attribute("owner", "string", "somebody") +
                       attribute("pixelAspectRatio", "float", float_bytes(1)) +
                       attribute("screenWindowCenter", "v2f", std::string(8, '\0')) +
                       attribute("screenWindowWidth", "float", float_bytes(1)) + '\0';
    constexpr std::size_t kWidth = 6, kHeight = 4;
    const std::size_t line = 8 + kWidth * 2 * channels.size();
    const std::size_t first = file.size() + 8 * kHeight;
    for (std::size_t y = 0; y < kHeight; ++y) file += little(first + y * line, 8);
    for (std::size_t y = 0; y < kHeight; ++y) {
        file +=
            little(static_cast<std::uint32_t>(static_cast<int>(y) - 3), 4) + little(line - 8, 4);
        for (std::size_t i = 0; i < kWidth * channels.size(); ++i) {
            file += little(y == 0 && i == 0 ? 0x4000 : 0x3c00, 2);  // 2, else 1
        }
    }
    return file;
}

std::unique_ptr<RowFileReader> open_exr(const std::string& path) {
    return file_format("exr").open_rows(std::make_unique<ByteSource>(path), {});
}

TEST_CASE("exr: half samples, windows and attributes are kept") {
    const TemporaryFolder folder;
    write_bytes(folder.file("a.exr"), overscan("BGR"));
    const ImageDocument input = read_image(folder.file("a.exr"));
    CHECK(input.pages[0].shape == Shape{1, 3, 4, 6});
    CHECK(sample_at(input.pages[0], 2, 0, 0) == 2);  // B comes first in the file
    CHECK(sample_at(input.pages[0], 0, 0, 0) == 1);
    write_image(folder.file("b.exr"), input);
    const ImageDocument output = read_image(folder.file("b.exr"));
    CHECK(difference(input.pages[0], output.pages[0]) == 0);
    const auto coding = exr_coding(output.metadata);
    REQUIRE(coding);
    CHECK(coding->half);
    CHECK(coding->compression == 0);
    CHECK(coding->windows == std::array<int, 8>{-4, -3, 1, 0, 0, 0, 7, 5});
    bool owner = false;
    for (const FormatBlock& block : output.metadata.blocks) {
        owner |= block.name == "owner:string" &&
                 std::string(block.data.begin(), block.data.end()) == "somebody";
    }
    CHECK(owner);
}

TEST_CASE("exr: windows follow padding and stride, or are named") {
    const TemporaryFolder folder;
    write_bytes(folder.file("a.exr"), overscan("Y"));
    ImageDocument document = read_image(folder.file("a.exr"));
    CHECK(exr_coding(document.metadata)->only == "Y");
    const auto windows = [&](const SampleGrid& grid, const Image& result) {
        ImageDocument other = document_of(result, "exr");
        other.metadata = document.metadata;
        other.metadata.grid = grid;
        OutputFiles outputs;
        outputs.add(folder.file("b.exr"), other);
        outputs.commit();
        CHECK(outputs.notes().size() == (grid.offset_x == 1 ? 1 : 0));
        return exr_coding(read_image(folder.file("b.exr")).metadata)->windows;
    };
    const Image small = sample_picture(SampleType::f32, 1, 2, 4);
    CHECK(windows({1, 1, 2, 1}, small) == std::array<int, 8>{-2, -2, 1, -1, 0, 0, 7, 5});
    CHECK(windows({2, 2, 0, 1}, small) == std::array<int, 8>{-2, -1, 1, 0, 0, 0, 3, 2});
    CHECK(windows({2, 2, 1, 1}, small) == std::array<int, 8>{0, 0, 3, 1, 0, 0, 3, 1});
}

TEST_CASE("exr: rows are read in bands, in any order") {
    const TemporaryFolder folder;
    const Image picture = sample_picture(SampleType::f32, 4, 300, 40);
    write_image(folder.file("a.exr"), document_of(picture, "exr"));
    const auto file = open_exr(folder.file("a.exr"));
    const auto rows = file->rows(0);
    for (const std::int64_t first : {0, 250, 7, 100}) {
        Image band = Image::planar(SampleType::f32, 4, 13, 40);
        rows->read({first, 13}, band);
        for (std::int64_t c = 0; c < 4; ++c) {
            CHECK(sample_at(band, c, 12, 39) == sample_at(picture, c, first + 12, 39));
            CHECK(sample_at(band, c, 0, 0) == sample_at(picture, c, first, 0));
        }
    }
}

TEST_CASE("exr: channels that are not read are named") {
    const TemporaryFolder folder;
    write_bytes(folder.file("a.exr"), overscan("Z"));
    CHECK(error_of([&] { read_image(folder.file("a.exr")); }).find("channels Z are not read") !=
          std::string::npos);
    write_bytes(folder.file("a.exr"), overscan("AB"));
    CHECK(error_of([&] { read_image(folder.file("a.exr")); }).find("channels A B") !=
          std::string::npos);
}

TEST_CASE("hdr: runs of whole pixels, of bytes and plain pixels are read") {
    const TemporaryFolder folder;
    const std::string head = "#?RADIANCE\nEXPOSURE=2\nFORMAT=32-bit_rle_rgbe\n\n";
    // 128 * 2^(129 - 136) = 1, and 64 of it 0.5
    const std::string one = "\x80\x40\x20\x81", other = std::string("\x80\x80\0\x82", 4);
    const std::string old_runs = head + "-Y 1 +X 9\n" + one + "\1\1\1\7" + other;
    const std::string plain = head + "-Y 1 +X 3\n" + one + one + other;
    const std::string bytes = head + "-Y 1 +X 9\n" + std::string("\2\2\0\11", 4) + "\x89\x80" +
                              "\x88\x40\1\x80" + std::string("\x88\x20\1\0", 4) + "\x88\x81\1\x82";
    for (const std::string& file : {old_runs, plain, bytes}) {
        write_bytes(folder.file("a.hdr"), file);
        const Image picture = read_image(folder.file("a.hdr")).pages[0];
        const std::int64_t last = picture.shape.W - 1;
        CHECK(sample_at(picture, 0, 0, 0) == 1);
        CHECK(sample_at(picture, 1, 0, last - 1) == 0.5);
        CHECK(sample_at(picture, 2, 0, 0) == 0.25);
        CHECK(sample_at(picture, 0, 0, last) == 2);
        CHECK(sample_at(picture, 2, 0, last) == 0);
        write_image(folder.file("b.hdr"), read_image(folder.file("a.hdr")));
        CHECK(difference(read_image(folder.file("b.hdr")).pages[0], picture) == 0);
        CHECK(read_bytes(folder.file("b.hdr")).find("\nEXPOSURE=2\n") != std::string::npos);
    }
    write_bytes(folder.file("a.hdr"), head + "-Y 1 +X 9\n" + one + "\1\1\1\11");
    CHECK(error_of([&] { read_image(folder.file("a.hdr")); }).find("leaves its scanline") !=
          std::string::npos);
}

TEST_CASE("hdr: values come back within one part in 128 of the largest of their pixel") {
    const TemporaryFolder folder;
    const Image picture = sample_picture(SampleType::f32, 3, 5, 400);
    write_image(folder.file("a.hdr"), document_of(picture, "hdr"));
    const Image back = read_image(folder.file("a.hdr")).pages[0];
    for (std::int64_t x = 0; x < 400; ++x) {
        double most = 0;
        for (int c = 0; c < 3; ++c) most = std::max(most, sample_at(picture, c, 4, x));
        for (int c = 0; c < 3; ++c) {
            const double value = std::max(sample_at(picture, c, 4, x), 0.0);
            CHECK(std::abs(sample_at(back, c, 4, x) - value) <= most / 128);
        }
    }
}

}  // namespace
