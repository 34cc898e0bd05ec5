#include "files/tiff_tags.hpp"

#include <doctest/doctest.h>
#include <tiffio.h>

#include <cmath>
#include <memory>

#include "files/formats/tiff/directory_writer.hpp"
#include "files/formats/tiff/tag_fates.hpp"
#include "files/formats/tiff/tiff_file_reader.hpp"
#include "files/formats/tiff/tiff_file_writer.hpp"
#include "files/row_document.hpp"
#include "support/command_line.hpp"
#include "support/test_files.hpp"
#include "support/tiff_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

TiffField doubles(std::vector<double> values) {
    return TiffField::of_doubles(values);
}

/// A description that ImageJ writes, of a stack of one.
const std::string kImageJ = "ImageJ=1.53\nimages=1\nunit=um\nxorigin=10\nspacing=0.5\n";

/// Tags that a page is written with: what photographs, maps and microscopes have.
TiffFields all_tags() {
    TiffFields tags;
    tags[kTagImageDescription] = TiffField::of_text(kImageJ);
    tags[271] = TiffField::of_text("Maker");
    tags[272] = TiffField::of_text("Model");
    tags[285] = TiffField::of_text("Page");
    tags[305] = TiffField::of_text("Software 1.0");
    tags[306] = TiffField::of_text("2020:01:02 03:04:05");
    tags[315] = TiffField::of_text("Artist");
    tags[33432] = TiffField::of_text("Copyright");
    tags[kTagXResolution] = TiffField::of_rational(5);
    tags[kTagYResolution] = TiffField::of_rational(2.5);
    tags[kTagResolutionUnit] = TiffField::of_shorts({RESUNIT_NONE});
    tags[kTagModelPixelScale] = doubles({30, 20, 0});
    tags[kTagModelTiepoint] = doubles({0, 0, 0, 500000, 4100000, 0});
    tags[kTagGeoKeys] = TiffField::of_shorts({1, 1, 0, 1, 1025, 0, 1, 1});
    tags[34736] = doubles({6378137});
    tags[34737] = TiffField::of_text("WGS 84|");
    tags[kTagGdalMetadata] = TiffField::of_text(
        "<GDALMetadata>\n  <Item name=\"A\">b</Item>\n  <Item name=\"STATISTICS_MEAN\" "
        "sample=\"0\">5</Item>\n</GDALMetadata>\n");
    tags[kTagGdalNodata] = TiffField::of_text("-9999");
    tags[50838] = TiffField::of_longs({4, 8});
    tags[65000] = TiffField::of_bytes({1, 2, 3}, TiffType::undefined);
    tags[65001] = TiffField::of_longs({7, 8, 9});
    return tags;
}

Metadata metadata_of(const TiffFields& fields, const Image& picture) {
    auto tags = std::make_shared<TiffTags>();
    tags->fields = fields;
    tags->width = picture.shape.W;
    tags->height = picture.shape.H;
    tags->channels = picture.shape.C;
    Metadata metadata;
    metadata.tiff = tags;
    metadata.xmp = {'<', 'x', '>'};
    metadata.iptc = {0x1c, 2, 116};
    metadata.icc_profile.assign(200, 1);
    return metadata;
}

struct Written {
    Metadata metadata;
    std::vector<std::string> notes;
};

/// Writes a picture of other sizes with the metadata, and reads what stands there.
Written rewritten(const Metadata& metadata, const Image& result, const TiffStorage& storage = {}) {
    const TemporaryFolder folder;
    ImageDocument document = document_of(result, "tiff");
    document.metadata = metadata;
    document.metadata.coding.tiff = storage;
    ByteSink sink;
    Written written;
    TiffFileWriter writer(document, 1, {}, sink);
    write_document(document, writer);
    written.notes = writer.notes();
    const std::vector<std::uint8_t> bytes = sink.take_collected();
    write_bytes(folder.file("a.tif"), {bytes.begin(), bytes.end()});
    const auto file = open_tiff_rows(std::make_unique<ByteSource>(folder.file("a.tif")), {});
    written.metadata = file->header(0).metadata;
    return written;
}

std::vector<double> numbers(const Written& written, std::uint16_t tag) {
    const TiffFields& fields = written.metadata.tiff->fields;
    const auto field = fields.find(tag);
    return field == fields.end() ? std::vector<double>() : field->second.numbers();
}

std::string text(const Written& written, std::uint16_t tag) {
    const TiffFields& fields = written.metadata.tiff->fields;
    const auto field = fields.find(tag);
    return field == fields.end() ? "absent" : field->second.text();
}

TEST_CASE("tiff tags: identity keeps every tag, in either byte order and kind of file") {
    const Image picture = sample_picture(SampleType::f32, 1, 20, 30);
    TiffFields tags = all_tags();
    const std::string kept = "<GDALMetadata>\n  <Item name=\"A\">b</Item>\n</GDALMetadata>\n";
    for (const bool big_tiff : {false, true}) {
        for (const bool big_endian : {false, true}) {
            TiffStorage storage;
            storage.big_tiff = big_tiff;
            storage.big_endian = big_endian;
            const Written written = rewritten(metadata_of(tags, picture), picture, storage);
            for (const auto& entry : tags) {
                const std::uint16_t tag = entry.first;
                const TiffField& field = entry.second;
                if (tag == kTagGdalMetadata) continue;
                CAPTURE(tag);
                REQUIRE(written.metadata.tiff->fields.contains(tag));
                const TiffField& other = written.metadata.tiff->fields.at(tag);
                CHECK(other.type == field.type);
                CHECK(other.bytes == field.bytes);
            }
            CHECK(text(written, kTagGdalMetadata) == kept);
            CHECK(written.metadata.xmp == std::vector<std::uint8_t>{'<', 'x', '>'});
            CHECK(written.metadata.iptc == std::vector<std::uint8_t>{0x1c, 2, 116});
            CHECK(written.metadata.icc_profile.size() == 200);
            CHECK(written.metadata.coding.tiff->big_tiff == big_tiff);
            REQUIRE(written.notes.size() == 1);  // the statistics alone
            CHECK(written.notes[0].find("statistics") != std::string::npos);
        }
    }
}

TEST_CASE("tiff tags: positions and resolutions follow stride and padding") {
    const Image picture = sample_picture(SampleType::f32, 1, 20, 30);
    struct Case {
        const char* name;
        SampleGrid grid;
        double easting, northing, pixel, x_resolution, origin;
    };
    for (const Case& given : {Case{"same", {}, 500000, 4100000, 30, 5, 10},
                              // 5x5, valid: the first result lies on the third pixel
                              Case{"valid", {1, 1, 2, 2}, 500060, 4099960, 30, 5, 8},
                              Case{"full", {1, 1, -2, -2}, 499940, 4100040, 30, 5, 12},
                              // pixels of twice the size, whose centres stay
                              Case{"stride 2", {2, 2, 0, 0}, 499985, 4100010, 60, 2.5, 5}}) {
        CAPTURE(given.name);
        Metadata metadata = metadata_of(all_tags(), picture);
        metadata.grid = given.grid;
        const Written written = rewritten(metadata, picture);
        CHECK(numbers(written, kTagModelTiepoint) ==
              std::vector<double>{0, 0, 0, given.easting, given.northing, 0});
        CHECK(numbers(written, kTagModelPixelScale) ==
              std::vector<double>{given.pixel, given.pixel / 1.5, 0});
        CHECK(numbers(written, kTagXResolution) == std::vector<double>{given.x_resolution});
        CHECK(text(written, kTagImageDescription).find(fmt::format("xorigin={}\n", given.origin)) !=
              std::string::npos);
        CHECK(written.notes.size() == 1);
    }
}

TEST_CASE("tiff tags: several tie points, a transformation and polynomials move in the raster") {
    const Image picture = sample_picture(SampleType::f32, 1, 20, 30);
    TiffFields tags;
    tags[kTagGeoKeys] = TiffField::of_shorts({1, 1, 0, 1, 1025, 0, 1, 2});  // pixel is point
    tags[kTagModelTiepoint] = doubles({4, 6, 0, 1, 2, 0, 8, 10, 0, 3, 4, 0});
    tags[kTagModelTransformation] =
        doubles({10, 1, 0, 100, 2, -10, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1});
    std::vector<double> polynomials(92, 1);
    polynomials[2] = 20;  // line offset
    polynomials[3] = 30;
    polynomials[7] = 8;  // line scale
    polynomials[8] = 4;
    tags[kTagRpcCoefficients] = doubles(polynomials);
    Metadata metadata = metadata_of(tags, picture);
    metadata.grid = {2, 2, 2, 4};
    const Written written = rewritten(metadata, picture);
    CHECK(numbers(written, kTagModelTiepoint) ==
          std::vector<double>{1, 1, 0, 1, 2, 0, 3, 3, 0, 3, 4, 0});
    CHECK(numbers(written, kTagModelTransformation) ==
          std::vector<double>{20, 2, 0, 124, 4, -20, 0, 164, 0, 0, 0, 0, 0, 0, 0, 1});
    const std::vector<double> moved = numbers(written, kTagRpcCoefficients);
    REQUIRE(moved.size() == 92);
    CHECK(moved[2] == 8);
    CHECK(moved[3] == 14);
    CHECK(moved[7] == 4);
    CHECK(moved[8] == 2);
}

TEST_CASE("tiff tags: OME-XML and tifffile's shape fit the result or are named") {
    const Image picture = sample_picture(SampleType::u16, 1, 20, 30);
    const std::string ome =
        "<?xml version=\"1.0\"?><OME xmlns=\"x\"><Image><Pixels SizeX=\"30\" SizeY=\"20\" "
        "Type=\"uint16\" SignificantBits=\"12\" PhysicalSizeX=\"0.25\" SizeC=\"1\"/></Image></OME>";
    const auto described = [&](const std::string& description, const Image& result) {
        Metadata metadata =
            metadata_of({{kTagImageDescription, TiffField::of_text(description)}}, picture);
        metadata.grid.scale_x = 2;
        return rewritten(metadata, result);
    };
    const Image half = sample_picture(SampleType::f32, 1, 10, 15);
    const Written adapted = described(ome, half);
    CHECK(text(adapted, kTagImageDescription) ==
          "<?xml version=\"1.0\"?><OME xmlns=\"x\"><Image><Pixels SizeX=\"15\" SizeY=\"10\" "
          "Type=\"float\" PhysicalSizeX=\"0.5\" SizeC=\"1\"/></Image></OME>");
    CHECK(adapted.notes.empty());
    const Written other = described(ome, sample_picture(SampleType::u16, 3, 20, 30));
    CHECK(text(other, kTagImageDescription) == "absent");
    REQUIRE(other.notes.size() == 1);
    CHECK(other.notes[0].find("OME-XML") != std::string::npos);
    CHECK(described("{\"shape\": [20, 30]}", half).notes.size() == 1);
    CHECK(text(described("{\"shape\": [20, 30]}", picture), kTagImageDescription) ==
          "{\"shape\": [20, 30]}");
}

TEST_CASE("tiff tags: GDAL's nodata value is text and a number, and goes where it cannot be held") {
    const Image picture = sample_picture(SampleType::f32, 1, 20, 30);
    TiffTags tags;
    tags.fields[kTagGdalNodata] = TiffField::of_text(" -9999 ");
    CHECK(tags.nodata_text() == "-9999");
    CHECK(tags.nodata() == -9999);
    tags.fields[kTagGdalNodata] = TiffField::of_text("nan");
    CHECK(std::isnan(*tags.nodata()));
    tags.fields[kTagGdalNodata] = TiffField::of_text("none of it");
    CHECK(!tags.nodata());
    const Metadata metadata = metadata_of({{kTagGdalNodata, TiffField::of_text("-9999")}}, picture);
    const Written written = rewritten(metadata, sample_picture(SampleType::u8, 1, 20, 30));
    CHECK(text(written, kTagGdalNodata) == "absent");
    REQUIRE(written.notes.size() == 1);
    CHECK(written.notes[0].find("-9999") != std::string::npos);
}

TEST_CASE("tiff tags: rationals are exact for decimal numbers") {
    for (const double value : {72.0, 2.5, 0.1, 28.346, 96.012, 1e-3, 300000.0}) {
        CHECK(TiffField::of_rational(value).numbers() == std::vector<double>{value});
    }
}

TEST_CASE("tiff tags: layout, compression, bits and kind of file are those of the input") {
    const TemporaryFolder folder;
    for (const TiffSpec& spec :
         {TiffSpec{.name = "tiles",
         .channels = 3,
         .compression = COMPRESSION_ADOBE_DEFLATE,
         .predictor = 2,
         .photometric = 2,
         .tile = 48,
         .mode = "w8"},
          TiffSpec{.name = "12 bits", .bits = 12, .compression = COMPRESSION_NONE, .mode = "wb"},
          TiffSpec{.name = "10 bits",
          .channels = 3,
          .bits = 10,
          .compression = COMPRESSION_LZW,
          .photometric = 2},
          TiffSpec{.name = "4 bands",
          .channels = 4,
          .compression = COMPRESSION_PACKBITS,
          .separate_planes = true,
          .extra_samples = {0, 0, 0}},
          TiffSpec{.name = "differences of floats, big-endian",
          .bits = 32,
          .format = 3,
          .compression = COMPRESSION_LZW,
          .predictor = 3,
          .mode = "wb"}}) {
        CAPTURE(spec.name);
        write_with_libtiff(folder.file("a.tif"), spec);
        const ImageDocument input = read_image(folder.file("a.tif"));
        ByteSink sink;
        TiffFileWriter writer(input, 1, {}, sink);
        write_document(input, writer);
        CHECK(writer.notes().empty());
        const std::vector<std::uint8_t> bytes = sink.take_collected();
        write_bytes(folder.file("b.tif"), {bytes.begin(), bytes.end()});
        const ImageDocument output = read_image(folder.file("b.tif"));
        CHECK(difference(input.pages[0], output.pages[0]) == 0);
        const TiffStorage a = *input.metadata.coding.tiff, b = *output.metadata.coding.tiff;
        CHECK(a.compression == b.compression);
        CHECK(a.predictor == b.predictor);
        CHECK(a.bits == b.bits);
        CHECK(a.photometric == b.photometric);
        CHECK(a.tiled == b.tiled);
        CHECK(a.tile_width == b.tile_width);
        CHECK(a.big_tiff == b.big_tiff);
        CHECK(a.separate_planes == b.separate_planes);
    }
}

TEST_CASE("tiff tags: apply says where its results lie, in rows and in whole pictures") {
    const TemporaryFolder folder;
    const std::string box5 = "1 1 1 1 1; 1 1 1 1 1; 1 1 1 1 1; 1 1 1 1 1; 1 1 1 1 1";
    struct Case {
        std::vector<std::string> options;
        double easting, pixel;
    };
    for (const SampleType type : {SampleType::u8, SampleType::f32}) {
        ImageDocument document = document_of(sample_picture(type, 1, 20, 30), "tiff");
        document.metadata = metadata_of(all_tags(), document.pages[0]);
        write_image(folder.file("in.tif"), document);
        for (const Case& given :
             {Case{{"--padding", "same"}, 500000, 30}, Case{{"--padding", "valid"}, 500060, 30},
              Case{{"--padding", "full"}, 499940, 30}, Case{{"--padding", "1"}, 500030, 30},
              Case{{"--dilation", "2", "--padding", "valid"}, 500120, 30},
              Case{{"--stride", "2"}, 499985, 60},
              Case{{"--stride", "2", "--padding", "valid"}, 500045, 60}}) {
            CAPTURE(given.options.back());
            CAPTURE(given.easting);
            std::vector<std::string> options = {"-k", box5, "--scale", "1/25"};
            options.insert(options.end(), given.options.begin(), given.options.end());
            REQUIRE(apply(options, folder.file("in.tif"), folder.file("out.tif")).code == 0);
            const Written written{read_image(folder.file("out.tif")).metadata, {}};
            CHECK(numbers(written, kTagModelTiepoint)[3] == given.easting);
            CHECK(numbers(written, kTagModelPixelScale)[0] == given.pixel);
        }
    }
}

}  // namespace
