#include "compare/pictures.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "conv/device_planner.hpp"
#include "files/output/output_file.hpp"
#include "filtering/filter_chain.hpp"
#include "results/output_plan.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

constexpr std::string_view kMethodField = "{method}";

std::string path_for(std::string pattern, const std::string& method) {
    for (std::size_t at = pattern.find(kMethodField); at != std::string::npos;
         at = pattern.find(kMethodField, at + method.size())) {
        pattern.replace(at, kMethodField.size(), method);
    }
    return pattern;
}

}  // namespace

void check_picture_pattern(const std::string& pattern) {
    if (pattern.find(kMethodField) == std::string::npos) {
        fail(ErrorKind::usage,
             "--write '{}' would be one file for all methods, use a name as out-{{method}}.png",
             pattern);
    }
    output_format(path_for(pattern, "method"), "");
}

void write_method_pictures(const std::string& pattern, std::span<const Device> devices,
                           const std::vector<FilterStage>& stages, const ImageDocument& input,
                           const Comparison& comparison) {
    OutputFiles files;
    std::vector<std::string> done;
    for (const MethodResult& result : comparison.results) {
        std::string name = result.label();
        for (char& c : name) {
            if (c == ':' || c == ' ') c = '-';
        }
        if (!result.ran || std::find(done.begin(), done.end(), name) != done.end()) continue;
        done.push_back(name);
        std::vector<FilterStage> by_method = stages;
        for (FilterStage& stage : by_method) stage.settings.method = result.method;
        const OutputPlan outputs(path_for(pattern, name), input,
                                 result_layout(by_method, info_of(input.pages.front()),
                                               static_cast<std::int64_t>(input.pages.size())),
                                 stages.back().settings.depth);
        FilterResult filtered =
            filter_chain({find_device(devices, result.device), 1}, by_method, input.pages);
        for (auto& [path, document] : outputs.documents(std::move(filtered), input)) {
            files.add(path, std::move(document), {});
        }
    }
    files.commit();
}

double write_difference_picture(const std::string& path, const Comparison& comparison,
                                std::int64_t width) {
    const std::vector<float>& difference = comparison.difference;
    if (difference.empty()) return 0;
    const float most = *std::max_element(difference.begin(), difference.end());
    const double factor = most > 0 && std::isfinite(most) ? 255 / static_cast<double>(most) : 0;
    const auto height = static_cast<std::int64_t>(difference.size()) / width;
    Image picture = Image::interleaved(SampleType::u8, 1, height, width);
    std::transform(difference.begin(), difference.end(), picture.data<std::uint8_t>(),
                   [factor](float x) {
                       return static_cast<std::uint8_t>(
                           std::clamp(std::nearbyint(static_cast<double>(x) * factor), 0.0, 255.0));
                   });
    ImageDocument document;
    document.pages.push_back(std::move(picture));
    OutputFiles files;
    files.add(path, std::move(document), {});
    files.commit();
    return factor;
}

}  // namespace conv
