#include <doctest/doctest.h>

#include "files/format_table.hpp"
#include "files/opencv_codec.hpp"
#include "support/picture_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

constexpr int kApp1 = 0xe1, kApp2 = 0xe2, kApp12 = 0xec, kApp13 = 0xed, kComment = 0xfe;

Image by_opencv(const std::string& file) {
    const std::shared_ptr<std::uint8_t> bytes(new std::uint8_t[file.size()],
                                              std::default_delete<std::uint8_t[]>());
    std::copy(file.begin(), file.end(), bytes.get());
    FileInput input;
    input.bytes = {bytes, file.size()};
    input.name = "a test's file";
    return decode_with_opencv(input).picture;
}

ImageDocument document_from(const TemporaryFolder& folder, const std::string& file) {
    write_bytes(folder.file("in.jpg"), file);
    return read_image(folder.file("in.jpg"));
}

/// The names of what was left out when the document was written as `name`.
std::vector<std::string> notes_of_writing(const std::string& path, const ImageDocument& document) {
    OutputFiles outputs;
    outputs.add(path, document);
    outputs.commit();
    return outputs.notes();
}

TEST_CASE("jpeg rows: grey, every sampling and progressive pictures are as OpenCV reads them") {
    const TemporaryFolder folder;
    for (const auto& sampling :
         {std::pair{1, 1}, std::pair{2, 1}, std::pair{2, 2}, std::pair{1, 2}, std::pair{4, 1}}) {
        const int horizontal = sampling.first, vertical = sampling.second;
        for (const bool progressive : {false, true}) {
            for (const int channels : {1, 3}) {
                CAPTURE(horizontal);
                CAPTURE(vertical);
                CAPTURE(progressive);
                CAPTURE(channels);
                const std::string file = jpeg_by_libjpeg({.channels = channels,
                                                          .horizontal = horizontal,
                                                          .vertical = vertical,
                                                          .progressive = progressive});
                CHECK(difference(document_from(folder, file).pages[0], by_opencv(file)) == 0);
            }
        }
    }
}

TEST_CASE("jpeg: a result keeps its input's tables, sampling and progression") {
    const TemporaryFolder folder;
    for (const bool progressive : {false, true}) {
        const JpegForm form = {
            .horizontal = 2, .vertical = 1, .progressive = progressive, .quality = 71};
        const ImageDocument input = document_from(folder, jpeg_by_libjpeg(form));
        write_image(folder.file("out.jpg"), input);
        const ImageDocument output = read_image(folder.file("out.jpg"));
        REQUIRE(input.metadata.coding.jpeg);
        REQUIRE(output.metadata.coding.jpeg);
        const JpegCoding &a = *input.metadata.coding.jpeg, &b = *output.metadata.coding.jpeg;
        CHECK(a.tables == b.tables);
        CHECK(b.progressive == progressive);
        REQUIRE(b.components.size() == 3);
        CHECK(b.components[0].horizontal == 2);
        CHECK(b.components[0].vertical == 1);
        CHECK(b.components[1].horizontal == 1);
    }
}

TEST_CASE("jpeg: coding survives --metadata strip, quality and subsampling override it") {
    const TemporaryFolder folder;
    const ImageDocument input =
        document_from(folder, jpeg_by_libjpeg({.horizontal = 2, .vertical = 2, .quality = 50}));
    WriteOptions options;
    options.keep_metadata = false;
    write_image(folder.file("kept.jpg"), input, options);
    options.quality = 100;
    options.subsampling = "444";
    write_image(folder.file("best.jpg"), input, options);
    const auto kept = *read_image(folder.file("kept.jpg")).metadata.coding.jpeg;
    const auto best = *read_image(folder.file("best.jpg")).metadata.coding.jpeg;
    CHECK(kept.tables == input.metadata.coding.jpeg->tables);
    CHECK(kept.components[0].vertical == 2);
    CHECK((*best.tables[0])[0] == 1);
    CHECK(best.components[0].vertical == 1);
}

TEST_CASE("jpeg: pictures of other formats are written with 4:4:4 and quality 95") {
    const TemporaryFolder folder;
    write_image(folder.file("a.jpg"), document_of(sample_picture(SampleType::u8, 3, 20, 30)));
    const auto coding = *read_image(folder.file("a.jpg")).metadata.coding.jpeg;
    CHECK(coding.components[0].horizontal == 1);
    CHECK((*coding.tables[0])[0] == 2);  // 16 at quality 50, times 0.1, rounded
}

TEST_CASE("jpeg: a grey result of a colour picture keeps luma's table") {
    const TemporaryFolder folder;
    ImageDocument document =
        document_from(folder, jpeg_by_libjpeg({.horizontal = 2, .vertical = 2, .quality = 60}));
    const auto tables = document.metadata.coding.jpeg->tables;
    document.pages[0] = sample_picture(SampleType::u8, 1, 20, 30);
    write_image(folder.file("a.jpg"), document);
    CHECK(read_image(folder.file("a.jpg")).metadata.coding.jpeg->tables[0] == tables[0]);
}

/// An ICC profile's header with bytes that differ everywhere.
std::string sample_profile(std::size_t size) {
    std::string profile = big(size, 4);
    for (std::size_t i = 4; i < size; ++i) profile += static_cast<char>(i * 7 + i / 251);
    return profile.replace(16, 4, "RGB ");
}

TEST_CASE(
    "jpeg metadata: pieces of a colour profile are put in order, one that lacks a piece is named") {
    const TemporaryFolder folder;
    const std::string profile = sample_profile(1000);
    const auto piece = [&](int number, std::size_t at, std::size_t count) {
        return std::pair{kApp2, std::string("ICC_PROFILE\0", 12) + static_cast<char>(number) +
                                    '\3' + profile.substr(at, count)};
    };
    const std::string jpeg = jpeg_by_libjpeg({});
    const ImageDocument document = document_from(
        folder, with_segments(jpeg, {piece(3, 800, 200), piece(1, 0, 400), piece(2, 400, 400)}));
    CHECK(std::string(document.metadata.icc_profile.begin(), document.metadata.icc_profile.end()) ==
          profile);
    const ImageDocument cut =
        document_from(folder, with_segments(jpeg, {piece(3, 800, 200), piece(1, 0, 400)}));
    CHECK(cut.metadata.icc_profile.empty());
    REQUIRE(cut.metadata.losses.size() == 1);
    CHECK(cut.metadata.losses[0].find("profile") != std::string::npos);
}

TEST_CASE(
    "jpeg metadata: XMP, extended XMP, IPTC, comments and unknown segments come out as they were") {
    const TemporaryFolder folder;
    const std::string xmp = std::string("http://ns.adobe.com/xap/1.0/\0", 29) + "<x:xmpmeta/>";
    const std::string extension =
        std::string("http://ns.adobe.com/xmp/extension/\0", 35) + std::string(32, 'A') + "more";
    const std::string records = "\x1c\x02\x74" + big(7, 2) + "(c) me!";
    const std::string iptc = std::string("Photoshop 3.0\0", 14) + "8BIM" + big(0x0404, 2) +
                             std::string(2, '\0') + big(records.size(), 4) + records;
    const std::string path_block =
        "8BIM" + big(0x07d0, 2) + std::string(2, '\0') + big(4, 4) + "path";
    const ImageDocument document =
        document_from(folder, with_segments(jpeg_by_libjpeg({}), {{kApp1, xmp},
                                                                  {kApp1, extension},
                                                                  {kApp13, iptc + path_block},
                                                                  {kApp12, "Ducky"},
                                                                  {kComment, "caf\xe9"},
                                                                  {kComment, "second"}}));
    CHECK(notes_of_writing(folder.file("out.jpg"), document).empty());
    for (const std::string& kept : {xmp, extension, records, path_block, std::string("Ducky"),
                                    std::string("caf\xe9"), std::string("second")})
        CHECK(file_holds(folder.file("out.jpg"), kept));
    const Metadata& metadata = document.metadata;
    CHECK(std::string(metadata.iptc.begin(), metadata.iptc.end()) == records);
}

TEST_CASE("jpeg metadata: what PNG can hold travels there and back, the rest is one line") {
    const TemporaryFolder folder;
    const std::string records = "\x1c\x02\x74" + big(7, 2) + "(c) me!";
    ImageDocument document = document_from(
        folder, with_segments(jpeg_by_libjpeg({}), {{kApp12, "Ducky"}, {kComment, "caf\xe9"}}));
    document.metadata.iptc.assign(records.begin(), records.end());
    document.metadata.xmp = {'<', 'x', '/', '>'};
    const auto notes = notes_of_writing(folder.file("a.png"), document);
    REQUIRE(notes.size() == 1);
    CHECK(notes[0] == "PNG carries no JPEG APP12: left out");
    const ImageDocument png = read_image(folder.file("a.png"));
    CHECK(png.metadata.iptc == document.metadata.iptc);
    CHECK(png.metadata.xmp == document.metadata.xmp);
    REQUIRE(png.metadata.texts.size() == 1);
    CHECK(png.metadata.texts[0].text == "caf\xc3\xa9");
    ImageDocument more = png;
    more.metadata.colour.gamma = 100000;
    more.metadata.texts.push_back({"Title", "T", "", "", false});
    const auto lost = notes_of_writing(folder.file("b.jpg"), more);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0] == "JPEG carries no gamma and primaries, text (Title): left out");
}

TEST_CASE("jpeg metadata: resolution keeps its unit") {
    const TemporaryFolder folder;
    for (const auto unit :
         {ResolutionUnit::none, ResolutionUnit::inch, ResolutionUnit::centimetre}) {
        ImageDocument document = document_of(sample_picture(SampleType::u8, 1, 4, 4));
        document.metadata.resolution_unit = unit;
        document.metadata.x_per_inch = 2.54 * 100;
        document.metadata.y_per_inch = 2.54 * 50;
        write_image(folder.file("a.jpg"), document);
        const Metadata kept = read_image(folder.file("a.jpg")).metadata;
        CHECK(kept.resolution_unit == unit);
        CHECK(kept.x_per_inch / kept.y_per_inch == doctest::Approx(2).epsilon(0.01));
        if (unit == ResolutionUnit::centimetre) CHECK(kept.x_per_inch == doctest::Approx(254));
    }
}

TEST_CASE("jpeg: what is no 8-bit grey or colour picture is refused by its right name") {
    const TemporaryFolder folder;
    const auto refusal = [&](const std::string& file) {
        return error_of([&] { document_from(folder, file); });
    };
    const std::string jpeg = jpeg_by_libjpeg({});
    const auto frame = [&](char kind) {
        std::string file = jpeg;
        file[file.find("\xff\xc0") + 1] = kind;
        return file;
    };
    std::string twelve = jpeg;
    twelve[twelve.find("\xff\xc0") + 4] = 12;
    CHECK(refusal(twelve).find("12 bits a sample") != std::string::npos);
    CHECK(refusal(frame('\xc3')).find("lossless JPEG") != std::string::npos);
    CHECK(refusal(frame('\xc5')).find("hierarchical JPEG") != std::string::npos);
    CHECK(refusal(jpeg_by_libjpeg({.cmyk = true})).find("CMYK") != std::string::npos);
}

TEST_CASE("jpeg: a file that ends early is refused as truncated wherever it ends") {
    const TemporaryFolder folder;
    for (const bool progressive : {false, true}) {
        const std::string jpeg = jpeg_by_libjpeg({.progressive = progressive});
        for (std::size_t size = 20; size < jpeg.size(); size += 97) {
            CAPTURE(size);
            const std::string message =
                error_of([&] { document_from(folder, jpeg.substr(0, size)); });
            CHECK(message.find("truncated") != std::string::npos);
        }
    }
}

}  // namespace
