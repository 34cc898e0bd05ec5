#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "conv/convolve.hpp"
#include "cpu/cpu_device.hpp"
#include "kernels/builtin.hpp"
#include "pipeline/page_problem.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

struct BorderPair {
    BorderMode mode;
    int opencv;
};

// filter2D knows no wrap.
constexpr std::array kFilterBorders = {
    BorderPair{BorderMode::constant, cv::BORDER_CONSTANT},
    BorderPair{BorderMode::replicate, cv::BORDER_REPLICATE},
    BorderPair{BorderMode::reflect, cv::BORDER_REFLECT},
    BorderPair{BorderMode::reflect101, cv::BORDER_REFLECT_101},
};

constexpr std::array kSampleTypes = {SampleType::u8, SampleType::u16, SampleType::f32};

int opencv_depth(SampleType type) {
    return type == SampleType::u8 ? CV_8U : type == SampleType::u16 ? CV_16U : CV_32F;
}

/// The picture as OpenCV sees it: the same memory.
cv::Mat mat_of(const Image& picture) {
    return {static_cast<int>(picture.shape.H), static_cast<int>(picture.shape.W),
            CV_MAKETYPE(opencv_depth(picture.type), static_cast<int>(picture.shape.C)),
            const_cast<void*>(picture.samples.get())};
}

cv::Mat mat_of(const Kernel& kernel) {
    cv::Mat mat(static_cast<int>(kernel.R), static_cast<int>(kernel.S), CV_64F);
    std::copy(kernel.values.begin(), kernel.values.end(), mat.ptr<double>());
    return mat * kernel.scale;
}

double largest_difference(const Image& ours, const cv::Mat& theirs) {
    const cv::Mat mine = mat_of(ours);
    REQUIRE(mine.size() == theirs.size());
    REQUIRE(mine.type() == theirs.type());
    return cv::norm(mine, theirs, cv::NORM_INF);
}

/// What a float sum may be off: eps * sqrt(n) with room for OpenCV's own order of summing.
double float_bound(const Kernel& kernel, double largest_sample) {
    double absolute = 0;
    for (const double w : kernel.values) absolute += std::abs(w * kernel.scale);
    return 4 * std::ldexp(1.0, -23) * std::sqrt(static_cast<double>(kernel.values.size())) *
           absolute * largest_sample;
}

double largest_sample(const Image& picture) {
    return cv::norm(mat_of(picture), cv::NORM_INF);
}

/// Filters with the pipeline and with filter2D and compares: integers within 1, floats by bound.
void check_against_filter2d(const Image& page, const Kernel& kernel, const FilterSettings& settings,
                            int opencv_border, double delta = 0) {
    const Image ours = filter_picture({kernel}, page, settings);
    const Anchor anchor =
        settings.anchor.value_or(kernel.anchor.value_or(Anchor{kernel.S / 2, kernel.R / 2}));
    cv::Mat theirs;
    cv::filter2D(mat_of(page), theirs, opencv_depth(settings.depth), mat_of(kernel),
                 {static_cast<int>(anchor.x), static_cast<int>(anchor.y)}, delta, opencv_border);
    const double bound = settings.depth == SampleType::f32
                             ? float_bound(kernel, largest_sample(page) + std::abs(delta))
                             : 1;
    CHECK(largest_difference(ours, theirs) <= bound);
}

Kernel builtin(const std::string& reference) {
    return make_builtin(reference).at(0);
}

}  // namespace

TEST_CASE("oracle: padded rows are those of cv::copyMakeBorder, in every mode and size") {
    constexpr std::array kBorders = {kFilterBorders[0], kFilterBorders[1], kFilterBorders[2],
                                     kFilterBorders[3],
                                     BorderPair{BorderMode::wrap, cv::BORDER_WRAP}};
    for (const auto& size : {std::pair{5, 7}, {1, 6}, {6, 1}, {1, 1}, {2, 3}}) {
        const int H = size.first, W = size.second;
        const Image page = sample_picture(SampleType::f32, 1, H, W);
        const Source source(page.type, page.samples.get(), page.shape, page.strides);
        for (const auto& border_pair : kBorders) {
            const BorderMode mode = border_pair.mode;
            const int opencv = border_pair.opencv;
            constexpr int kPad = 12;  // several times round a small picture
            const Border border{mode, mode == BorderMode::constant ? std::vector<float>{3.5F}
                                                                   : std::vector<float>{}};
            cv::Mat theirs;
            cv::copyMakeBorder(mat_of(page), theirs, kPad, kPad, kPad, kPad, opencv, {3.5});
            std::vector<float> row(static_cast<std::size_t>(W + 2 * kPad));
            CAPTURE(static_cast<int>(mode));
            CAPTURE(H);
            CAPTURE(W);
            for (int h = -kPad; h < H + kPad; ++h) {
                pad_row(source, border, 0, h, -kPad, W + 2 * kPad, row.data());
                CHECK(std::equal(row.begin(), row.end(), theirs.ptr<float>(h + kPad)));
            }
        }
    }
}

TEST_CASE("oracle: naive is cv::filter2D in double precision on float pictures") {
    const Image page = sample_picture(SampleType::f32, 1, 17, 23);
    const Device device = cpu_device();
    for (const auto& border_pair : kFilterBorders) {
        const BorderMode mode = border_pair.mode;
        const int opencv = border_pair.opencv;
        for (const auto& size : {std::pair{3, 3}, {1, 5}, {4, 2}, {7, 9}}) {
            const int R = size.first, S = size.second;
            const Kernel kernel = uneven_kernel({R, S});
            FilterSettings settings;
            settings.border.mode = mode;
            const Bank bank = make_bank({kernel}, settings);
            const Source source(page.type, page.samples.get(), page.shape, page.strides);
            const Problem problem =
                filter_problem(bank, {source, 1, settings.border, {}}, settings);
            Image ours = Image::interleaved(SampleType::f32, 1, 17, 23);
            convolve(device, "naive", problem, source, bank.weights(),
                     {ours.data<float>(), problem.dst_shape(), ours.strides});
            cv::Mat wide, theirs;
            mat_of(page).convertTo(wide, CV_64F);
            cv::filter2D(wide, theirs, CV_64F, mat_of(kernel), {-1, -1}, 0, opencv);
            theirs.convertTo(theirs, CV_32F);
            CAPTURE(static_cast<int>(mode));
            CAPTURE(R);
            // Both sum in double: at most the last bit of the rounding to float differs.
            CHECK(largest_difference(ours, theirs) <=
                  std::ldexp(1.0, -23) * cv::norm(theirs, cv::NORM_INF));
        }
    }
}

TEST_CASE("oracle: the pipeline is cv::filter2D for all borders, depths and channel counts") {
    for (const SampleType type : kSampleTypes) {
        for (const std::int64_t channels : {1, 3}) {
            const Image page = sample_picture(type, channels, 31, 37);
            for (const auto& border_pair : kFilterBorders) {
                const BorderMode mode = border_pair.mode;
                const int opencv = border_pair.opencv;
                for (const auto& size : {std::pair{3, 3}, {5, 4}, {2, 7}, {13, 13}}) {
                    const int R = size.first, S = size.second;
                    FilterSettings settings = settings_for(page);
                    settings.border.mode = mode;
                    CAPTURE(sample_type_name(type));
                    CAPTURE(channels);
                    CAPTURE(static_cast<int>(mode));
                    CAPTURE(R);
                    Kernel kernel = uneven_kernel({R, S});
                    kernel.scale = R > 5 ? 0.125 : 1;
                    check_against_filter2d(page, kernel, settings, opencv);
                }
            }
        }
    }
}

TEST_CASE("oracle: integer pictures into float give cv::filter2D's gradients") {
    for (const SampleType type : {SampleType::u8, SampleType::u16}) {
        const Image page = sample_picture(type, 3, 20, 21);
        FilterSettings settings;
        settings.depth = SampleType::f32;
        check_against_filter2d(page, uneven_kernel({3, 5}), settings, cv::BORDER_REFLECT_101);
    }
}

TEST_CASE("oracle: every anchor cell is cv::filter2D's") {
    const Image page = sample_picture(SampleType::u8, 3, 12, 15);
    const Kernel kernel = uneven_kernel({4, 3});
    for (std::int64_t y = 0; y < 4; ++y) {
        for (std::int64_t x = 0; x < 3; ++x) {
            FilterSettings settings = settings_for(page);
            settings.anchor = Anchor{x, y};
            CAPTURE(x);
            CAPTURE(y);
            check_against_filter2d(page, kernel, settings, cv::BORDER_REFLECT_101);
        }
    }
}

TEST_CASE("oracle: bias is cv::filter2D's delta") {
    for (const SampleType type : kSampleTypes) {
        const Image page = sample_picture(type, 1, 12, 15);
        FilterSettings settings = settings_for(page);
        settings.bias = {60.5};
        check_against_filter2d(page, uneven_kernel({3, 3}), settings, cv::BORDER_REFLECT_101, 60.5);
    }
}

TEST_CASE("oracle: kernels larger than the picture are cv::filter2D's") {
    for (const auto& border_pair : kFilterBorders) {
        const BorderMode mode = border_pair.mode;
        const int opencv = border_pair.opencv;
        for (const auto& size : {std::pair{4, 5}, {1, 9}, {9, 1}, {3, 2}}) {
            const int H = size.first, W = size.second;
            // OpenCV's own filter engine reads beyond a picture that is smaller than the kernel's
            // reach; a border made first is what it stands for.
            const Image page = sample_picture(SampleType::f32, 3, H, W);
            FilterSettings settings = settings_for(page);
            settings.border.mode = mode;
            const Kernel kernel = uneven_kernel({11, 9});
            const Image ours = filter_picture({kernel}, page, settings);
            cv::Mat padded, filtered;
            cv::copyMakeBorder(mat_of(page), padded, 20, 20, 20, 20, opencv);
            cv::filter2D(padded, filtered, CV_32F, mat_of(kernel));
            const cv::Mat theirs = filtered(cv::Rect(20, 20, W, H));
            CAPTURE(static_cast<int>(mode));
            CAPTURE(H);
            CHECK(largest_difference(ours, theirs) <= float_bound(kernel, largest_sample(page)));
        }
    }
}

TEST_CASE("oracle: wrap is cv::filter2D on a picture whose border was made first") {
    for (const SampleType type : kSampleTypes) {
        const Image page = sample_picture(type, 3, 9, 14);
        FilterSettings settings = settings_for(page);
        settings.border.mode = BorderMode::wrap;
        const Kernel kernel = uneven_kernel({5, 7});
        const Image ours = filter_picture({kernel}, page, settings);
        cv::Mat padded, filtered;
        cv::copyMakeBorder(mat_of(page), padded, 8, 8, 8, 8, cv::BORDER_WRAP);
        cv::filter2D(padded, filtered, -1, mat_of(kernel));
        const double bound =
            type == SampleType::f32 ? float_bound(kernel, largest_sample(page)) : 1;
        CHECK(largest_difference(ours, filtered(cv::Rect(8, 8, 14, 9))) <= bound);
    }
}

TEST_CASE("oracle: --convolve is cv::filter2D with the flipped kernel and anchor") {
    const Image page = sample_picture(SampleType::u8, 3, 16, 13);
    for (const auto& [R, S] : {std::pair{3, 3}, {4, 2}, {2, 5}}) {
        const Kernel kernel = uneven_kernel({R, S});
        FilterSettings settings = settings_for(page);
        settings.flip = true;
        cv::Mat flipped, theirs;
        cv::flip(mat_of(kernel), flipped, -1);
        cv::filter2D(mat_of(page), theirs, -1, flipped, {S - 1 - S / 2, R - 1 - R / 2});
        CHECK(largest_difference(filter_picture({kernel}, page, settings), theirs) <= 1);
    }
}

TEST_CASE("oracle: sobel and scharr are cv::Sobel and cv::Scharr") {
    const Image page = sample_picture(SampleType::u8, 3, 30, 25);
    FilterSettings settings;
    settings.depth = SampleType::f32;
    for (const bool along_x : {true, false}) {
        const std::string direction = along_x ? ":direction=x" : ":direction=y";
        cv::Mat theirs;
        cv::Sobel(mat_of(page), theirs, CV_32F, along_x ? 1 : 0, along_x ? 0 : 1, 3);
        CHECK(largest_difference(filter_picture({builtin("sobel" + direction)}, page, settings),
                                 theirs) == 0);
        cv::Scharr(mat_of(page), theirs, CV_32F, along_x ? 1 : 0, along_x ? 0 : 1);
        CHECK(largest_difference(filter_picture({builtin("scharr" + direction)}, page, settings),
                                 theirs) == 0);
    }
}

TEST_CASE("oracle: sobel x and y under --combine l2 is the gradient's magnitude") {
    const Image page = sample_picture(SampleType::u8, 1, 30, 25);
    FilterSettings settings;
    settings.depth = SampleType::f32;
    settings.combine = Combine::l2;
    cv::Mat dx, dy, theirs;
    cv::Sobel(mat_of(page), dx, CV_32F, 1, 0);
    cv::Sobel(mat_of(page), dy, CV_32F, 0, 1);
    cv::magnitude(dx, dy, theirs);
    const Image ours = filter_picture({builtin("sobel:direction=x"), builtin("sobel:direction=y")},
                                      page, settings);
    CHECK(largest_difference(ours, theirs) <= 1e-3);
}

TEST_CASE("oracle: laplacian is cv::Laplacian of aperture 1") {
    for (const SampleType type : kSampleTypes) {
        const Image page = sample_picture(type, 3, 19, 22);
        FilterSettings settings;
        settings.depth = SampleType::f32;
        cv::Mat theirs;
        cv::Laplacian(mat_of(page), theirs, CV_32F, 1);
        const Kernel kernel = builtin("laplacian");
        CHECK(largest_difference(filter_picture({kernel}, page, settings), theirs) <=
              float_bound(kernel, largest_sample(page)));
    }
}

TEST_CASE("oracle: gaussian is cv::GaussianBlur of the same size and sigma") {
    for (const auto& blur : {std::pair{1.0, 7}, {0.8, 5}, {2.5, 17}, {4.0, 31}}) {
        const double sigma = blur.first;
        const int size = blur.second;
        for (const SampleType type : kSampleTypes) {
            const Image page = sample_picture(type, 3, 64, 50);
            const Kernel kernel = builtin(fmt::format("gaussian:sigma={},size={}", sigma, size));
            cv::Mat theirs;
            cv::GaussianBlur(mat_of(page), theirs, {size, size}, sigma, sigma);
            CAPTURE(sigma);
            CAPTURE(sample_type_name(type));
            const double bound =
                type == SampleType::f32 ? 4 * float_bound(kernel, largest_sample(page)) : 1;
            CHECK(largest_difference(filter_picture({kernel}, page, settings_for(page)), theirs) <=
                  bound);
        }
    }
}

TEST_CASE("oracle: box is cv::blur") {
    const Image page = sample_picture(SampleType::u8, 3, 33, 20);
    cv::Mat theirs;
    cv::blur(mat_of(page), theirs, {7, 3});
    CHECK(largest_difference(
              filter_picture({builtin("box:width=7,height=3")}, page, settings_for(page)),
              theirs) <= 1);
}
