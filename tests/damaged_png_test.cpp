#include <doctest/doctest.h>
#include <zlib.h>

#include "support/command_line.hpp"
#include "support/damaged_files.hpp"
#include "support/filtering.hpp"
#include "support/picture_files.hpp"
#include "support/test_files.hpp"

using namespace conv;
using namespace conv::test;

namespace {

std::string chunk(const std::string& type, const std::string& data) {
    const std::string typed = type + data;
    const auto* first = reinterpret_cast<const Bytef*>(typed.data());
    return big(data.size(), 4) + typed + big(crc32(0, first, static_cast<uInt>(typed.size())), 4);
}

const std::string kPngSignature = "\x89PNG\r\n\x1a\n";

std::string png_of(std::uint64_t width, std::uint64_t height, int depth, int colour_type,
                   const std::string& more) {
    return kPngSignature +
           chunk("IHDR", big(width, 4) + big(height, 4) + static_cast<char>(depth) +
                             static_cast<char>(colour_type) + std::string(3, '\0')) +
           more;
}

std::string png_samples(const std::string& rows) {
    std::string packed(compressBound(rows.size()), '\0');
    uLongf size = packed.size();
    compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(rows.data()), rows.size());
    return chunk("IDAT", packed.substr(0, size)) + chunk("IEND", "");
}

TEST_CASE("damaged images: PNG") {
    const std::string png = good("png");
    const std::string rows(1 + 3, '\0');
    std::string text_mode;
    for (const char c : png) text_mode += c == '\n' ? std::string("\r\n") : std::string(1, c);
    std::string unix_mode;
    for (const char c : png) {
        if (c != '\r') unix_mode += c;
    }
    check_refused(
        {{"signature only", kPngSignature, "the PNG is truncated, its end mark is missing"},
         {"half", half(png), "the PNG is truncated"},
         {"no end mark", cut(png, 12), "the PNG is truncated, its end mark"},
         {"cut end mark", cut(png, 1), "the PNG is truncated, its end mark is missing"},
         {"header checksum", changed(png, 29, "XXXX"),
          "the PNG is damaged: the checksum of chunk IHDR is wrong"},
         {"sample checksum", changed(png, png.size() - 16, "XXXX"),
          "the PNG is damaged: IDAT: CRC error"},
         {"no samples", png_of(1, 1, 8, 2, chunk("IEND", "")),
          "the PNG is damaged: it holds no samples"},
         {"zero width", png_of(0, 1, 8, 2, png_samples(rows)),
          "is an empty picture of 0 x 1 pixels"},
         {"colour type 1", png_of(1, 1, 8, 1, png_samples(rows)),
          "the PNG is damaged: there is no colour type 1"},
         {"99 bits", png_of(1, 1, 99, 2, png_samples(rows)),
          "the PNG is damaged: colour type 2 has no depth of 99 bits"},
         {"LF made CR LF", text_mode,
          "the PNG is damaged: its signature was altered, as by a transfer in text mode"},
         {"CR lost", unix_mode,
          "the PNG is damaged: its signature was altered, as by a transfer in text mode"},
         {"filter 9", png_of(1, 1, 8, 2, png_samples("\x09zzz")),
          "the PNG is damaged: bad adaptive filter value"},
         {"fewer rows", png_of(1, 4, 8, 2, png_samples(rows)),
          "the PNG is damaged: Not enough image data"},
         {"8.6 GB in 100 bytes", png_of(32768, 32768, 16, 6, png_samples(rows)),
          "claims 8.0 GiB of samples"},
         {"65536 x 65536", png_of(65536, 65536, 8, 2, png_samples(rows)),
          "claims 12.0 GiB of samples"},
         {"width 2^31 - 1", png_of(0x7fffffff, 1, 8, 2, png_samples(rows)),
          "claims 6.0 GiB of samples"},
         {"chunk of 4 GiB", kPngSignature + "\xff\xff\xff\xffIHDR",
          "the PNG is damaged: what follows a chunk is no chunk"}});
}

TEST_CASE("damaged images: PNG with a large text chunk is read") {
    const TemporaryFolder folder;
    std::string png = good("png");
    png.insert(33, chunk("tEXt", std::string("Comment\0", 8) + std::string(64 << 20, 'x')));
    write_bytes(folder.file("a.png"), png);
    CHECK(read_image(folder.file("a.png")).pages.size() == 1);
}

TEST_CASE("damaged images: PNG grey with one transparent value becomes RGBA") {
    const TemporaryFolder folder;
    for (const int depth : {2, 8}) {
        const std::string row =
            depth == 2 ? std::string("\0\x1b", 2) : std::string("\0\0\1\2\3", 5);
        write_bytes(
            folder.file("a.png"),
            png_of(4, 1, depth, 0, chunk("tRNS", std::string("\0\2", 2)) + png_samples(row)));
        const Image picture = read_image(folder.file("a.png")).pages[0];
        REQUIRE(picture.shape.C == 4);
        CHECK(picture.has_alpha);
        for (int x = 0; x < 4; ++x) {
            CHECK(sample_at(picture, 3, 0, x) == (x == 2 ? 0 : 255));
            CHECK(sample_at(picture, 1, 0, x) == x * (depth == 2 ? 85 : 1));
        }
    }
}

}  // namespace
