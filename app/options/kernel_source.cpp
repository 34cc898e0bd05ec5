#include "options/kernel_source.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "files/byte_source.hpp"
#include "files/format_table.hpp"
#include "files/image_file.hpp"
#include "kernels/builtin.hpp"
#include "kernels/kernel_reference.hpp"
#include "kernels/kernel_text.hpp"
#include "tensor/npy.hpp"
#include "tensor/source.hpp"

namespace conv {
namespace {

// A kernel of 2^28 numbers in text; larger files are not kernels.
constexpr std::int64_t kLargestKernelFile = std::int64_t{1} << 31;

std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Kernel npy_kernel(ByteView bytes, const std::string& name) {
    const NpyArray array = parse_npy(std::as_bytes(bytes), name);
    if (array.dims.size() == 1) {
        fail(ErrorKind::usage,
             "kernel {} has one dimension: is it a row or a column? Save kernel[None, :] or "
             "kernel[:, None]",
             name);
    }
    if (array.dims.size() < 2 || array.dims.size() > 4) {
        fail(ErrorKind::usage, "kernel {} has {} dimensions, a kernel is R S, C R S or K C R S",
             name, array.dims.size());
    }
    Kernel kernel;
    kernel.rank = static_cast<int>(array.dims.size());
    std::vector<std::int64_t> sizes(4 - array.dims.size(), 1);
    sizes.insert(sizes.end(), array.dims.begin(), array.dims.end());
    kernel.K = sizes[0];
    kernel.C = sizes[1];
    kernel.R = sizes[2];
    kernel.S = sizes[3];
    kernel.values = npy_to_doubles(array);
    if (!std::all_of(kernel.values.begin(), kernel.values.end(),
                     [](double v) { return std::isfinite(v); })) {
        fail(ErrorKind::usage, "kernel {} holds NaN or infinity, every value must be finite", name);
    }
    kernel.format = "npy";
    kernel.name = name;
    return kernel;
}

/// A picture with one channel as a point spread function: it sums to 1 unless told otherwise.
Kernel image_kernel(const std::string& path) {
    const ImageDocument document = read_image(path);
    const Image& image = document.pages.front();
    if (document.pages.size() > 1 || image.shape.C != 1) {
        fail(ErrorKind::usage,
             "kernel {} is a picture with {} channels and {} pages, a point spread "
             "function has one of each",
             path, image.shape.C, document.pages.size());
    }
    Kernel kernel;
    kernel.R = image.shape.H;
    kernel.S = image.shape.W;
    const Source source(image.type, image.samples.get(), image.shape, image.strides);
    for (std::int64_t h = 0; h < kernel.R; ++h) {
        for (std::int64_t w = 0; w < kernel.S; ++w) {
            kernel.values.push_back(static_cast<double>(source.at(0, 0, h, w)));
            if (!std::isfinite(kernel.values.back())) {
                fail(ErrorKind::usage,
                     "kernel {} holds NaN or infinity, every value must be finite", path);
            }
        }
    }
    kernel.normalize_by_default = true;
    kernel.format = "image";
    kernel.name = path;
    return kernel;
}

bool is_npy(ByteView bytes) {
    return starts_with(bytes, "\x93NUMPY");
}

bool is_image(ByteView bytes) {
    const ByteView head = bytes.first(std::min(bytes.size(), kHeadBytes));
    return std::any_of(file_formats().begin(), file_formats().end(),
                       [&](const FileFormat& format) { return format.recognises(head); });
}

std::vector<Kernel> kernels_of_file(const std::string& path, const std::string& format,
                                    const std::string& member) {
    const FileBytes bytes = read_file_bytes(path, kLargestKernelFile);
    const std::string name = display_name(path);
    if (format == "npy" || (format == "auto" && is_npy(bytes.view()))) {
        return {npy_kernel(bytes.view(), name)};
    }
    if (format == "image" || (format == "auto" && is_image(bytes.view()))) {
        if (path == "-") {
            fail(ErrorKind::usage,
                 "a picture as kernel cannot come from standard input, name a file");
        }
        return {image_kernel(path)};
    }
    return parse_kernel_text(as_text(bytes.view()), name, format, member);
}

/// Bad kernels are wrong usage, whatever reader found them bad.
template <typename Load>
std::vector<Kernel> as_usage_errors(const Load& load) {
    try {
        return load();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::memory) throw;
        fail(ErrorKind::usage, "{}", error.what());
    }
}

}  // namespace

std::vector<std::string> kernel_format_words() {
    std::vector<std::string> words{"auto"};
    for (const KernelTextFormat& format : kernel_text_formats()) words.push_back(format.name);
    words.insert(words.end(), {"npy", "image"});
    return words;
}

std::vector<Kernel> load_kernels(const std::string& argument, const std::string& format) {
    return as_usage_errors([&]() -> std::vector<Kernel> {
        const KernelReference reference = resolve_kernel_reference(argument, format);
        switch (reference.kind) {
            case KernelReferenceKind::builtin:
                return make_builtin(reference.value);
            case KernelReferenceKind::text:
                return parse_kernel_text(reference.value, "-k text", format);
            case KernelReferenceKind::standard_input:
                return kernels_of_file("-", format, "");
            case KernelReferenceKind::file:
                break;
        }
        return kernels_of_file(reference.value, format, reference.member);
    });
}

}  // namespace conv
