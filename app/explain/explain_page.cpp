#include "explain/explain_page.hpp"

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "conv/convolve.hpp"

namespace conv {

// Made from app/explain/page/ by cmake/embed_text.cmake.
extern const char* const kExplainPageHtml;
extern const char* const kExplainPageCss;
extern const char* const kExplainPageArithmetic;
extern const char* const kExplainPageView;

namespace {

using Json = nlohmann::ordered_json;

// What fits a screen: a Toeplitz matrix of 100 x 150 cells, a column matrix of 100 x 100.
constexpr std::int64_t kMostOutputs = 100, kMostSamples = 150, kMostWindow = 100, kMostMaps = 16;

void require_shown(const Explanation& e) {
    const Problem& p = e.problem;
    if (!e.samples) {
        fail(
            ErrorKind::usage,
            "--html needs the picture's numbers, give an INPUT or --input \"1 2 3; 4 5 6; 7 8 9\"");
    }
    if (p.groups > 1) {
        fail(ErrorKind::usage, "--html shows problems without groups, this one has {}", p.groups);
    }
    const std::int64_t outputs = p.P() * p.Q(), samples = p.C * p.H * p.W, window = p.C * p.R * p.S;
    if (outputs > kMostOutputs || samples > kMostSamples || window > kMostWindow ||
        p.K > kMostMaps) {
        fail(ErrorKind::usage,
             "--html shows up to {} outputs, {} samples, {} weights a kernel and {} kernels; this "
             "is {}, "
             "{}, {} and {}: use a smaller --input or kernel",
             kMostOutputs, kMostSamples, kMostWindow, kMostMaps, outputs, samples, window, p.K);
    }
}

std::string_view border_name(const std::string& text) {
    return std::string_view(text).substr(0, text.find(':'));
}

Json problem_json(const Explanation& e) {
    const Problem& p = e.problem;
    return {{"C", p.C},
            {"H", p.H},
            {"W", p.W},
            {"K", p.K},
            {"R", p.R},
            {"S", p.S},
            {"stride", {p.stride_h, p.stride_w}},
            {"dilation", {p.dilation_h, p.dilation_w}},
            {"padding", {p.padding.top, p.padding.bottom, p.padding.left, p.padding.right}},
            {"border", border_name(format_border(p.border))},
            {"rowsTogether", e.sizes.rows_together}};
}

/// Every picture of the batch as a flat list, C H W.
Json pictures_json(const Explanation& e) {
    const Source& src = e.source.source;
    Json pictures = Json::array();
    for (std::int64_t n = 0; n < src.shape.N; ++n) {
        Json samples = Json::array();
        for (std::int64_t c = 0; c < src.shape.C; ++c) {
            for (std::int64_t h = 0; h < src.shape.H; ++h) {
                for (std::int64_t w = 0; w < src.shape.W; ++w) {
                    samples.push_back(src.at(n, c, h, w));
                }
            }
        }
        pictures.push_back(std::move(samples));
    }
    return pictures;
}

/// What a constant border reads as in each channel of each picture.
Json constants_json(const Explanation& e) {
    const Source& src = e.source.source;
    Json all = Json::array();
    for (std::int64_t n = 0; n < src.shape.N; ++n) {
        Json picture = Json::array();
        for (std::int64_t c = 0; c < src.shape.C; ++c) {
            picture.push_back(constant_value(e.problem.border, src, n, c));
        }
        all.push_back(std::move(picture));
    }
    return all;
}

/// What the chosen method computes: a flat list K P Q for each picture.
Json results_json(const Explanation& e) {
    Problem p = e.problem;
    const Source& src = e.source.source;
    p.N = src.shape.N;
    const Shape shape = p.dst_shape();
    std::vector<float> values(static_cast<std::size_t>(shape.N * shape.C * shape.H * shape.W));
    const Strides strides = planar_strides(shape);
    convolve(*e.choice.device, e.choice.method->name, p, src, {e.bank.values, e.bias()},
             {values.data(), shape, strides});
    Json results = Json::array();
    for (std::int64_t n = 0; n < shape.N; ++n) {
        const float* first = values.data() + n * strides.N;
        results.push_back(std::vector<float>(first, first + strides.N));
    }
    return results;
}

Json page_data(const Explanation& e) {
    const Problem& p = e.problem;
    return {{"what", fmt::format("{} of {} x {} on {} x {} samples ({}): {} x {} outputs.",
                                 p.K > 1 ? fmt::format("{} kernels", p.K) : "A kernel", p.R, p.S,
                                 p.H, p.W, e.input.words, p.P(), p.Q())},
            {"method", e.choice.method->name},
            {"problem", problem_json(e)},
            {"pictures", pictures_json(e)},
            {"constants", constants_json(e)},
            {"weights", e.bank.values},
            {"bias", std::vector<float>(e.bias().begin(), e.bias().end())},
            {"results", results_json(e)}};
}

/// JSON that no tag can end early.
std::string embedded(const Json& json) {
    const std::string text = json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    std::string safe;
    for (const char c : text) safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
    return safe;
}

void put(std::string& page, std::string_view mark, std::string_view text) {
    page.replace(page.find(mark), mark.size(), text);
}

}  // namespace

std::string explain_page(const Explanation& explanation) {
    require_shown(explanation);
    std::string page = kExplainPageHtml;
    put(page, "@CSS@", kExplainPageCss);
    put(page, "@DATA@", embedded(page_data(explanation)));
    put(page, "@CONVOLUTION@", kExplainPageArithmetic);
    put(page, "@VIEW@", kExplainPageView);
    return page;
}

}  // namespace conv
