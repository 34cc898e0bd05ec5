#include "options/selection_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.hpp"
#include "files/image_file.hpp"
#include "options/filter_settings.hpp"
#include "tensor/source.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFar = std::int64_t{1} << 40;  // pixels of no picture

/// Whether the colours of a picture are grey, channel by channel.
bool colours_are_equal(const Image& picture) {
    const Source source(picture.type, picture.samples.get(), picture.shape, picture.strides);
    std::array<std::vector<float>, 3> rows;
    for (std::int64_t h = 0; h < picture.shape.H; ++h) {
        for (std::size_t c = 0; c < 3; ++c) {
            rows[c].resize(static_cast<std::size_t>(picture.shape.W));
            source.read_row(static_cast<std::int64_t>(c), h, 0, picture.shape.W, rows[c].data());
        }
        if (rows[0] != rows[1] || rows[0] != rows[2]) return false;
    }
    return true;
}

/// The picture's first channel, which is all that it says.
Image mask_of(const std::string& path, const ReadOptions& options) {
    ImageDocument document = read_image(path, options);
    if (document.pages.size() != 1) {
        fail(ErrorKind::usage, "--mask {} has {} pages, a mask is one picture", path,
             document.pages.size());
    }
    Image mask = std::move(document.pages.front());
    const std::int64_t colours = mask.shape.C - (mask.has_alpha ? 1 : 0);
    if (mask.has_alpha || (colours != 1 && !(colours == 3 && colours_are_equal(mask)))) {
        fail(ErrorKind::usage,
             "--mask {} has {} channels{}, a mask is a grey picture without alpha", path,
             mask.shape.C, mask.has_alpha ? " with alpha" : " of different colours");
    }
    mask.shape.C = 1;
    return mask;
}

}  // namespace

Region parse_region(const std::string& text) {
    std::array<std::int64_t, 4> n{};
    const char* at = text.data();
    const char* end = at + text.size();
    bool good = true;
    for (std::size_t i = 0; i < n.size() && good; ++i) {
        const auto [rest, status] = std::from_chars(at, end, n[i]);
        good = status == std::errc() && (i == 3 ? rest == end : rest != end && *rest == ',');
        at = rest == end ? rest : rest + 1;
    }
    good = good && std::all_of(n.begin(), n.end(), [](auto x) { return x >= 0 && x < kFar; });
    if (!good || n[2] < 1 || n[3] < 1) {
        fail(ErrorKind::usage,
             "--region '{}' is not understood, use X,Y,W,H: column and row from 0, width and "
             "height",
             text);
    }
    return {n[0], n[1], n[2], n[3]};
}

std::shared_ptr<const Selection> selection_of(const FilterOptions& options) {
    if (options.region.empty() && options.mask.empty()) return nullptr;
    std::optional<Region> region;
    if (!options.region.empty()) region = parse_region(options.region);
    Image mask;
    if (!options.mask.empty()) mask = mask_of(options.mask, read_options(options));
    return std::make_shared<Selection>(region, std::move(mask));
}

void refuse_selection(const FilterOptions& options, const std::string& reason) {
    const char* option = !options.region.empty() ? "--region"
                         : !options.mask.empty() ? "--mask"
                                                 : nullptr;
    if (option) fail(ErrorKind::usage, "{}, leave {} out; apply has it", reason, option);
}

std::shared_ptr<const Selection> inner_pixels(const Shape& picture, const Bank& bank) {
    const std::int64_t width = std::max<std::int64_t>(picture.W - bank.S + 1, 0);
    const std::int64_t height = std::max<std::int64_t>(picture.H - bank.R + 1, 0);
    const Region inner{std::min(bank.anchor.x, picture.W), std::min(bank.anchor.y, picture.H),
                       width, height};
    return std::make_shared<Selection>(inner, Image());
}

}  // namespace conv
