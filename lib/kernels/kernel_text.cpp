#include "kernels/kernel_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/size.hpp"
#include "kernels/gmic_text.hpp"
#include "kernels/imagemagick_text.hpp"
#include "kernels/opencv_text.hpp"
#include "kernels/plain_text.hpp"
#include "kernels/vips_text.hpp"

namespace conv {
namespace {

constexpr std::size_t kLargestText = std::size_t{64} << 20;

/// A kernel format of another tool that is told apart only to be refused in its own words.
struct RefusedFormat {
    bool (*recognises)(std::string_view first_line);
    const char* message;
};

bool starts_with_word(std::string_view line, std::string_view word) {
    return line.starts_with(word) && (line.size() == word.size() || is_blank(line[word.size()]));
}

const RefusedFormat kRefusedFormats[] = {
    {[](std::string_view line) { return starts_with_word(line, "CONV"); },
     "a SExtractor kernel; delete its CONV line (NORM: use --normalize sum) to make it plain text"},
    {[](std::string_view line) {
         return starts_with_word(line, "TITLE") || starts_with_word(line, "MATRIX");
     },
     "a GRASS r.mfilter file; keep only the rows after MATRIX (DIVISOR d: --scale 1/d) to make it "
     "plain text"},
};

void refuse_known_others(const SourceText& source) {
    const auto lines = content_lines(source.text);
    if (lines.empty()) return;
    for (const RefusedFormat& refused : kRefusedFormats) {
        if (refused.recognises(lines[0])) fail_at(source, lines[0], refused.message);
    }
}

std::string describe_reading(const KernelTextFormat& format, const SourceText& source) {
    const Kernel kernel = format.parse(source).front();
    return fmt::format("{} ({} row{} of {})", format.name, kernel.R, kernel.R == 1 ? "" : "s",
                       kernel.S);
}

[[noreturn]] void refuse_two_readings(const SourceText& source, const KernelTextFormat& one,
                                      const KernelTextFormat& other) {
    fail_text(source, fmt::format("can be read as {} and as {}: say which with --kernel-format",
                                  describe_reading(one, source), describe_reading(other, source)));
}

/// Plain text is what everything else is: it is asked last, whether it fits as well, so that long
/// plain text is not read twice.
const KernelTextFormat& detect(const SourceText& source) {
    const auto& formats = kernel_text_formats();
    const KernelTextFormat& plain = formats.front();
    const KernelTextFormat* found = nullptr;
    for (const KernelTextFormat& format : formats) {
        if (&format == &plain || format.recognises == nullptr || !format.recognises(source)) {
            continue;
        }
        if (found != nullptr) refuse_two_readings(source, *found, format);
        found = &format;
    }
    if (found == nullptr) return plain;
    if (plain.recognises(source)) refuse_two_readings(source, plain, *found);
    return *found;
}

const KernelTextFormat& named_format(const std::string& name) {
    const auto& formats = kernel_text_formats();
    const auto found = std::find_if(formats.begin(), formats.end(),
                                    [&](const KernelTextFormat& f) { return f.name == name; });
    if (found != formats.end()) return *found;
    std::string known;
    for (const KernelTextFormat& format : formats) known += " " + format.name;
    fail(ErrorKind::usage, "unknown kernel text format '{}'; known are{}", name, known);
}

void require_finite(const Kernel& kernel) {
    const auto finite = [](double value) { return std::isfinite(value); };
    if (!std::isfinite(kernel.scale) ||
        !std::all_of(kernel.values.begin(), kernel.values.end(), finite) ||
        !std::all_of(kernel.bias.begin(), kernel.bias.end(), finite)) {
        fail(ErrorKind::usage, "kernel '{}' holds NaN or infinity; kernel text cannot",
             kernel.name);
    }
}

}  // namespace

const std::vector<KernelTextFormat>& kernel_text_formats() {
    static const std::vector<KernelTextFormat> formats = {
        {"plain", "rows of numbers, optional shape:, scale:, bias:, anchor: lines first",
         recognises_plain, parse_plain, write_plain},
        {"flat", "n*n numbers in any layout make an n x n kernel", nullptr, parse_flat, nullptr},
        {"vips", "libvips matrix: a line 'W H [scale [offset]]', then H rows of W numbers",
         recognises_vips, parse_vips, write_vips},
        {"imagemagick",
         "3x3+1+1: 0,1,0 ..., names such as Laplacian:1 or Gaussian:0x2, lists with ;",
         recognises_imagemagick, parse_imagemagick, write_imagemagick},
        {"gmic", "G'MIC matrix: (0,1,0;1,-4,1;0,1,0), ^ between channels", recognises_gmic,
         parse_gmic, write_gmic},
        {"opencv", "a matrix of OpenCV's FileStorage: YAML, JSON or XML; file.yml#name picks one",
         recognises_opencv, parse_opencv, write_opencv},
    };
    return formats;
}

std::vector<Kernel> parse_kernel_text(std::string_view text, const std::string& name,
                                      const std::string& format, const std::string& member) {
    const SourceText source{text, name, member};
    if (text.size() > kLargestText) {
        fail_text(source, fmt::format("{} of text; up to {} is read, larger kernels are .npy files",
                                      format_bytes(static_cast<std::int64_t>(text.size())),
                                      format_bytes(static_cast<std::int64_t>(kLargestText))));
    }
    require_text(source);
    if (format == "auto") refuse_known_others(source);
    const KernelTextFormat& reader = format == "auto" ? detect(source) : named_format(format);
    if (!member.empty() && reader.name != "opencv") {
        fail_text(source, fmt::format("is {} text, which has no names: '#{}' cannot pick anything",
                                      reader.name, member));
    }
    return reader.parse(source);
}

std::string write_kernel_text(const Kernel& kernel, const std::string& format) {
    const KernelTextFormat& target = named_format(format);
    if (target.write == nullptr) {
        fail(ErrorKind::usage, "kernels are not written as '{}'; use plain", format);
    }
    require_finite(kernel);
    return target.write(kernel);
}

}  // namespace conv
