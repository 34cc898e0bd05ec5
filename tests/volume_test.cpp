#include <doctest/doctest.h>

#include <cmath>

#include "files/formats/tiff/tag_fates.hpp"
#include "files/row_document.hpp"
#include "filtering/filter_volume.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

std::vector<Image> volume(SampleType type, std::int64_t depth) {
    return stack_of(document_of(sample_picture(type, depth, 9, 11))).pages;
}

/// All slices of the result.
std::vector<Image> filtered(const std::vector<Image>& slices, const FilterStage& stage) {
    ImageDocument stack;
    stack.pages = slices;
    const VolumePlan plan =
        plan_volume(stage, static_cast<std::int64_t>(slices.size()), slices.front().type);
    VolumePages pages(document_rows(std::move(stack), DocumentPages::stay), plan.rule);
    std::vector<Image> results;
    for (auto& page : filter_volume({&test_device(), 1}, plan.stages, pages).pages)
        results.push_back(std::move(page.front()));
    return results;
}

/// Calls body(weight, sample) for every term of the sum at (z, y, x), borders by the index rule in
/// every direction.
template <typename Body>
void for_each_term(const std::vector<Image>& slices, const Kernel& k, const FilterSettings& s,
                   const std::vector<std::int64_t>& at, const Body& body) {
    const auto Z = static_cast<std::int64_t>(slices.size());
    const Shape& shape = slices.front().shape;
    const bool same = s.padding_rule == PaddingRule::same;
    for (std::int64_t d = 0; d < k.C; ++d) {
        for (std::int64_t r = 0; r < k.R; ++r) {
            for (std::int64_t c = 0; c < k.S; ++c) {
                const auto from = [&](std::int64_t i, std::int64_t tap, std::int64_t size,
                                      std::int64_t all) {
                    const std::int64_t turned = s.flip ? size - 1 - tap : tap;
                    const std::int64_t middle = s.flip ? size - 1 - size / 2 : size / 2;
                    return border_index(s.border.mode, i + turned - (same ? middle : 0), all);
                };
                const std::int64_t z = from(at[0], d, k.C, Z), y = from(at[1], r, k.R, shape.H),
                                   x = from(at[2], c, k.S, shape.W);
                const double w = k.values[static_cast<std::size_t>((d * k.R + r) * k.S + c)];
                const bool constant = z < 0 || y < 0 || x < 0;
                body(w, constant ? static_cast<double>(s.border.value(0))
                                 : sample_at(slices[static_cast<std::size_t>(z)], 0, y, x));
            }
        }
    }
}

double direct_sum(const std::vector<Image>& slices, const Kernel& k, const FilterSettings& s,
                  const std::vector<std::int64_t>& at) {
    double sum = 0;
    for_each_term(slices, k, s, at, [&](double w, double x) { sum += w * x; });
    return sum;
}

/// v.npy, 7 slices of bytes, and k.txt, which adds three neighbours in z.
void write_small_volume(const TemporaryFolder& folder) {
    ImageDocument document =
        document_of(planar_copy(sample_picture(SampleType::u8, 7, 20, 30)), "npy");
    document.array_rank = 3;
    write_image(folder.file("v.npy"), std::move(document));
    write_bytes(folder.file("k.txt"), "shape: 3 1 1\n1\n1\n1\n");
}

}  // namespace

TEST_CASE("volume: every slice is the sum over slices, rows and columns") {
    Kernel product = make_kernel({3, 3, 3}, {});
    for (const double z : {1.0, 2.0, -0.5})
        for (const double v : {1.0, 2.0, 1.0, 0.0, 0.5, 0.0, -1.0, 3.0, 1.0})
            product.values.push_back(z * v / 8);
    for (const SampleType type : {SampleType::u8, SampleType::f32}) {
        const std::vector<Image> slices = volume(type, 5);
        for (const Kernel& kernel : {product, uneven_kernel({3, 3, 3}), uneven_kernel({4, 2, 3}),
                                     uneven_kernel({7, 1, 1})}) {
            for (const char* border :
                 {"constant:3", "replicate", "reflect", "reflect101", "wrap"}) {
                for (const bool flip : {false, true}) {
                    FilterSettings settings;
                    settings.depth = SampleType::f32;
                    settings.border = parse_border(border);
                    settings.flip = flip;
                    const FilterStage stage{make_bank({kernel}, settings), settings};
                    const std::vector<Image> result = filtered(slices, stage);
                    REQUIRE(result.size() == 5);
                    CAPTURE(border);
                    CAPTURE(flip);
                    for (std::int64_t z = 0; z < 5; ++z)
                        for (std::int64_t y = 0; y < 9; ++y)
                            for (std::int64_t x = 0; x < 11; ++x) {
                                const double wanted =
                                    direct_sum(slices, kernel, settings, {z, y, x});
                                const Image& slice = result[static_cast<std::size_t>(z)];
                                CHECK(std::abs(sample_at(slice, 0, y, x) - wanted) <=
                                      1e-5 * (1 + std::abs(wanted)) * 30);
                            }
                }
            }
        }
    }
}

TEST_CASE("volume: what missing samples and constants cannot have is refused with the remedy") {
    const TemporaryFolder folder;
    write_small_volume(folder);
    const auto refused = [&](std::vector<std::string> more, const std::string& fragment) {
        more.insert(more.end(), {"-k", folder.file("k.txt"), "--volume"});
        const Run result = apply(more, folder.file("v.npy"), folder.file("o.npy"));
        CHECK(result.code == 2);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, fragment);
    };
    refused({"--nodata", "0"}, "use --nodata none");
    refused({"--border", "constant:0.5"}, "use a whole number");
    refused({"--region", "1,1,2,2"}, "leave --region out");
    refused({"--then", "box"}, "leave --then and --repeat out");
}

TEST_CASE("volume: bands, threads and memory change no byte, a slab is all that is held") {
    const TemporaryFolder folder;
    Image array = sample_picture(SampleType::u8, 40, 60, 70);
    ImageDocument document = document_of(planar_copy(array), "npy");
    document.array_rank = 3;
    write_image(folder.file("v.npy"), std::move(document));
    write_bytes(folder.file("k.txt"), "shape: 3 3 1\n1\n2\n1\n0\n5\n1\n1\n1\n2\n");
    for (const char* border : {"reflect", "wrap", "constant"}) {
        const auto made = [&](const std::string& name, std::vector<std::string> more) {
            more.insert(more.end(), {"-k", folder.file("k.txt"), "--volume", "--normalize", "sum",
                                     "--border", border});
            REQUIRE(apply(more, folder.file("v.npy"), folder.file(name)).code == 0);
            return read_bytes(folder.file(name));
        };
        CAPTURE(border);
        const std::string one = made("a.npy", {"--threads", "1"});
        CHECK(made("b.npy", {"--threads", "3"}) == one);
        CHECK(made("c.npy", {"--method", "gemm", "--threads", "2"}).size() == one.size());
        CHECK(made("d.npy", {"--verify"}) == one);
    }
}

TEST_CASE("volume: explain and compare look at the slices of one result") {
    const TemporaryFolder folder;
    write_small_volume(folder);
    const Run explained =
        run({"explain", "-k", folder.file("k.txt"), "--volume", folder.file("v.npy")});
    CHECK(explained.code == 0);
    check_contains(explained.out, "volume: slice 4 of 7, made from 3");
    CHECK(run({"compare", "-k", folder.file("k.txt"), "--volume", "--methods", "direct", "--repeat",
               "1", folder.file("v.npy")})
              .code == 0);
    ImageDocument stack = read_image(folder.file("v.npy"));
    stack = stack_of(std::move(stack));
    stack.array_rank = 0;
    TiffTags tags;
    tags.fields[kTagGdalNodata] = TiffField::of_text("0");
    stack.metadata.tiff = std::make_shared<const TiffTags>(std::move(tags));
    write_image(folder.file("v.tif"), std::move(stack));
    for (const char* command : {"explain", "compare"}) {
        const Run tagged =
            run({command, "-k", folder.file("k.txt"), "--volume", folder.file("v.tif")});
        CHECK(tagged.code == 2);
        check_contains(tagged.err, "use --nodata none");
    }
    const Run refused = apply({"-k", folder.file("k.txt"), "--volume", "--region", "1,1,2,2"},
                              folder.file("v.npy"), folder.file("o.npy"));
    CHECK(refused.code == 2);
    CHECK(is_one_error_line(refused.err));
}

TEST_CASE("volume: arrays and stacks, valid and refused ones") {
    const TemporaryFolder folder;
    Image array = Image::planar(SampleType::f32, 6, 8, 9);
    for (std::int64_t i = 0; i < 6 * 8 * 9; ++i)
        array.data<float>()[i] = static_cast<float>(i % 37);
    ImageDocument document = document_of(array, "npy");
    document.array_rank = 3;
    write_image(folder.file("v.npy"), std::move(document));
    write_bytes(folder.file("k.txt"), "shape: 3 1 1\n1\n1\n1\n");
    const std::vector<std::string> options = {"-k", folder.file("k.txt"), "--volume"};
    REQUIRE(apply(options, folder.file("v.npy"), folder.file("o.npy")).code == 0);
    const Image same = first_page(folder.file("o.npy"));
    CHECK(same.shape.C == 6);
    CHECK(sample_at(same, 2, 3, 4) ==
          sample_at(array, 1, 3, 4) + sample_at(array, 2, 3, 4) + sample_at(array, 3, 3, 4));
    std::vector<std::string> valid = options;
    valid.insert(valid.end(), {"--padding", "valid"});
    REQUIRE(apply(valid, folder.file("v.npy"), folder.file("p.npy")).code == 0);
    CHECK(first_page(folder.file("p.npy")).shape.C == 4);
    REQUIRE(apply(options, folder.file("v.npy"), folder.file("s.png")).code == 2);
    REQUIRE(apply(options, folder.file("v.npy"), folder.file("s.tif")).code == 0);
    const ImageDocument stack = read_image(folder.file("s.tif"));
    REQUIRE(stack.pages.size() == 6);
    CHECK(sample_at(stack.pages[2], 0, 3, 4) == sample_at(same, 2, 3, 4));
    REQUIRE(apply(options, folder.file("s.tif"), folder.file("t.npy")).code == 0);
    CHECK(first_page(folder.file("t.npy")).shape.C == 6);
    CHECK(apply({"-k", "box", "--volume"}, folder.file("v.npy"), folder.file("q.npy")).code == 2);
}
