#include "kernel_pictures/gallery.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "devices.hpp"
#include "drawing/canvas.hpp"
#include "kernel_pictures/palette.hpp"
#include "kernels/analysis.hpp"
#include "kernels/builtin.hpp"
#include "kernels/kernel_values.hpp"
#include "pipeline/filter.hpp"
#include "tensor/source.hpp"

namespace conv {
namespace {

// Samples along a tile's longer side; a tile is drawn at half as many units.
constexpr std::int64_t kTileSamples = 288;
constexpr double kTile = kTileSamples / 2.0, kGap = 16, kTileWords = 24;
constexpr double kTitleHeight = 56, kNoteLetters = 12, kInset = 40;
constexpr std::int64_t kColumns = 7;

/// What to show where the default would show little.
constexpr auto kShown = std::to_array<std::pair<const char*, const char*>>({
    {"shift", "shift:x=20,y=12"},
    {"box", "box:size=7"},
    {"gaussian", "gaussian:sigma=2"},
    {"binomial", "binomial:size=7"},
    {"disk", "disk:radius=4"},
    {"motion", "motion:length=15"},
    {"unsharp", "unsharp:sigma=2"},
    {"log", "log:sigma=2"},
    {"scharr", "scharr:direction=y"},
    {"prewitt", "prewitt:direction=se"},
    {"kirsch", "kirsch:direction=all"},
    {"robinson", "robinson:direction=n"},
});

std::string shown_reference(const std::string& name) {
    for (const auto& [builtin, reference] : kShown) {
        if (name == builtin) return reference;
    }
    return name;
}

/// The colours alone, as float32 interleaved, means of blocks of n x n samples.
Image shrunk(const Image& picture, std::int64_t n) {
    const std::int64_t channels = std::min<std::int64_t>(
        picture.shape.C - (picture.has_alpha ? 1 : 0), picture.shape.C >= 3 ? 3 : 1);
    const std::int64_t height = picture.shape.H / n, width = picture.shape.W / n;
    Image small = Image::interleaved(SampleType::f32, channels, height, width);
    const Source source(picture.type, picture.samples.get(), picture.shape, picture.strides);
    const auto white = static_cast<float>(sample_maximum(picture.type));
    const auto each = static_cast<float>(n * n) * white / 255.0F;
    for (std::int64_t i = 0; i < height * width * channels; ++i) {
        const std::int64_t c = i % channels, x = i / channels % width, y = i / channels / width;
        float sum = 0;
        for (std::int64_t at = 0; at < n * n; ++at) {
            sum += source.at(0, c, y * n + at / n, x * n + at % n);
        }
        small.data<float>()[i] = sum / each;
    }
    return small;
}

/// Filtered as float32; several kernels give the root of the sum of their squares.
Image filtered(const Image& picture, const std::vector<Kernel>& kernels) {
    FilterSettings settings;
    settings.depth = SampleType::f32;
    if (kernels.size() > 1) settings.combine = Combine::l2;
    static const Devices devices = open_devices();
    return filter_pages(devices.found.front(), make_bank(kernels, settings), {picture}, settings)
        .pages.front()
        .front();
}

/// Whether the result is a picture again, as bright as the one before.
bool keeps_brightness(const Kernel& kernel) {
    return std::abs(analyse_kernel(kernel).sum - 1) < 1e-3;
}

/// Float samples as pixels: `zero` + value * `gain`, clamped to 0 .. 255.
PixelGrid pixels_of(const Image& picture, float zero, float gain) {
    PixelGrid pixels{picture.shape.W, picture.shape.H, {}};
    const std::int64_t channels = picture.shape.C;
    for (std::int64_t i = 0; i < pixels.width * pixels.height; ++i) {
        for (std::int64_t c = 0; c < 3; ++c) {
            const float value =
                zero + gain * picture.data<float>()[i * channels + (channels == 3 ? c : 0)];
            pixels.rgb.push_back(
                static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F))));
        }
    }
    return pixels;
}

/// The largest size of a sample: nothing is cut.
float extreme(const Image& picture) {
    const std::int64_t count = picture.shape.H * picture.shape.W * picture.shape.C;
    float most = 1e-6F;
    for (std::int64_t i = 0; i < count; ++i) {
        most = std::max(most, std::abs(picture.data<float>()[i]));
    }
    return most;
}

/// Each sample's square root, with its sign: small ones beside large ones can be seen.
void take_roots(Image& picture) {
    const std::int64_t count = picture.shape.H * picture.shape.W * picture.shape.C;
    for (std::int64_t i = 0; i < count; ++i) {
        float& sample = picture.data<float>()[i];
        sample = std::copysign(std::sqrt(std::abs(sample)), sample);
    }
}

PixelGrid tile_pixels(const Image& picture, const std::vector<Kernel>& kernels) {
    Image result = filtered(picture, kernels);
    if (keeps_brightness(kernels.front())) return pixels_of(result, 0, 1);
    take_roots(result);
    if (kernels.size() > 1) return pixels_of(result, 0, 255.0F / extreme(result));
    return pixels_of(result, 127.5F, 127.5F / extreme(result));
}

/// A kernel's weights by sign and size.
PixelGrid kernel_pixels(const Kernel& kernel) {
    const std::vector<double> weights = scaled_values(kernel);
    double most = 1e-300;
    for (const double weight : weights) most = std::max(most, std::abs(weight));
    PixelGrid pixels{kernel.S, kernel.R, {}};
    for (std::int64_t i = 0; i < kernel.R * kernel.S; ++i) {
        const Colour c = diverging_colour(weights[static_cast<std::size_t>(i)] / most);
        pixels.rgb.insert(pixels.rgb.end(), {c.red, c.green, c.blue});
    }
    return pixels;
}

struct Tile {
    std::string words;
    PixelGrid pixels, kernel;  ///< the result, and the first kernel
};

std::vector<Tile> tiles_of(const Image& picture) {
    std::vector<Tile> tiles;
    for (const Builtin& builtin : builtin_kernels()) {
        const std::string reference = shown_reference(builtin.name);
        const std::vector<Kernel> kernels = make_builtin(reference);
        tiles.push_back({reference, tile_pixels(picture, kernels), kernel_pixels(kernels.front())});
    }
    return tiles;
}

/// The result, in its lower right corner the kernel, below it the words.
void draw_tile(Canvas& canvas, const Tile& tile, const Box& box) {
    canvas.image(box, tile.pixels);
    canvas.rectangle(box, {{}, Stroke{kBlack, 1}});
    const PixelGrid& kernel = tile.kernel;
    const double cell = kInset / static_cast<double>(std::max(kernel.width, kernel.height));
    const double width = cell * static_cast<double>(kernel.width),
                 height = cell * static_cast<double>(kernel.height);
    const Box inset{box.x + box.width - width - 4, box.y + box.height - height - 4, width, height};
    canvas.image(inset, kernel);
    canvas.rectangle(inset, {{}, Stroke{kWhite, 1}, true});
    canvas.text({box.x + box.width / 2, box.y + box.height + 17}, tile.words,
                {.size = kLetters, .align = TextAlign::middle});
}

}  // namespace

std::string draw_gallery(const Image& picture, const std::string& path, Ground ground) {
    check_drawing_name(path);
    const std::int64_t side = std::max(picture.shape.H, picture.shape.W);
    const std::int64_t n = std::max<std::int64_t>((side + kTileSamples - 1) / kTileSamples, 1);
    const Image small = shrunk(picture, std::min({n, picture.shape.H, picture.shape.W}));
    const double scale = kTile / static_cast<double>(std::max(small.shape.H, small.shape.W));
    const double width = scale * static_cast<double>(small.shape.W);
    const double height = scale * static_cast<double>(small.shape.H);
    const std::vector<Tile> tiles = tiles_of(small);
    const auto rows = (static_cast<std::int64_t>(tiles.size()) + kColumns - 1) / kColumns;
    const double step_x = kTile + kGap, step_y = height + kTileWords + kGap;
    const auto canvas = make_canvas(path, kGap + static_cast<double>(kColumns) * step_x,
                                    kTitleHeight + static_cast<double>(rows) * step_y, ground);
    canvas->text({kGap, 25}, "Every built-in kernel on one picture",
                 {.size = kTitleLetters, .bold = true});
    canvas->text({kGap, 44},
                 "In the corner the kernel: yellow weights are positive, blue ones negative. Where "
                 "they sum to zero grey is no change, and lightness goes with the root of the "
                 "result.",
                 {.size = kNoteLetters});
    std::string names;
    for (const Tile& tile : tiles) names += (names.empty() ? "" : ", ") + tile.words;
    canvas->describe(names);
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        const std::size_t tile_row = i / kColumns;
        const auto column = static_cast<double>(i % kColumns), row = static_cast<double>(tile_row);
        draw_tile(*canvas, tiles[i],
                  {kGap + column * step_x + (kTile - width) / 2, kTitleHeight + row * step_y, width,
                   height});
    }
    return canvas->finish();
}

}  // namespace conv
