#include "kernels/opencv_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "kernels/array_text.hpp"
#include "kernels/kernel_values.hpp"
#include "kernels/opencv_storage.hpp"

namespace conv {
namespace {

std::vector<StorageMatrix> read_storage(const SourceText& source) {
    const std::string_view text = trimmed(without_byte_order_mark(source.text));
    if (text.starts_with('{')) return read_storage_json(source);
    if (text.starts_with('<')) return read_storage_xml(source);
    return read_storage_yaml(source);
}

std::string names_of(const std::vector<StorageMatrix>& matrices) {
    std::string names;
    for (const StorageMatrix& matrix : matrices) {
        names += (names.empty() ? "" : ", ") + quoted_token(matrix.name);
    }
    return names;
}

const StorageMatrix& pick(const SourceText& source, const std::vector<StorageMatrix>& matrices) {
    if (matrices.empty()) {
        fail_text(source, "holds no matrix of type opencv-matrix or opencv-nd-matrix");
    }
    if (source.member.empty() && matrices.size() == 1) return matrices[0];
    if (source.member.empty()) {
        fail_text(source, fmt::format("holds {} matrices, {}: pick one with #name", matrices.size(),
                                      names_of(matrices)));
    }
    const auto found =
        std::find_if(matrices.begin(), matrices.end(),
                     [&](const StorageMatrix& matrix) { return matrix.name == source.member; });
    if (found == matrices.end()) {
        fail_text(source, fmt::format("holds no matrix '{}'; it has {}", source.member,
                                      names_of(matrices)));
    }
    return *found;
}

const std::vector<std::string_view>& field(const SourceText& source, const StorageMatrix& matrix,
                                           std::string_view key) {
    const auto found = std::find_if(matrix.fields.begin(), matrix.fields.end(),
                                    [key](const StorageField& f) { return f.key == key; });
    if (found == matrix.fields.end() || found->tokens.empty()) {
        fail_text(source, fmt::format("the matrix {} has no '{}'", quoted_token(matrix.name), key));
    }
    return found->tokens;
}

std::vector<std::string_view> size_tokens(const SourceText& source, const StorageMatrix& matrix) {
    if (matrix.type == "opencv-nd-matrix") return field(source, matrix, "sizes");
    return {field(source, matrix, "rows")[0], field(source, matrix, "cols")[0]};
}

void read_sizes(const SourceText& source, const StorageMatrix& matrix, Kernel& kernel) {
    const std::vector<std::string_view> tokens = size_tokens(source, matrix);
    if (tokens.size() < 2 || tokens.size() > 4) {
        fail_at(source, tokens[0],
                fmt::format("a matrix of {} dimensions; kernels have 2 to 4", tokens.size()));
    }
    std::int64_t* const sizes[] = {&kernel.K, &kernel.C, &kernel.R, &kernel.S};
    std::int64_t product = 1;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::int64_t size = integer_at(source, tokens[i], 1, kMaxKernelValues);
        if (product > kMaxKernelValues / size) {
            fail_at(source, tokens[i],
                    fmt::format("a matrix of more than {} numbers", kMaxKernelValues));
        }
        product *= size;
        *sizes[4 - tokens.size() + i] = size;
    }
    kernel.rank = static_cast<int>(tokens.size());
}

/// One channel of any of OpenCV's depths: u c w s i f d, and h for half floats.
void require_one_channel(const SourceText& source, const StorageMatrix& matrix) {
    std::string_view type = field(source, matrix, "dt")[0];
    if (type.starts_with('1') && type.size() == 2) type.remove_prefix(1);
    if (type.size() != 1 || std::string_view("ucwsifdh").find(type[0]) == std::string_view::npos) {
        fail_at(source, field(source, matrix, "dt")[0],
                fmt::format("element type {}; kernels have one channel: u c w s i f or d",
                            quoted_token(type)));
    }
}

void read_data(const SourceText& source, const StorageMatrix& matrix, Kernel& kernel) {
    const std::vector<std::string_view>& tokens = field(source, matrix, "data");
    if (tokens[0].starts_with("$base64$") || tokens[0] == "|" || tokens[0] == "type_id") {
        fail_at(source, tokens[0], "base64 data is not read; write the matrix as text");
    }
    for (const std::string_view token : tokens) {
        const NumberReading reading = read_decimal(token);
        if (reading.problem != nullptr) {
            fail_at(source, token, fmt::format("{} {}", quoted_token(token), reading.problem));
        }
        kernel.values.push_back(reading.value);
    }
    const std::int64_t wanted = kernel.K * kernel.C * kernel.R * kernel.S;
    if (static_cast<std::int64_t>(tokens.size()) != wanted) {
        fail_at(source, tokens[0],
                fmt::format("{} numbers of data, but the matrix takes {}", tokens.size(), wanted));
    }
}

}  // namespace

std::vector<Kernel> parse_opencv(const SourceText& source) {
    const std::vector<StorageMatrix> matrices = read_storage(source);
    const StorageMatrix& matrix = pick(source, matrices);
    Kernel kernel;
    kernel.format = "opencv";
    kernel.name = source.name;
    read_sizes(source, matrix, kernel);
    require_one_channel(source, matrix);
    read_data(source, matrix, kernel);
    return {kernel};
}

bool recognises_opencv(const SourceText& source) {
    const std::string_view text = trimmed(without_byte_order_mark(source.text));
    return text.starts_with("%YAML") || text.starts_with('<') ||
           (text.starts_with('{') && text.find('"') != std::string_view::npos);
}

std::string write_opencv(const Kernel& kernel) {
    require_default_anchor(kernel, "a FileStorage matrix");
    require_no_bias(kernel, "a FileStorage matrix");
    std::string text = "%YAML:1.0\n---\n";
    if (kernel.rank == 2) {
        text +=
            fmt::format("kernel: !!opencv-matrix\n   rows: {}\n   cols: {}\n", kernel.R, kernel.S);
    } else {
        text += fmt::format("kernel: !!opencv-nd-matrix\n   sizes: [ {}{}, {}, {} ]\n",
                            kernel.rank == 4 ? fmt::format("{}, ", kernel.K) : "", kernel.C,
                            kernel.R, kernel.S);
    }
    text += "   dt: d\n   data: [ ";
    const std::vector<double> values = scaled_values(kernel);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool row_start = i > 0 && i % static_cast<std::size_t>(kernel.S) == 0;
        fmt::format_to(std::back_inserter(text), "{}{}",
                       i == 0 ? "" : (row_start ? ",\n       " : ", "), values[i]);
    }
    return text + " ]\n";
}

}  // namespace conv
