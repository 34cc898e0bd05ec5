#include <doctest/doctest.h>

#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "tensor/npy.hpp"

using namespace conv;
using namespace conv::test;

TEST_CASE("cli: several -k combine, or give one numbered file each") {
    const TemporaryFolder folder;
    const std::vector<std::string> two = {
        "-k", "sobel:direction=x", "-k", "sobel:direction=y", "--depth", "f32"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), two.begin(), two.end());
        return more;
    };
    const Run numbered = apply(with({"--json"}), sample("scene.png"), folder.file("{k}-edge.tif"));
    REQUIRE(numbered.code == 0);
    CHECK(json_of(numbered).at("outputs") ==
          nlohmann::json::array({folder.file("0-edge.tif"), folder.file("1-edge.tif")}));
    const Image dx = first_page(folder.file("0-edge.tif"));
    const Image dy = first_page(folder.file("1-edge.tif"));
    REQUIRE(apply(with({"--combine", "l2"}), sample("scene.png"), folder.file("l2.tif")).code == 0);
    const Image l2 = first_page(folder.file("l2.tif"));
    for (const std::int64_t at : {0, 77, 300}) {
        CHECK(sample_at(l2, 1, at, at) ==
              doctest::Approx(std::hypot(sample_at(dx, 1, at, at), sample_at(dy, 1, at, at)))
                  .epsilon(1e-6));
    }
    const Run refused = apply(two, sample("scene.png"), folder.file("one.tif"));
    CHECK(refused.code == 2);
    check_contains(refused.err, "{k}");
    CHECK(folder.entries() == 3);
}

TEST_CASE("cli: numbers of {k} and {page} are padded with zeros to one width") {
    const TemporaryFolder folder;
    Image cube = Image::planar(SampleType::f32, 1, 4, 5);
    std::fill_n(cube.data<float>(), 20, 1.5F);
    ImageDocument pages;
    pages.format = "npy";
    pages.array_rank = 4;
    for (int n = 0; n < 11; ++n) pages.pages.push_back(cube);
    write_image(folder.file("in.npy"), pages);
    CHECK(apply({"-k", "identity"}, folder.file("in.npy"), folder.file("p{page}.tif")).code == 0);
    CHECK(std::filesystem::exists(folder.file("p00.tif")));
    CHECK(std::filesystem::exists(folder.file("p10.tif")));
    CHECK(folder.entries() == 12);
    CHECK(
        apply({"-k", "identity", "-k", "2"}, folder.file("in.npy"), folder.file("k{k}-p{page}.npy"))
            .code == 0);
    CHECK(sample_at(first_page(folder.file("k1-p10.npy")), 0, 0, 0) == 3);
    CHECK(folder.entries() == 34);
}

TEST_CASE("cli: pages of a TIFF come out as pages") {
    const TemporaryFolder folder;
    ImageDocument document;
    document.format = "tiff";
    document.pages = {sample_picture(SampleType::u16, 3, 6, 7),
                      sample_picture(SampleType::u16, 3, 9, 4)};
    write_image(folder.file("in.tif"), document);
    REQUIRE(apply({"-k", "identity"}, folder.file("in.tif"), folder.file("out.tif")).code == 0);
    const ImageDocument result = read_image(folder.file("out.tif"));
    REQUIRE(result.pages.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) CHECK(difference(result.pages[i], document.pages[i]) == 0);
    const Run one = apply({"-k", "identity"}, folder.file("in.tif"), folder.file("out.png"));
    CHECK(one.code == 2);
    check_contains(one.err, "{page}");
}

TEST_CASE("cli: .npy in and out is a framework's conv2d") {
    const TemporaryFolder folder;
    // x = C H W 2 x 3 x 4 of 0..23, w = K C R S 1 x 2 x 2 x 2 of 0..7, bias 0.5, stride 2.
    std::string x = npy_header(NpyElement::f32, std::vector<std::int64_t>{2, 3, 4});
    for (int i = 0; i < 24; ++i) {
        const auto value = static_cast<float>(i);
        x.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    std::string w = npy_header(NpyElement::f64, std::vector<std::int64_t>{1, 2, 2, 2});
    for (int i = 0; i < 8; ++i) {
        const double value = i;
        w.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    write_bytes(folder.file("x.npy"), x);
    write_bytes(folder.file("w.npy"), w);
    REQUIRE(apply({"-k", folder.file("w.npy"), "--padding", "1", "--border", "constant", "--stride",
                   "2", "--bias", "1/2"},
                  folder.file("x.npy"), folder.file("y.npy"))
                .code == 0);
    const ImageDocument y = read_image(folder.file("y.npy"));
    CHECK(y.array_rank == 3);
    // Worked by hand: the window's last cell alone, its last column, and so on.
    CHECK(samples_of(y.pages[0]) ==
          std::vector<double>{
              3 * 0 + 7 * 12 + 0.5, 2 * 1 + 3 * 2 + 6 * 13 + 7 * 14 + 0.5, 2 * 3 + 6 * 15 + 0.5,
              1 * 4 + 3 * 8 + 5 * 16 + 7 * 20 + 0.5,
              0 * 5 + 1 * 6 + 2 * 9 + 3 * 10 + 4 * 17 + 5 * 18 + 6 * 21 + 7 * 22 + 0.5,
              0 * 7 + 2 * 11 + 4 * 19 + 6 * 23 + 0.5});
}

TEST_CASE("cli: a failed run leaves no file, and an old output as it was") {
    const TemporaryFolder folder;
    write_bytes(folder.file("half.png"), read_bytes(sample("cells.png")).substr(0, 5000));
    write_bytes(folder.file("text.png"), "no picture\n");
    write_bytes(folder.file("none.png"), "");
    const std::string old = folder.file("old.png");
    write_bytes(old, "what was there");
    const std::size_t before = folder.entries();
    struct Case {
        std::string input;
        std::vector<std::string> options;
        const char* fragment;
    };
    for (const Case& c :
         {Case{folder.file("half.png"), {"-k", "box"}, "half.png"},
          {folder.file("text.png"), {"-k", "box"}, "text.png: is no image file"},
          {folder.file("none.png"), {"-k", "box"}, "none.png: is empty"},
          {folder.file("missing.png"), {"-k", "box"}, "missing.png: cannot be opened"},
          {folder.file(""), {"-k", "box"}, "is a directory"},
          {sample("logo.png"), {"-k", "1 2;3"}, "row 2"},
          {sample("hdr.tif"), {"-k", "box"}, "f32 samples do not fit png"},
          {sample("scene.png"),
           {"-k", "box", "--method", "im2col", "--max-memory", "8M"},
           "--max-memory is 8.0 MiB"},
          {sample("logo.png"), {"-k", "box", "--no-overwrite"}, "--no-overwrite"}}) {
        const Run result = apply(c.options, c.input, old);
        CAPTURE(result.err);
        CHECK(result.code >= 1);
        CHECK(result.out.empty());
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, c.fragment);
        CHECK(read_bytes(old) == "what was there");
        CHECK(folder.entries() == before);
    }
}

TEST_CASE("cli: outputs that cannot be written are refused before computing") {
    const TemporaryFolder folder;
    for (const auto& [output, code, fragment] :
         {std::tuple{"missing/a.png", 1, "does not exist, create it first"},
          {"a", 2, "has no extension"},
          {"a.gif", 2, "'.gif' cannot be written"},
          {"a.jpg", 2, "jpeg holds no alpha: use --alpha drop"},
          {"a.hdr", 2, "u8 samples do not fit hdr"}}) {
        const Run result = apply({"-k", "box"}, sample("logo.png"), folder.file(output));
        CHECK(result.code == code);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, fragment);
    }
    CHECK(folder.entries() == 0);
}

TEST_CASE("cli: input and output may be the same file, also through a symbolic link") {
    const TemporaryFolder folder;
    const std::string file = folder.file("a.png"), link = folder.file("link.png");
    std::filesystem::copy_file(sample("cells.png"), file);
    std::filesystem::create_symlink("a.png", link);
    REQUIRE(apply({"-k", "-1", "--bias", "255"}, file, link).code == 0);
    CHECK(std::filesystem::is_symlink(link));
    CHECK(sample_at(first_page(file), 0, 3, 4) ==
          255 - sample_at(first_page(sample("cells.png")), 0, 3, 4));
    CHECK(folder.entries() == 2);
}
