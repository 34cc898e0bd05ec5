#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "filtering/filter_chain.hpp"
#include "pipeline/compose.hpp"
#include "pipeline/row_filter.hpp"
#include "support/bands.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

std::vector<FilterStage> stages_of(const std::vector<Kernel>& kernels, const Image& page,
                                   const FilterSettings& settings) {
    std::vector<FilterStage> stages;
    for (const Kernel& kernel : kernels)
        stages.push_back({make_bank({kernel}, settings), settings});
    link_stages(stages, page.type);
    return stages;
}

Image chain_picture(const std::vector<Kernel>& kernels, const Image& page,
                    const FilterSettings& settings) {
    return filter_chain({&test_device(), 1}, stages_of(kernels, page, settings), {page})
        .pages.at(0)
        .at(0);
}

/// One kernel after the other, each a whole picture of floats, rounded by the last.
Image step_by_step(const std::vector<Kernel>& kernels, const Image& page,
                   const FilterSettings& settings) {
    Image picture = page;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        FilterSettings one = settings;
        if (i + 1 < kernels.size()) one.depth = SampleType::f32;
        picture = filter_picture({kernels[i]}, picture, one);
    }
    return picture;
}

const std::vector<Kernel>& three_kernels() {
    static const std::vector<Kernel> kernels = {box_kernel(5, 3), uneven_kernel({3, 3}),
                                                box_kernel(2, 4)};
    return kernels;
}

}  // namespace

TEST_CASE("chain: the result is that of the steps one by one, rounded once") {
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        const Image page = sample_picture(type, 3, 61, 23);
        for (const char* border : {"constant:9", "replicate", "reflect", "reflect101", "wrap"}) {
            FilterSettings settings = settings_for(page);
            settings.border = parse_border(border);
            settings.limits.threads = 2;
            CAPTURE(border);
            const Image chained = chain_picture(three_kernels(), page, settings);
            const Image stepped = step_by_step(three_kernels(), page, settings);
            CHECK(difference(chained, stepped) <= (type == SampleType::f32 ? 1e-4 : 1));
        }
    }
}

TEST_CASE("chain: pictures between steps may be smaller or larger than the input") {
    for (const char* padding : {"valid", "full", "3", "1,0,2,5", "same-upper"}) {
        for (const char* border : {"reflect101", "wrap", "constant:9"}) {
            const Image page = sample_picture(SampleType::u8, 3, 47, 31);
            FilterSettings settings = settings_for(page);
            settings.border = parse_border(border);
            parse_padding(padding, settings);
            CAPTURE(padding);
            CAPTURE(border);
            CHECK(difference(chain_picture(three_kernels(), page, settings),
                             step_by_step(three_kernels(), page, settings)) <= 1);
        }
    }
}

TEST_CASE("chain: bands change no byte, whatever their height and the method") {
    const Image page = sample_picture(SampleType::u8, 3, 150, 21);
    for (const char* method : {"auto", "naive", "gemm", "fft", "im2col"}) {
        for (const char* border : {"reflect101", "wrap", "constant"}) {
            FilterSettings settings = settings_for(page);
            settings.border = parse_border(border);
            settings.method = method;
            const auto stages = stages_of(three_kernels(), page, settings);
            const Image whole = chain_picture(three_kernels(), page, settings);
            CAPTURE(method);
            CAPTURE(border);
            for (const std::int64_t band_rows : {1, 40, 1000}) {
                RowFilter filter({&test_device(), 1}, stages, info_of(page));
                filter.prepare({0, band_rows});
                const auto input = document_rows(document_of(page));
                const auto rows = input->rows(0);
                Image result = filter.page().new_result(150);
                filter.run(*rows, [&](RowRange range, const std::vector<Image>& bands) {
                    copy_rows(bands[0], rows_of(result, range.first, range.count));
                });
                CHECK(same_bytes(result, whole));
            }
        }
    }
}

TEST_CASE("chain: opacity and what does not count are carried") {
    Image page = sample_picture(SampleType::u8, 4, 30, 20, true);
    FilterSettings settings = settings_for(page);
    const std::vector<Kernel> twice = {box_kernel(3, 3), box_kernel(3, 3)};
    CHECK(difference(chain_picture(twice, page, settings), step_by_step(twice, page, settings)) <=
          255);
    // Opaque stays opaque, in the page's units.
    for (std::int64_t y = 0; y < 30; ++y)
        for (std::int64_t x = 0; x < 20; ++x) set_sample(page, 3, y, x, 255);
    const Image opaque = chain_picture(twice, page, settings);
    for (std::int64_t y = 0; y < 30; ++y)
        for (std::int64_t x = 0; x < 20; ++x) REQUIRE(sample_at(opaque, 3, y, x) == 255);

    Image holed = sample_picture(SampleType::u8, 1, 30, 20);
    set_sample(holed, 0, 9, 9, 0);
    FilterSettings counted = settings_for(holed);
    counted.nodata = Nodata{0, 0};
    // A gradient of nothing is 0, and no hole for the second kernel.
    const std::vector<Kernel> flat = {make_kernel({1, 3}, {-1, 0, 1}), box_kernel(3, 3)};
    for (std::int64_t y = 0; y < 30; ++y)
        for (std::int64_t x = 0; x < 20; ++x)
            if (y != 9 || x != 9) set_sample(holed, 0, y, x, 50);
    counted.depth = SampleType::f32;
    const Image result = chain_picture(flat, holed, counted);
    for (const double value : samples_of(result)) CHECK(std::abs(value) < 1e-3);
    const Image smooth = chain_picture(twice, holed, counted);
    CHECK(sample_at(smooth, 0, 9, 9) == 0);
    CHECK(sample_at(smooth, 0, 9, 10) == doctest::Approx(50));
}

TEST_CASE("chain: --then and --repeat, stride in the last step, one report") {
    const TemporaryFolder folder;
    const std::string a = folder.file("a.png"), b = folder.file("b.png"), c = folder.file("c.png");
    REQUIRE(apply({"-k", "box", "--then", "sharpen", "--then", "box", "--json", "--stride", "2"},
                  sample("cells.png"), a)
                .code == 0);
    CHECK(first_page(a).shape.H == (first_page(sample("cells.png")).shape.H + 1) / 2);
    REQUIRE(apply({"-k", "box", "--repeat", "3"}, sample("cells.png"), b).code == 0);
    REQUIRE(apply({"-k", "box", "--then", "box", "--then", "box"}, sample("cells.png"), c).code ==
            0);
    CHECK(read_bytes(b) == read_bytes(c));
    const Run report = apply(
        {"-k", "box", "--then", "laplacian", "--border", "replicate", "--depth", "f32", "--json"},
        sample("cells.png"), folder.file("d.tif"));
    CHECK(json_of(report)["steps"].size() == 2);
    const Run refused =
        apply({"-k", "box", "-k", "sobel", "--then", "box"}, sample("cells.png"), a);
    CHECK(refused.code == 2);
    check_contains(refused.err, "--combine sum");
    CHECK(apply({"-k", "box", "--repeat", "0"}, sample("cells.png"), a).code == 2);
}

TEST_CASE("chain: explain names every step") {
    const std::vector<std::string> chain = {"explain", "-k",     "box",      "--then",
                                            "sharpen", "--size", "400x300x3"};
    std::vector<std::string> words = chain;
    words.insert(words.end(), {"--border", "replicate"});
    const Run explained = run(words);
    CHECK(explained.code == 0);
    check_contains(explained.out, "step 2 of 2");
    check_contains(explained.out, "not composed with the step before: the border is neither");
    check_contains(run(chain).out, "composed: one kernel of 5 x 5");
}

double largest_size(const Image& page) {
    double largest = 0;
    for (std::int64_t c = 0; c < page.shape.C; ++c)
        for (std::int64_t h = 0; h < page.shape.H; ++h)
            for (std::int64_t w = 0; w < page.shape.W; ++w)
                largest = std::max(largest, std::abs(sample_at(page, c, h, w)));
    return largest;
}

TEST_CASE("chain: one kernel stands for two wherever it gives their picture") {
    const Kernel even = box_kernel(2, 4), uneven = uneven_kernel({3, 5});
    const Kernel symmetric = make_kernel({3, 3}, {1, 2, 1, 2, -5, 2, 1, 2, 1});
    for (const char* border : {"wrap", "reflect", "reflect101", "replicate", "constant:3"}) {
        for (const auto& kernels : {std::vector{symmetric, uneven},
                                    {uneven, symmetric},
                                    {even, even},
                                    {uneven, factor_kernel(3)},
                                    {box_kernel(7, 1), box_kernel(1, 7)}}) {
            for (const char* padding : {"same", "valid", "full"}) {
                const Image page = sample_picture(SampleType::f32, 3, 19, 29);
                FilterSettings settings = settings_for(page);
                settings.border = parse_border(border);
                settings.dilation_w = 2;
                parse_padding(padding, settings);
                auto stages = stages_of(kernels, page, settings);
                CAPTURE(border);
                CAPTURE(padding);
                const std::string obstacle =
                    composition_obstacle(info_of(page), stages[0], stages[1]);
                const FilterStage both = composed(stages[0], stages[1]);
                const Image one =
                    filter_pages(test_device(), both.bank, {page}, both.settings).pages[0][0];
                const Image two = chain_picture(kernels, page, settings);
                const double sums = both.bank.absolute_sums.front() * largest_size(page);
                if (obstacle.empty()) CHECK(difference(one, two) <= 2e-5 * sums);
                const std::string mode = border;
                const bool free = padding == std::string("valid") || mode == "wrap";
                const bool single = kernels[1].values.size() == 1;
                if (padding == std::string("full")) CHECK(obstacle.empty() == single);
                if (padding == std::string("same") && mode == "replicate")
                    CHECK(obstacle.empty() == single);
                if (padding != std::string("full") && free) CHECK(obstacle.empty());
            }
        }
    }
}

TEST_CASE("chain: a step that is no plain sum is not composed") {
    const Image page = sample_picture(SampleType::u8, 4, 9, 9, true);
    const std::vector<Kernel> boxes = {box_kernel(3, 3), box_kernel(3, 3)};
    FilterSettings settings = settings_for(page);
    const auto obstacle = [&](const std::vector<Kernel>& kernels) {
        const auto stages = stages_of(kernels, page, settings);
        return composition_obstacle(info_of(page), stages[0], stages[1]);
    };
    CHECK(obstacle(boxes).empty());
    CHECK(obstacle({boxes[0], uneven_kernel({3, 3})}).starts_with("opacity"));
    Kernel biased = boxes[0];
    biased.bias = {2};
    CHECK(obstacle({biased, boxes[0]}).starts_with("a bias"));
    CHECK(obstacle({boxes[0], biased}).empty());
    settings.nodata = Nodata{0, 0};
    CHECK(obstacle(boxes).starts_with("samples"));
}

TEST_CASE("chain: composed kernels of fractions stay fractions, opacity is that of both") {
    const Image page = sample_picture(SampleType::u8, 4, 21, 17, true);
    FilterSettings settings = settings_for(page);
    const std::vector<Kernel> boxes = {box_kernel(3, 3), box_kernel(3, 3)};
    const auto stages = stages_of(boxes, page, settings);
    const FilterStage both = composed(stages[0], stages[1]);
    CHECK(both.bank.whole.denominator == 81);
    CHECK(both.steps == 2);
    const Image one = filter_pages(test_device(), both.bank, {page}, both.settings).pages[0][0];
    CHECK(difference(one, chain_picture(boxes, page, settings)) <= 1);
}

TEST_CASE("chain: compare runs every step by every method, and adds them up") {
    const TemporaryFolder folder;
    const std::vector<std::string> chain = {"compare",
                                            "-k",
                                            "box",
                                            "--then",
                                            "sharpen",
                                            "--methods",
                                            "direct,gemm,winograd",
                                            "--repeat",
                                            "1",
                                            "--write",
                                            folder.file("{method}.png"),
                                            "--json",
                                            sample("cells.png")};
    const Run compared = run(chain);
    REQUIRE(compared.code == 0);
    const auto steps = json_of(compared)["steps"];
    REQUIRE(steps.size() == 3);
    CHECK(steps[2]["kernels"].size() == 2);
    CHECK(first_page(folder.file("gemm.png")).shape.H == first_page(sample("cells.png")).shape.H);
    REQUIRE(apply({"-k", "box", "--then", "sharpen", "--method", "gemm"}, sample("cells.png"),
                  folder.file("apply.png"))
                .code == 0);
    CHECK(difference(first_page(folder.file("gemm.png")), first_page(folder.file("apply.png"))) <=
          1);
    const Run refused = run({"compare", "-k", "box:size=3", "--sweep", "sizes=3,5", "--then", "box",
                             sample("cells.png")});
    CHECK(refused.code == 2);
    CHECK(run({"compare", "-k", "box", "--region", "1,1,2,2", sample("cells.png")}).code == 2);
}
