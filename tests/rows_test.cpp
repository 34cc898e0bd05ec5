#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "base/parallel.hpp"
#include "files/oriented_rows.hpp"
#include "files/pixel_rows.hpp"
#include "files/row_document.hpp"
#include "filtering/filter_file.hpp"
#include "pipeline/row_filter.hpp"
#include "support/bands.hpp"
#include "support/filtering.hpp"
#include "support/test_devices.hpp"
#include "tensor/window.hpp"

using namespace conv;
using namespace conv::test;

namespace {

const std::vector<std::string> kBorders = {"constant:7", "replicate", "reflect", "reflect101",
                                           "wrap"};

}  // namespace

TEST_CASE("rows: needed rows are those that the border rule reads, for every window") {
    for (const std::string& border : kBorders) {
        for (const std::int64_t H : {1, 2, 5, 12}) {
            for (const std::int64_t R : {1, 3, 7, 30}) {
                for (const std::int64_t stride : {1, 2, 9}) {
                    Problem p;
                    p.H = H;
                    p.W = 1;
                    p.R = R;
                    p.stride_h = stride;
                    p.padding.top = R / 2;
                    p.padding.bottom = R - 1;
                    p.border = parse_border(border);
                    for (std::int64_t q = 0; q < p.P(); ++q) {
                        std::int64_t least = H, most = -1;
                        for (std::int64_t r = 0; r < R; ++r) {
                            const std::int64_t row =
                                border_index(p.border.mode, q * stride + r - p.padding.top, H);
                            if (row < 0) continue;
                            least = std::min(least, row);
                            most = std::max(most, row);
                        }
                        const RowRange needed = needed_rows(p, {q, 1});
                        CHECK(needed.count == std::max<std::int64_t>(most - least + 1, 0));
                        if (needed.count > 0) CHECK(needed.first == least);
                    }
                }
            }
        }
    }
}

TEST_CASE("rows: windows hold what their outputs need, and go down without a gap") {
    for (const std::int64_t stride : {1, 3, 40}) {
        for (const std::int64_t band_rows : {1, 4, 1000}) {
            Problem p;
            p.H = 201;
            p.R = 5;
            p.stride_h = stride;
            p.padding = {2, 9, 0, 0};
            p.border = parse_border("reflect");
            const std::vector<Band> bands = plan_bands(p, band_rows);
            std::int64_t output = 0, read = 0;
            for (const Band& band : bands) {
                CHECK(band.outputs.first == output);
                output += band.outputs.count;
                const RowRange needed = needed_rows(p, band.outputs);
                CHECK(band.window.first <= needed.first);
                CHECK(band.window.first + band.window.count >= needed.first + needed.count);
                CHECK(band.window.first <= read);
                CHECK(band.window.count <= largest_window(bands));
                read = band.window.first + band.window.count;
            }
            CHECK(output == p.P());
        }
    }
}

TEST_CASE("rows: bands of a tall picture give the bytes of the whole one on every device") {
    // Several blocks of strips, and bands of them.
    const Image page = sample_picture(SampleType::u8, 3, 40000, 21);
    for (const Device& device : conv::test::test_devices().found) {
        if (device.name == test_device().name) continue;
        for (const Method& method : device.methods) {
            if (conv::test::lacks_its_library(method)) continue;
            for (const int threads : {1, 3}) {
                CAPTURE(device.name);
                CAPTURE(method.name);
                CAPTURE(threads);
                FilterSettings settings = settings_for(page);
                settings.method = method.name;
                settings.limits.threads = threads;
                const Bank bank = make_bank({box_kernel(3, 3)}, settings);
                const Image whole = filter_pages(device, bank, {page}, settings).pages.at(0).at(0);
                const auto bands =
                    filter_in_bands({box_kernel(3, 3)}, page, settings, {0, 1}, device);
                REQUIRE(bands.size() == 1);
                CHECK(same_bytes(bands.front(), whole));
            }
        }
    }
}

TEST_CASE("rows: bands give the bytes of the whole picture, any border, method and stride") {
    const Image page = sample_picture(SampleType::u8, 3, 150, 21);
    for (const Method& method : test_device().methods) {
        for (const std::string& border : kBorders) {
            for (const std::int64_t stride : {1, 2}) {
                for (const bool rank_one : {true, false}) {
                    FilterSettings settings = settings_for(page);
                    settings.method = method.name;
                    settings.border = parse_border(border);
                    settings.stride_h = settings.stride_w = stride;
                    settings.limits.threads = 2;
                    const Kernel kernel = rank_one ? box_kernel(3, 3) : uneven_kernel({3, 3});
                    CAPTURE(method.name);
                    CAPTURE(border);
                    CAPTURE(stride);
                    const Bank bank = make_bank({kernel}, settings);
                    const PageProblem planned(bank, page, settings);
                    if (!method.offer(planned.problem(), planned.weights()).rejection.empty())
                        continue;
                    check_bands({kernel}, page, settings);
                }
            }
        }
    }
}

TEST_CASE("rows: bands give the bytes of the whole picture, any alpha rule, depth and order") {
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        const Image page = sample_picture(type, 4, 90, 13, true);
        for (const char* alpha : {"weighted", "straight", "copy", "drop"}) {
            for (const SampleType depth : {SampleType::u8, SampleType::u16, SampleType::f32}) {
                FilterSettings settings = settings_for(page);
                settings.alpha = parse_alpha_rule(alpha);
                settings.depth = depth;
                CAPTURE(alpha);
                check_bands({box_kernel(5, 4)}, page, settings);
                check_bands({box_kernel(5, 4)}, planar_copy(page), settings);
            }
        }
    }
}

TEST_CASE("rows: bands give the bytes of the whole picture with any channels, bank and padding") {
    const Image page = sample_picture(SampleType::u8, 3, 120, 15);
    FilterSettings settings = settings_for(page);
    for (const char* channels : {"gray", "luma", "2,0"}) {
        settings.channels = parse_channels(channels);
        CAPTURE(channels);
        check_bands({uneven_kernel({3, 5})}, page, settings);
        check_bands({uneven_kernel({3, 5})}, planar_copy(page), settings);
    }
    settings.channels = {};
    for (const char* combine : {"stack", "sum", "max", "l2"}) {
        settings.combine = parse_combine(combine);
        check_bands({uneven_kernel({3, 5}), box_kernel(7, 1)}, page, settings);
    }
    settings.combine = Combine::stack;
    check_bands({uneven_kernel({4, 3, 3, 3})}, page, settings);
    for (const char* padding : {"valid", "full", "0,1", "9,0,2,40"}) {
        parse_padding(padding, settings);
        CAPTURE(padding);
        check_bands({uneven_kernel({5, 3})}, page, settings);
    }
}

TEST_CASE("rows: a kernel higher than the picture, and a picture of one row") {
    for (const std::string& border : kBorders) {
        for (const std::int64_t height : {1, 9}) {
            const Image page = sample_picture(SampleType::u8, 1, height, 30);
            FilterSettings settings = settings_for(page);
            settings.border = parse_border(border);
            CAPTURE(border);
            check_bands({box_kernel(31, 3)}, page, settings);
        }
    }
}

TEST_CASE("rows: a wrapping border that is read again takes no more memory than another") {
    const PictureInfo picture{SampleType::u8, {1, 1, 200'000, 1000}};
    FilterSettings settings = settings_for(without_samples(picture));
    settings.border = parse_border("wrap");
    const Bank bank = make_bank({box_kernel(9, 9)}, settings);
    const auto booked = [&](bool reads_again) {
        RowFilter filter({&test_device(), 1}, bank, picture, settings);
        filter.prepare({0, 16, {}, reads_again});
        return filter.memory_bytes();
    };
    CHECK(booked(true) < booked(false) / 10);
}

TEST_CASE("rows: the same bytes for 1, 2 and 5 threads") {
    const Image page = sample_picture(SampleType::u16, 3, 300, 40);
    for (const int threads : {1, 2, 5}) {
        FilterSettings settings = settings_for(page);
        settings.limits.threads = threads;
        check_bands({uneven_kernel({7, 7})}, page, settings);
    }
}

TEST_CASE("rows: max_memory makes lower bands, then fewer threads, then a refusal") {
    const Image page = sample_picture(SampleType::u8, 1, 4000, 500);
    FilterSettings settings = settings_for(page);
    settings.limits.threads = 2;
    settings.method = "direct";
    const Bank bank = make_bank({box_kernel(3, 3)}, settings);
    const auto booked = [&](std::int64_t budget) {
        settings.limits.max_memory = budget;
        RowFilter filter({&test_device(), 1}, bank, info_of(page), settings);
        filter.prepare({});
        CHECK(filter.memory_bytes() <= budget);
        return filter.memory_bytes();
    };
    const std::int64_t most = booked(std::int64_t{1} << 30);
    const std::int64_t less = booked(most / 2);
    CHECK(less < most);
    CHECK_THROWS_AS(booked(1000), Error);
}

TEST_CASE("parallel: a pipeline begins and ends in order, and works with bounded slots") {
    for (const int threads : {1, 2, 5}) {
        std::vector<std::int64_t> begun, ended;
        std::vector<std::int64_t> holds(4, -1);
        ordered_pipeline(100, threads, 4,
                         {[&](std::int64_t i, int slot) {
                              CHECK(holds[static_cast<std::size_t>(slot)] == -1);
                              holds[static_cast<std::size_t>(slot)] = i;
                              begun.push_back(i);
                          },
                          [&](std::int64_t i, int slot, int worker) {
                              if (holds[static_cast<std::size_t>(slot)] != i || worker >= threads) {
                                  throw std::runtime_error("another's slot");
                              }
                          },
                          [&](std::int64_t i, int slot) {
                              holds[static_cast<std::size_t>(slot)] = -1;
                              ended.push_back(i);
                          }});
        CHECK(begun.size() == 100);
        CHECK(std::is_sorted(begun.begin(), begun.end()));
        CHECK(begun == ended);
    }
}

TEST_CASE("parallel: what a step of a pipeline throws ends it") {
    for (const int threads : {1, 3}) {
        std::int64_t ended = 0;
        const auto run = [&] {
            ordered_pipeline(1000, threads, 4,
                             {[](std::int64_t i, int) {
                                  if (i == 50) fail(ErrorKind::input, "row {} is damaged", i);
                              },
                              [](std::int64_t, int, int) {}, [&](std::int64_t, int) { ++ended; }});
        };
        CHECK(error_of(run) == "row 50 is damaged");
        CHECK(ended <= 50);
    }
}

TEST_CASE("rows: every EXIF orientation is read in bands as the whole picture is turned") {
    const Image picture = sample_picture(SampleType::u8, 3, 11, 7);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(orientation);
        const auto input = document_rows(document_of(picture));
        const auto rows = oriented_rows(input->rows(0), orientation);
        const Shape shape = rows->info().shape;
        const Image seen = Image::interleaved(SampleType::u8, 3, shape.H, shape.W);
        for (std::int64_t first = 0; first < shape.H; first += 4) {
            const std::int64_t count = std::min<std::int64_t>(4, shape.H - first);
            rows->read({first, count}, rows_of(seen, first, count));
        }
        CHECK(same_bytes(seen, oriented(picture, orientation)));
    }
}
