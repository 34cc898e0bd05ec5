#include "files/image_file.hpp"

#include <doctest/doctest.h>

#include "support/test_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

TEST_CASE("image files: metadata travels between PNG, JPEG, WebP and TIFF") {
    const TemporaryFolder folder;
    Metadata metadata;
    metadata.icc_profile.assign(300, 7);
    const std::string size = big(300, 4), space = "RGB ";
    std::copy(size.begin(), size.end(), metadata.icc_profile.begin());
    std::copy(space.begin(), space.end(), metadata.icc_profile.begin() + 16);
    // One tag, Make, of six bytes in an EXIF block of its own.
    const std::string exif = std::string("II*\0\10\0\0\0", 8) + little(1, 2) + little(0x10f, 2) +
                             little(2, 2) + little(6, 4) + little(26, 4) + little(0, 4) +
                             std::string("Maker\0", 6);
    metadata.exif.assign(exif.begin(), exif.end());
    metadata.x_per_inch = 300;
    metadata.y_per_inch = 150;
    for (const std::string from : {"png", "jpg", "webp", "tif"}) {
        for (const std::string to : {"png", "jpg", "webp", "tif"}) {
            CAPTURE(from + " to " + to);
            ImageDocument document = document_of(sample_picture(SampleType::u8, 3, 20, 30));
            document.metadata = metadata;
            write_image(folder.file("a." + from), document);
            write_image(folder.file("b." + to), read_image(folder.file("a." + from)));
            const Metadata kept = read_image(folder.file("b." + to)).metadata;
            CHECK(kept.icc_profile == metadata.icc_profile);
            const std::string text(kept.exif.begin(), kept.exif.end());
            CHECK(text.find("Maker") != std::string::npos);
            if (from == "webp" || to == "webp") continue;  // has no place for a resolution
            CHECK(kept.x_per_inch == doctest::Approx(300).epsilon(0.001));
            CHECK(kept.y_per_inch == doctest::Approx(150).epsilon(0.001));
        }
    }
}

TEST_CASE("image files: a colour profile is dropped, with a note, when the picture becomes grey") {
    const TemporaryFolder folder;
    ImageDocument document = document_of(sample_picture(SampleType::u8, 1, 4, 4));
    document.metadata.icc_profile.assign(300, 7);
    OutputFiles outputs;
    outputs.add(folder.file("a.png"), document);
    outputs.commit();
    CHECK(outputs.notes().size() == 1);
    CHECK(read_image(folder.file("a.png")).metadata.icc_profile.empty());
}

TEST_CASE("image files: EXIF orientation is applied, and reset in the output") {
    const TemporaryFolder folder;
    const Image stored = sample_picture(SampleType::u8, 3, 4, 6);
    // Where pixel (0, 0) as stored, and its right neighbour, are seen for each tag: y, x, y, x.
    constexpr int kSeen[8][4] = {{0, 0, 0, 1}, {0, 5, 0, 4}, {3, 5, 3, 4}, {3, 0, 3, 1},
                                 {0, 0, 1, 0}, {0, 3, 1, 3}, {5, 3, 4, 3}, {5, 0, 4, 0}};
    for (int tag = 1; tag <= 8; ++tag) {
        CAPTURE(tag);
        ImageDocument document = document_of(stored);
        const std::string exif = std::string("II*\0\10\0\0\0", 8) + little(1, 2) +
                                 little(0x112, 2) + little(3, 2) + little(1, 4) +
                                 little(static_cast<std::uint64_t>(tag), 4) + little(0, 4);
        document.metadata.exif.assign(exif.begin(), exif.end());
        write_image(folder.file("a.png"), document);
        const ImageDocument seen = read_image(folder.file("a.png"));
        const int* at = kSeen[tag - 1];
        CHECK(seen.pages[0].shape.H == (tag < 5 ? 4 : 6));
        CHECK(sample_at(seen.pages[0], 1, at[0], at[1]) == sample_at(stored, 1, 0, 0));
        CHECK(sample_at(seen.pages[0], 1, at[2], at[3]) == sample_at(stored, 1, 0, 1));
        write_image(folder.file("b.png"), seen);
        CHECK(difference(read_image(folder.file("b.png")).pages[0], seen.pages[0]) == 0);
    }
}

}  // namespace
