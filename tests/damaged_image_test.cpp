#include <doctest/doctest.h>

#include <functional>

#include "support/command_line.hpp"
#include "support/damaged_files.hpp"
#include "support/filtering.hpp"
#include "support/picture_files.hpp"
#include "support/test_files.hpp"

using namespace conv;
using namespace conv::test;

namespace {

TEST_CASE("damaged images: what is no image is refused") {
    check_refused(
        {{"empty", "", "is empty"},
         {"one byte", "x", "is no image file of a known format"},
         {"text", "hello, this is no picture\n", "is no image file of a known format"},
         {"HTML", "<!DOCTYPE html><html></html>", "is an HTML page"},
         {"GIF", "GIF89a\1\0\1\0", "is a GIF"},
         {"SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing"},
         {"VRT", "<VRTDataset rasterXSize='1'><SourceFilename>/etc/passwd",
          "is a GDAL virtual raster"},
         {"NITF", "NITF02.10" + std::string(500, ' '), "is a NITF file"},
         {"MVG", "push graphic-context\nimage over 0,0 0,0 '/etc/passwd'\n", "is an MVG script"},
         {"ICO", std::string("\0\0\1\0\1\0", 6), "is a Windows icon"}});
    const TemporaryFolder folder;
    CHECK(error_of([&] { read_image(folder.file("none.png")); }).find("No such file") !=
          std::string::npos);
    CHECK(error_of([&] { read_image(folder.file("")); }).find("is a directory") !=
          std::string::npos);
}

TEST_CASE("damaged images: a refused format is named") {
    const TemporaryFolder folder;
    write_bytes(folder.file("a.png"), "GIF89a\1\0\1\0");
    CHECK(error_of([&] { read_image(folder.file("a.png")); }).find("is a GIF") !=
          std::string::npos);
}

TEST_CASE("damaged images: control characters of a file name are not echoed") {
    const std::string message = error_of([] { read_image("/none/\x1b[31m\n.png"); });
    CHECK(message.find('\x1b') == std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("damaged images: JPEG") {
    const std::string jpeg = good("jpg");
    const std::string progressive = jpeg_by_libjpeg({.progressive = true});
    const std::size_t frame = jpeg.find("\xff\xc0");
    const auto sized = [&](std::uint64_t height, std::uint64_t width) {
        return changed(jpeg, frame + 5, big(height, 2) + big(width, 2));
    };
    check_refused(
        {{"start mark only", "\xff\xd8\xff", "the JPEG is truncated, its end mark is missing"},
         {"half", half(jpeg), "the JPEG is truncated"},
         {"no end mark", cut(jpeg, 2), "the JPEG is truncated, its end mark"},
         {"half with an end mark", half(jpeg) + "\xff\xd9",
          "the JPEG is damaged: its samples are not complete"},
         {"144 million pixels", sized(12000, 12000), "claims 137.3 MiB of samples"},
         {"65500 x 65500", sized(65500, 65500), "claims 4.0 GiB of samples"},
         {"width 0", sized(60, 0), "is an empty picture of 0 x 60 pixels"},
         {"height 0", sized(0, 80), "is an empty picture of 80 x 0 pixels"},
         {"12 bits", changed(jpeg, frame + 4, "\x0c"),
          "is a JPEG of 12 bits a sample, only 8 are read"},
         {"no picture", "\xff\xd8\xff\xd9", "the JPEG is damaged"},
         {"half a progressive one", half(progressive),
          "the JPEG is truncated, its end mark is missing"},
         {"scans of a progressive one lost", half(progressive) + "\xff\xd9", "given: the JPEG is "},
         {"a progressive one without its end mark", cut(progressive, 2),
          "the JPEG is truncated, its end mark is missing"},
         {"segment of 1 byte", std::string("\xff\xd8\xff\xe0\0\1", 6),
          "the JPEG is truncated, its end mark is missing"}});
}

TEST_CASE("damaged images: JPEG with garbage after its end is read") {
    const TemporaryFolder folder;
    write_bytes(folder.file("a.png"), good("jpg") + std::string(1000, 'g'));
    CHECK(read_image(folder.file("a.png")).format == "jpeg");
}

std::string tiff_entry(int tag, std::uint64_t value, int type = 4) {
    return little(static_cast<std::uint64_t>(tag), 2) +
           little(static_cast<std::uint64_t>(type), 2) + little(1, 4) + little(value, 4);
}

/// A grey 8-bit TIFF of three bytes of samples at 8.
std::string tiff_of(std::uint64_t width, std::uint64_t height, std::uint64_t strip_at,
                    std::uint64_t channels = 1, std::uint64_t next = 0,
                    std::uint64_t compression = 1) {
    return std::string("II*\0\14\0\0\0abc\0", 12) + little(9, 2) + tiff_entry(256, width) +
           tiff_entry(257, height) + tiff_entry(258, 8) + tiff_entry(259, compression) +
           tiff_entry(262, 1) + tiff_entry(273, strip_at) + tiff_entry(277, channels, 3) +
           tiff_entry(278, height) + tiff_entry(279, width * height) + little(next, 4);
}

TEST_CASE("damaged images: TIFF") {
    const std::string tiff = good("tif");
    check_refused(
        {{"header only", std::string("II*\0\10\0\0\0", 8), "its directories break off"},
         {"directory past the end", std::string("II*\0\xff\xff\xff\0", 8),
          "the TIFF is damaged: its directories break off"},
         {"half", half(tiff), "its directories break off"},
         {"strip past the end", tiff_of(3, 1, 5000), "the TIFF is damaged: strip 0 is not whole"},
         {"30000 x 30000", tiff_of(30000, 30000, 8), "claims 858.3 MiB of samples"},
         {"0 x 0", tiff_of(0, 0, 8), "the TIFF is damaged"},
         {"65535 channels", tiff_of(1, 1, 8, 65535),
          "a TIFF of 65535 channels is not read, up to 512 are"},
         {"directories in a circle", tiff_of(3, 1, 8, 1, 12),
          "the TIFF is damaged: its directories have no end"},
         {"bytes that are no LZW", tiff_of(3000, 1, 8, 1, 0, 5), "the TIFF is damaged"},
         {"unknown compression", tiff_of(3, 1, 8, 1, 0, 777), "TIFF compression 777 is not read"},
         {"CMYK",
          replaced(good("tif", SampleType::u8, 1), std::string("\6\1\3\0\1\0\0\0\1", 9),
                   std::string("\6\1\3\0\1\0\0\0\5", 9)),
          "CMYK samples of a TIFF are not read, convert it to RGB first"}});
    const TemporaryFolder folder;
    write_bytes(folder.file("a.tif"), tiff_of(3, 1, 8));
    CHECK(sample_at(read_image(folder.file("a.tif")).pages[0], 0, 0, 2) == 'c');
}

/// A TIFF of three grey pixels with one entry put in the place of what it says: what parsers of
/// directories have crashed on.
std::string tiff_with(int tag, std::uint64_t value, int type = 4, std::uint64_t count = 1) {
    std::string tiff = tiff_of(3, 1, 8);
    const std::string entry = little(static_cast<std::uint64_t>(tag), 2) +
                              little(static_cast<std::uint64_t>(type), 2) + little(count, 4) +
                              little(value, 4);
    constexpr std::size_t kEntries = 14, kEntryBytes = 12;
    for (std::size_t at = kEntries; at + kEntryBytes <= tiff.size(); at += kEntryBytes) {
        if (tiff.substr(at, 2) == entry.substr(0, 2)) return changed(tiff, at, entry);
    }
    // The last entry, which readers know without: the bytes of the one strip.
    return changed(tiff, kEntries + 8 * kEntryBytes, entry);
}

TEST_CASE("damaged images: TIFF directories that contradict themselves") {
    check_refused(
        {{"0 bits", tiff_with(258, 0), "the TIFF is damaged"},
         {"65535 bits", tiff_with(258, 65535), "a TIFF of 65535 bits a sample"},
         {"no channels", tiff_with(277, 0, 3), "the TIFF is damaged"},
         {"strips without rows", tiff_with(278, 0), "the TIFF is damaged"},
         {"width as a fraction", tiff_with(256, 8, 5), "the TIFF is damaged"},
         {"strips named in letters", tiff_with(273, 8, 2), "the TIFF is damaged"},
         {"2^31 strips", tiff_with(273, 8, 4, std::uint64_t{1} << 31), "the TIFF is damaged"},
         {"no strip", tiff_with(273, 8, 4, 0), "the TIFF is damaged"},
         {"tiles without width", tiff_with(322, 0), "the TIFF is damaged"},
         {"samples in form 99", tiff_with(339, 99, 3), "the TIFF is damaged"},
         {"no palette", tiff_with(262, 3, 3), "its palette is missing or not whole"},
         {"unknown colours", tiff_with(262, 99, 3), "photometric interpretation 99 is not read"},
         {"predictor without compression", tiff_with(317, 2, 3),
          "a TIFF predictor without compression is not read"}});
    const TemporaryFolder folder;
    for (const std::string& readable :
         {tiff_with(279, 0xffffffff), tiff_with(279, 0), tiff_with(274, 99, 3),
          tiff_with(270, 8, 2, 0xffffffff), tiff_with(34675, 8, 7, 0xffffffff)}) {
        write_bytes(folder.file("a.tif"), readable);
        CHECK(sample_at(read_image(folder.file("a.tif")).pages[0], 0, 0, 2) == 'c');
    }
}

TEST_CASE("damaged images: a TIFF of ten channels is read, and refused where they do not fit") {
    const TemporaryFolder folder;
    const std::string path = folder.file("ten.tif");
    write_image(path, document_of(sample_picture(SampleType::u8, 10, 5, 7), "tiff"));
    CHECK(read_image(path).pages[0].shape.C == 10);
    const Run result = apply({"-k", "identity"}, path, folder.file("o.png"));
    CHECK(result.code == 2);
    CHECK(is_one_error_line(result.err));
    CHECK(folder.entries() == 1);
}

TEST_CASE("damaged images: PNM") {
    check_refused(
        {{"negative", "P5\n-4 4\n255\n0123456789abcdef", "no number of 0 or more at byte 3"},
         {"maxval 0", "P5\n2 2\n0\n0123", "its largest value is 0, it must be 1 to 65535"},
         {"maxval 99999", "P5\n2 2\n99999\n01234567",
          "its largest value is 99999, it must be 1 to 65535"},
         {"short", "P5\n4 4\n255\n0123",
          "the file is truncated, 4 x 4 pixels need 16 bytes and 4 are there"},
         {"2^32 + 1 wide", "P5\n4294967297 1\n255\n0123",
          "the file is truncated, 4294967297 x 1 pixels need 4294967297 bytes and 4 are there"},
         {"2^64 wide", "P5\n18446744073709551616 1\n255\n0123",
          "no number of 0 or more at byte 3, the file is damaged"},
         {"a letter", "P5\n4 x\n255\n0123456789abcdef",
          "no number of 0 or more at byte 5, the file is damaged"},
         {"numbers missing", "P2\n4 4\n255\n1 2 3\n",
          "the file is truncated, 4 x 4 pixels need 16 bytes and 6 are there"},
         {"a value too large", "P2\n1 1\n255\n256\n",
          "holds the value 256, its largest is said to be 255"},
         {"header only", "P5\n4", "numbers are missing"},
         {"2.7 GB claimed", "P6\n30000 30000\n255\nabc",
          "the file is truncated, 30000 x 30000 pixels need 2700000000 bytes and 3 are there"},
         {"PAM of nine channels", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 9\nMAXVAL 255\nENDHDR\nabcdefghi",
          "a PAM of 9 channels is not read, up to 4 are"},
         {"PAM without sizes", "P7\nENDHDR\n", "its largest value is 0, it must be 1 to 65535"}});
}

TEST_CASE("damaged images: BMP") {
    const std::string bmp = good("bmp");
    const std::string indexed = good("bmp", SampleType::u8, 1);
    check_refused(
        {{"negative width", changed(bmp, 18, little(0xffffffb0, 4)),
          "is an empty picture of -80 x 60 pixels"},
         {"huge", changed(bmp, 18, little(30000, 4) + little(30000, 4)),
          "the BMP is truncated, 30000 x 30000 pixels need 2700000000 bytes and 14400 are there"},
         {"height -2^31", changed(bmp, 22, little(0x80000000, 4)),
          "80 x 2147483648 pixels are more than the 1073741824 of --max-pixels"},
         {"header of 41 bytes", changed(bmp, 14, little(41, 4)),
          "the BMP is damaged: there is no header of 41 bytes"},
         {"7 bits", changed(bmp, 28, little(7, 2)),
          "the BMP is damaged: there are no pixels of 7 bits"},
         {"compression 4", changed(bmp, 30, little(4, 4)),
          "BMP compression 4 at 24 bits is not read"},
         {"samples past the end", changed(bmp, 10, little(0xfffffff0, 4)),
          "the BMP is damaged: its samples lie beyond its end"},
         {"half", half(bmp), "the BMP is truncated"},
         {"a palette of 1000 colours", changed(indexed, 46, little(1000, 4)),
          "the BMP is damaged: it states 1000 colours and has room for 256"},
         {"samples in its header", changed(bmp, 10, little(10, 4)),
          "the BMP is damaged: its samples lie in its header"},
         {"2 colours and pixels of more", changed(indexed, 46, little(2, 4)),
          "the BMP is damaged: a pixel is not in the palette"},
         {"runs from the top down",
          changed(changed(indexed, 30, little(1, 4)), 22, little(0xffffffc4, 4)),
          "the BMP is damaged: coded runs cannot go from the top down"},
         {"no bits", changed(bmp, 28, little(0, 2)),
          "the BMP is damaged: there are no pixels of 0 bits"},
         {"runs that leave the picture", changed(indexed, 30, little(1, 4)),
          "the BMP is damaged: a run leaves the picture"}});
}

TEST_CASE("damaged images: PFM, HDR and EXR") {
    const std::string exr = good("exr", SampleType::f32);
    const std::string hdr = good("hdr", SampleType::f32);
    const std::size_t window = exr.find("box2i") + 6 + 4;
    constexpr std::size_t kVersion = 5,
                          kAttributes = 8;  // a flag of tiles, and where attributes begin
    std::string tiled = changed(exr, kVersion, "\2");
    tiled.insert(kAttributes,
                 std::string("tiles\0tiledesc\0", 15) + little(9, 4) + std::string(9, '\0'));
    check_refused(
        {{"short PFM", half(good("pfm", SampleType::f32)),
          "the PFM is truncated, 80 x 60 pixels need 57600 bytes and 28793 are there"},
         {"PFM scale 0", "Pf\n1 1\n0\nabcd",
          "the PFM scale is 0, it must be a number other than 0"},
         {"PFM scale of letters", "Pf\n1 1\nx\nabcd", "'x' in the PFM header is no number"},
         {"HDR of 10.8 GB", replaced(hdr, "-Y 60 +X 80", "-Y 30000 +X 30000"),
          "claims 30000 x 30000 pixels"},
         {"half an HDR", half(hdr), "the HDR is truncated"},
         {"HDR without a size", "#?RADIANCE\n\nhello\n",
          "an HDR of orientation 'hello' is not read, -Y +X is"},
         {"EXR header only", exr.substr(0, 200), "the EXR is damaged: it is truncated"},
         {"half an EXR", half(exr), "the EXR is damaged: it is truncated"},
         {"EXR window overflow",
          changed(exr, window, little(0x80000000, 4) + little(0, 4) + little(0x7fffffff, 4)),
          "the EXR is damaged: Invalid data window in image header."},
         {"EXR tiles of size 0", tiled, "the EXR is damaged: Invalid tile size in image header."},
         {"EXR window reversed", changed(exr, window, little(9, 4) + little(0, 4) + little(0, 4)),
          "the EXR is damaged: Invalid data window in image header."}});
}

TEST_CASE("damaged images: WebP and .npy") {
    const std::string webp = good("webp");
    check_refused(
        {{"half a WebP", half(webp), "the file is truncated, it ends after 2238 bytes"},
         {"WebP head only", webp.substr(0, 12), "the file is truncated, it ends after 12 bytes"},
         {"WebP of noise", changed(webp, 40, std::string(200, 'x')).substr(0, 300),
          "the file is truncated, it ends after 300 bytes"},
         {"short array", cut(good("npy"), 1),
          "the .npy shape (3, 60, 80) needs 14400 bytes of values, the file holds 14399"},
         {"pickle", replaced(good("npy"), "'|u1'", "'|O' "),
          "the .npy file holds pickled objects, which are never loaded"}});
}

TEST_CASE("damaged images: .npy") {
    const auto shaped = [](const std::string& shape, const std::string& type = "|u1") {
        return npy_of("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + "}",
                      "abcdef");
    };
    check_refused({{"no magic", std::string("\x93NUMPX\1\0", 8) + "abcd",
                    "is no image file of a known format"},
                   {"header longer than the file", std::string("\x93NUMPY\1\0\xff\xff{", 11),
                    "the .npy header claims 65535 bytes, which the file does not hold"},
                   {"shape overflow", shaped("(4294967296, 4294967296, 4294967296)"),
                    "the .npy shape (4294967296, 4294967296, 4294967296) is too large to count"},
                   {"negative", shaped("(-2, 3)"), "shape (-2, 3)"},
                   {"zero dimension", shaped("(0, 3)"),
                    "the .npy array has shape (0, 3), every size must be 1 or more"},
                   {"complex", shaped("(2, 3)", "<c8"),
                    ".npy type '<c8' is not read; bool, uint8, uint16, int16, float16, float32 and "
                    "float64 are: "
                    "array.astype(np.float32)"},
                   {"five dimensions", shaped("(1, 1, 1, 2, 3)"),
                    "the .npy array has 5 dimensions, at most 4 are read"},
                   {"code in the header", npy_of("__import__('os').system('id')", "abcdef"),
                    "the .npy header is damaged, save the array again with numpy.save"},
                   {"Fortran order",
                    npy_of("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", "abcdef"),
                    "the .npy array is in Fortran order, save np.ascontiguousarray(array)"}});
}

TEST_CASE("damaged images: a folder, a missing file, and names with blanks and UTF-8") {
    const TemporaryFolder folder;
    const Run missing = apply({"-k", "identity"}, folder.file("none.png"), folder.file("o.png"));
    CHECK(missing.code == 1);
    CHECK(is_one_error_line(missing.err));
    const Run folder_itself = apply({"-k", "identity"}, folder.file(""), folder.file("o.png"));
    CHECK(folder_itself.code == 1);
    check_contains(folder_itself.err, "is a directory");
    CHECK(folder.entries() == 0);
    const std::string name = folder.file("a b \xc3\xa9 \xe2\x98\x83.png");
    write_bytes(name, good("png"));
    CHECK(apply({"-k", "identity"}, name, folder.file("o \xc3\xa9.png")).code == 0);
}

TEST_CASE("damaged images: NaN and infinity of float files are pixels") {
    const TemporaryFolder folder;
    Image picture = sample_picture(SampleType::f32, 1, 2, 2);
    picture.data<float>()[0] = NAN;
    picture.data<float>()[1] = INFINITY;
    for (const std::string extension : {"tif", "pfm", "exr", "npy"}) {
        CAPTURE(extension);
        write_image(folder.file("a." + extension), document_of(picture));
        const Image back = read_image(folder.file("a." + extension)).pages[0];
        CHECK(std::isnan(sample_at(back, 0, 0, 0)));
        CHECK(sample_at(back, 0, 0, 1) == INFINITY);
    }
}

TEST_CASE("damaged images: any byte of a small file may be wrong without a crash") {
    const TemporaryFolder folder;
    for (const std::string extension : {"png", "jpg", "tif", "webp", "bmp", "ppm", "npy", "pfm"}) {
        const bool is_float = extension == "pfm";
        const std::string file = good(extension, is_float ? SampleType::f32 : SampleType::u8);
        std::uint32_t random = 1;
        for (int round = 0; round < 60; ++round) {
            std::string wrong = file;
            for (int i = 0; i < 3; ++i) {
                random = random * 1664525 + 1013904223;
                const std::size_t most =
                    std::min<std::size_t>(file.size(), round % 2 == 0 ? 128 : 1 << 20);
                wrong[(random >> 8) % most] = static_cast<char>(random);
            }
            write_bytes(folder.file("a"), wrong);
            const std::string message = error_of([&] { read_image(folder.file("a")); });
            CHECK((message.empty() || message.starts_with(folder.file("a"))));
        }
    }
}

}  // namespace
