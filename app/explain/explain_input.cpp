#include "explain/explain_input.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <vector>

#include "base/error.hpp"
#include "kernels/kernel.hpp"
#include "kernels/plain_text.hpp"
#include "kernels/source_text.hpp"

namespace conv {
namespace {

/// All planes of the text as one C x H x W block.
Kernel planes_of(const std::string& text) {
    Kernel planes;
    planes.C = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t bar = std::min(text.find('|', at), text.size());
        const std::string part = text.substr(at, bar - at);
        at = bar + 1;
        const SourceText source{part, "--input", ""};
        require_text(source);
        const Kernel plane = parse_plain(source).front();
        if (plane.rank == 4 || plane.scale != 1 || !plane.bias.empty() || plane.anchor) {
            fail_text(source, "takes rows of numbers, and only the header 'shape: C H W'");
        }
        if (planes.C > 0 && (plane.R != planes.R || plane.S != planes.S)) {
            fail_text(source, fmt::format("plane {} is {} x {} and the first {} x {}, give every "
                                          "plane the same size",
                                          planes.C, plane.R, plane.S, planes.R, planes.S));
        }
        planes.R = plane.R;
        planes.S = plane.S;
        planes.C += plane.C;
        planes.rank = std::max(plane.rank, planes.C > 1 ? 3 : 2);
        planes.values.insert(planes.values.end(), plane.values.begin(), plane.values.end());
    }
    return planes;
}

/// The result of `read`, whose errors lose what they guess of kernel files.
Kernel without_kernel_hint(const std::function<Kernel()>& read) {
    try {
        return read();
    } catch (const Error& error) {
        const std::string message = error.what();
        throw Error(error.kind(), message.substr(0, message.find(" (a libvips matrix?")));
    }
}

/// The numbers of "AxB" or "AxBxC"; empty when it is not that.
std::vector<std::int64_t> parse_sizes(const std::string& text) {
    std::vector<std::int64_t> sizes;
    const char* at = text.data();
    const char* end = at + text.size();
    for (;; ++at) {
        std::int64_t size = 0;
        const auto [rest, status] = std::from_chars(at, end, size);
        if (status != std::errc() || size < 1) return {};
        sizes.push_back(size);
        at = rest;
        if (at == end) return sizes;
        if (*at != 'x') return {};
    }
}

}  // namespace

ExplainInput input_of_numbers(const std::string& text) {
    const Kernel planes = without_kernel_hint([&] { return planes_of(text); });
    Image image = Image::planar(SampleType::f32, planes.C, planes.R, planes.S);
    std::transform(planes.values.begin(), planes.values.end(), image.data<float>(),
                   [](double value) { return static_cast<float>(value); });
    ExplainInput input;
    input.document.pages.push_back(std::move(image));
    input.document.array_rank = planes.rank;
    input.document.format = "npy";
    input.words = "--input";
    return input;
}

ExplainInput input_of_size(const std::string& text, std::int64_t max_pixels) {
    const std::vector<std::int64_t> sizes = parse_sizes(text);
    if (sizes.size() != 2 && sizes.size() != 3) {
        fail(ErrorKind::usage, "--size '{}' is not understood, use HxW or HxWxC, as 1080x1920x3",
             text);
    }
    if (sizes[0] > max_pixels / sizes[1]) {
        fail(ErrorKind::usage, "--size '{}' has more than {} pixels, use --max-pixels", text,
             max_pixels);
    }
    const std::int64_t channels = sizes.size() == 3 ? sizes[2] : 1;
    Image image;
    image.shape = {1, channels, sizes[0], sizes[1]};
    image.strides = interleaved_strides(image.shape);
    image.has_alpha = channels == 4;
    ExplainInput input;
    input.document.pages.push_back(std::move(image));
    input.document.format = "png";
    input.words = "--size, a picture that need not exist";
    input.hypothetical = true;
    return input;
}

}  // namespace conv
