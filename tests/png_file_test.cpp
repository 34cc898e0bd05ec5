#include <doctest/doctest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <thread>

#include "files/format_table.hpp"
#include "files/formats/png/huffman_code.hpp"
#include "files/formats/png/run_deflate.hpp"
#include "files/opencv_codec.hpp"
#include "support/picture_files.hpp"
#include "support/places.hpp"

namespace {

using namespace conv;
using namespace conv::test;

using Bytes = std::vector<std::uint8_t>;

/// Bytes that repeat the last one with a likelihood of `stay` / 256.
Bytes runs_of(std::size_t count, std::uint32_t stay) {
    Bytes bytes(count);
    std::uint32_t random = 11;
    for (std::size_t i = 0; i < count; ++i) {
        random = random * 1664525 + 1013904223;
        const bool repeats = i > 0 && (random >> 8 & 255) < stay;
        bytes[i] = repeats ? bytes[i - 1] : static_cast<std::uint8_t>(random >> 24);
    }
    return bytes;
}

Bytes inflated_raw(const Bytes& stream, std::size_t room) {
    Bytes out(room + 1);
    z_stream zlib = {};
    inflateInit2(&zlib, -15);
    zlib.next_in = const_cast<Bytef*>(stream.data());
    zlib.avail_in = static_cast<uInt>(stream.size());
    zlib.next_out = out.data();
    zlib.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&zlib, Z_FINISH);
    out.resize(zlib.total_out);
    inflateEnd(&zlib);
    CHECK(status == Z_STREAM_END);
    CHECK(zlib.avail_in == 0);
    return out;
}

TEST_CASE("run deflate: zlib gives back what was compressed, in one part and in two") {
    for (const std::size_t count : {0U, 1U, 2U, 3U, 4U, 257U, 258U, 259U, 260U, 517U, 70000U}) {
        for (const std::uint32_t stay : {0U, 100U, 200U, 254U, 256U}) {
            CAPTURE(count);
            CAPTURE(stay);
            const Bytes bytes = runs_of(count, stay);
            Bytes whole, parts;
            deflate_runs(bytes, true, whole);
            CHECK(inflated_raw(whole, count) == bytes);
            deflate_runs(ByteView(bytes).first(count / 3), false, parts);
            deflate_runs(ByteView(bytes).subspan(count / 3), true, parts);
            CHECK(inflated_raw(parts, count) == bytes);
        }
    }
}

TEST_CASE("huffman code: lengths fill the code space and none is longer than allowed") {
    for (const int longest : {7, 15}) {
        std::vector<std::uint32_t> counts = {1, 1};  // Fibonacci numbers make the deepest tree
        while (counts.size() < 19) counts.push_back(counts.end()[-1] + counts.end()[-2]);
        Bytes lengths(counts.size());
        code_lengths(counts, longest, lengths);
        double space = 0;
        for (const std::uint8_t length : lengths) {
            CHECK(length > 0);
            CHECK(length <= longest);
            space += std::pow(0.5, length);
        }
        CHECK(space == 1.0);
        CHECK(std::is_sorted(lengths.rbegin(), lengths.rend()));
    }
}

/// The picture as OpenCV reads it.
Image by_opencv(const std::string& file) {
    const std::shared_ptr<std::uint8_t> bytes(new std::uint8_t[file.size()],
                                              std::default_delete<std::uint8_t[]>());
    std::copy(file.begin(), file.end(), bytes.get());
    FileInput input;
    input.bytes = {bytes, file.size()};
    input.name = "a test's file";
    return decode_with_opencv(input).picture;
}

TEST_CASE("png rows: every colour type, depth, interlace and transparency is as OpenCV reads it") {
    const TemporaryFolder folder;
    constexpr std::pair<int, int> kForms[] = {{0, 1}, {0, 2},  {0, 4},  {0, 8}, {0, 16},
                                              {2, 8}, {2, 16}, {3, 1},  {3, 2}, {3, 4},
                                              {3, 8}, {4, 8},  {4, 16}, {6, 8}, {6, 16}};
    for (const auto& form : kForms) {
        const int colour_type = form.first, depth = form.second;
        for (const bool interlaced : {false, true}) {
            for (const bool transparent : {false, true}) {
                if (transparent && colour_type >= 4) continue;
                CAPTURE(colour_type);
                CAPTURE(depth);
                CAPTURE(interlaced);
                CAPTURE(transparent);
                const std::string file = png_by_libpng({.colour_type = colour_type,
                                                        .depth = depth,
                                                        .interlaced = interlaced,
                                                        .transparent = transparent});
                write_bytes(folder.file("a.png"), file);
                const Image rows = read_image(folder.file("a.png")).pages[0];
                // OpenCV loses the transparency of grey, its one exception.
                if (colour_type == 0 && transparent) {
                    CHECK(rows.shape.C == 4);
                    continue;
                }
                CHECK(difference(rows, by_opencv(file)) == 0);
            }
        }
    }
}

std::string written_in_bands(const Image& picture, std::int64_t band, const WriteOptions& options) {
    ByteSink sink;
    const auto file = file_format("png").create_rows({}, 1, options, sink);
    PictureInfo info;
    info.type = picture.type;
    info.shape = picture.shape;
    const auto rows = file->add_page({info, {}});
    for (std::int64_t y = 0; y < picture.shape.H; y += band) {
        Image part = picture;
        part.shape.H = std::min(band, picture.shape.H - y);
        const std::int64_t offset =
            y * picture.strides.H * static_cast<std::int64_t>(sample_bytes(picture.type));
        part.samples = {picture.samples, picture.data<const std::uint8_t>() + offset};
        rows->write({y, part.shape.H}, part);
    }
    rows->finish();
    file->finish();
    const Bytes bytes = sink.take_collected();
    return {bytes.begin(), bytes.end()};
}

TEST_CASE("png rows: a file does not depend on threads or on the height of bands") {
    // More than one strip of 256 KiB.
    const Image picture = sample_picture(SampleType::u16, 3, 301, 257);
    const TemporaryFolder folder;
    for (const int level : {0, 4, 6}) {
        CAPTURE(level);
        WriteOptions options;
        options.png_compression = level;
        options.threads = 1;
        const std::string once = written_in_bands(picture, picture.shape.H, options);
        for (const int threads : {2, 5}) {
            options.threads = threads;
            for (const std::int64_t band : {1, 7, 64})
                CHECK(written_in_bands(picture, band, options) == once);
        }
        write_bytes(folder.file("a.png"), once);
        CHECK(difference(read_image(folder.file("a.png")).pages[0], picture) == 0);
        CHECK(difference(by_opencv(once), picture) == 0);
    }
}

TEST_CASE("png rows: no more bytes than OpenCV's default") {
    for (const std::string name : {"scene.png", "cells.png", "logo.png", "zoneplate.png"}) {
        CAPTURE(name);
        const Image picture = read_image(source_folder() + "/sample_images/" + name).pages[0];
        const std::string own = written_in_bands(picture, picture.shape.H, {});
        CHECK(own.size() <= encode_with_opencv(picture, ".png", {}).size());
    }
}

TEST_CASE("png rows: rows that are read as they come equal the whole picture's") {
    const TemporaryFolder folder;
    write_bytes(folder.file("a.png"), png_by_libpng({}));
    const Image whole = read_image(folder.file("a.png")).pages[0];
    const auto file =
        file_format("png").open_rows(std::make_unique<ByteSource>(folder.file("a.png")), {});
    const auto rows = file->rows(0);
    const Image planar = Image::planar(whole.type, 3, whole.shape.H, whole.shape.W);
    for (std::int64_t y = 0; y < whole.shape.H; y += 5) {
        Image part = planar;
        part.shape.H = std::min<std::int64_t>(5, whole.shape.H - y);
        part.samples = {planar.samples, planar.data<std::uint8_t>() + y * planar.strides.H};
        rows->read({y, part.shape.H}, part);
    }
    rows->finish();
    CHECK(difference(planar, whole) == 0);
}

/// A PNG with chunks before its samples, and others behind them.
std::string png_with(const std::string& before, const std::string& after) {
    const std::string file = png_by_libpng({});
    constexpr std::size_t kHeaderEnd = 33, kEndMark = 12;
    return file.substr(0, kHeaderEnd) + before +
           file.substr(kHeaderEnd, file.size() - kHeaderEnd - kEndMark) + after +
           file.substr(file.size() - kEndMark);
}

TEST_CASE(
    "png metadata: colour tags, texts, resolution and unknown safe chunks come out as they were") {
    const TemporaryFolder folder;
    const std::string gamma = png_chunk_text("gAMA", big(100000, 4));
    const std::string primaries = png_chunk_text("cHRM", std::string(32, '\1'));
    const std::string colours = png_chunk_text("cICP", {"\x09\x10\x00\x01", 4});
    const std::string text = png_chunk_text("tEXt", {"Title\0A \xe4", 9});
    const std::string international =
        png_chunk_text("iTXt", {"Author\0\0\0de\0Autor\0\xe2\x82\xac", 19 + 3 - 1});
    const std::string ratio = png_chunk_text("pHYs", big(2, 4) + big(1, 4) + std::string(1, '\0'));
    const std::string time = png_chunk_text("tIME", {"\x07\xea\1\2\3\4\5", 7});
    const std::string own = png_chunk_text("xyZz", "kept");
    write_bytes(folder.file("a.png"),
                png_with(gamma + primaries + colours + international + ratio + time, text + own));
    OutputFiles outputs;
    outputs.add(folder.file("b.png"), read_image(folder.file("a.png")));
    outputs.commit();
    CHECK(outputs.notes().empty());
    for (const std::string& chunk :
         {gamma, primaries, colours, text, international, ratio, time, own})
        CHECK(file_holds(folder.file("b.png"), chunk));
}

/// The file through a pipe, PNG to PNG in one band; the notes of the writer.
std::vector<std::string> through_pipe(const std::string& file, const std::string& output) {
    const TemporaryFolder folder;
    const std::string pipe = folder.file("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    std::thread writer([&] { write_bytes(pipe, file); });
    const auto reader = file_format("png").open_rows(std::make_unique<ByteSource>(pipe), {});
    const PageHeader header = reader->header(0);
    const auto [N, C, H, W] = header.picture.shape;
    const Image picture = Image::interleaved(header.picture.type, C, H, W);
    ByteSink sink;
    const auto out = file_format("png").create_rows({}, 1, {}, sink);
    const auto rows = out->add_page(header);
    const auto in_rows = reader->rows(0);
    in_rows->read({0, H}, picture);
    rows->write({0, H}, picture);
    in_rows->finish();
    rows->finish();
    out->finish();
    writer.join();
    const Bytes bytes = sink.take_collected();
    write_bytes(output, {bytes.begin(), bytes.end()});
    return out->notes();
}

TEST_CASE("png metadata: chunks behind the samples of a pipe stay behind them") {
    const TemporaryFolder folder;
    const std::string exif = std::string("II*\0\10\0\0\0", 8) + little(1, 2) + little(0x112, 2) +
                             little(3, 2) + little(1, 4) + little(6, 4) + little(0, 4);
    const std::string turned = png_chunk_text("eXIf", exif);
    const std::string text = png_chunk_text("tEXt", {"Title\0T", 7});
    const std::string before = png_chunk_text("tEXt", {"Author\0A", 8});
    const auto notes = through_pipe(png_with(before, turned + text), folder.file("out.png"));
    for (const std::string& chunk : {before, turned, text})
        CHECK(file_holds(folder.file("out.png"), chunk));
    const std::string out = read_bytes(folder.file("out.png"));
    CHECK(out.find(before) < out.find("IDAT"));
    CHECK(out.find(text) > out.find("IDAT"));
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].find("orientation 6") != std::string::npos);
}

TEST_CASE("png metadata: what may not fit filtered samples is named and left out") {
    const TemporaryFolder folder;
    write_bytes(
        folder.file("a.png"),
        png_with(png_chunk_text("sBIT", "\5\6\5") + png_chunk_text("dSIG", "signature"), ""));
    OutputFiles outputs;
    outputs.add(folder.file("b.png"), read_image(folder.file("a.png")));
    outputs.commit();
    REQUIRE(outputs.notes().size() == 2);
    CHECK(outputs.notes()[0].find("sBIT") != std::string::npos);
    CHECK(outputs.notes()[1].find("dSIG") != std::string::npos);
    CHECK_FALSE(file_holds(folder.file("b.png"), "signature"));
}

TEST_CASE("png metadata: a background keeps its colour when samples become RGB") {
    const TemporaryFolder folder;
    std::string file = png_by_libpng({.colour_type = 3, .depth = 2});
    const std::size_t samples = file.find("IDAT") - 4;
    file.insert(samples, png_chunk_text("bKGD", std::string(1, '\2')));
    write_bytes(folder.file("a.png"), file);
    write_image(folder.file("b.png"), read_image(folder.file("a.png")));
    // Entry 2 of the palette: 14, 104, 241.
    CHECK(file_holds(folder.file("b.png"), "bKGD" + big(14, 2) + big(104, 2) + big(241, 2)));
}

TEST_CASE("png: an animation is refused by its frames, one of a single frame is read") {
    const TemporaryFolder folder;
    write_bytes(folder.file("a.png"), png_with(png_chunk_text("acTL", big(3, 4) + big(0, 4)), ""));
    CHECK(error_of([&] { read_image(folder.file("a.png")); }).find("animated PNG of 3 frames") !=
          std::string::npos);
    write_bytes(folder.file("a.png"), png_with(png_chunk_text("acTL", big(1, 4) + big(0, 4)), ""));
    CHECK(read_image(folder.file("a.png")).pages.size() == 1);
}

TEST_CASE(
    "png: unknown critical chunks, a palette behind the samples and none at all are refused") {
    const TemporaryFolder folder;
    const auto refusal = [&](const std::string& file) {
        write_bytes(folder.file("a.png"), file);
        return error_of([&] { read_image(folder.file("a.png")); });
    };
    CHECK(refusal(png_with(png_chunk_text("ABCD", ""), "")).find("ABCD") != std::string::npos);
    CHECK(refusal(png_with("", png_chunk_text("PLTE", "abc"))).find("PLTE") != std::string::npos);
    std::string file = png_by_libpng({.colour_type = 3, .depth = 1});
    const std::size_t palette = file.find("PLTE") - 4;
    file.erase(palette, 12 + 6);
    CHECK(refusal(file).find("palette") != std::string::npos);
}

}  // namespace
