#include "explain/explanation_text.hpp"

#include <fmt/format.h>

#include <array>
#include <ostream>

#include "base/size.hpp"
#include "gemm/sgemm.hpp"
#include "text/kernel_values_text.hpp"
#include "text/terminal.hpp"
#include "text/text_table.hpp"

namespace conv {
namespace {

// Kernels of more values are shown by their properties alone.
constexpr std::int64_t kMostKernelCells = 225;  // 15x15

std::string yes_or_no(bool value) {
    return value ? "yes" : "no";
}

std::string kernel_size(const Kernel& kernel) {
    std::string size = fmt::format("{} x {}", kernel.R, kernel.S);
    if (kernel.rank >= 3) size = fmt::format("{} x ", kernel.C) + size;
    if (kernel.rank == 4) size = fmt::format("{} x ", kernel.K) + size;
    return size;
}

/// Where the kernel comes from: its file or built-in; inline numbers need no name.
std::string kernel_title(const Kernel& kernel) {
    return printable_line(kernel.name);
}

void write_kernels(std::ostream& out, const Explanation& e, std::optional<std::size_t> width) {
    out << (e.kernels.size() == 1 ? "Kernel\n" : "Kernels\n");
    TextTable table{
        "lllrrrll",
        {{"name", "format", "size", "sum", "sum |w|", "rank", "separable", "symmetric"}}};
    for (std::size_t i = 0; i < e.kernels.size(); ++i) {
        const Kernel& kernel = e.kernels[i];
        const KernelProperties& p = e.properties[i];
        table.rows.push_back({kernel_title(kernel), kernel.format, kernel_size(kernel),
                              short_number(p.sum), short_number(p.absolute_sum),
                              std::to_string(p.rank), yes_or_no(p.separable),
                              yes_or_no(p.point_symmetric)});
    }
    table.write(out, 2, width);
    for (const Kernel& kernel : e.kernels) {
        if (static_cast<std::int64_t>(kernel.values.size()) > kMostKernelCells) continue;
        out << '\n';
        write_kernel_values(out, kernel, width);
    }
}

/// "P = floor((H + top + bottom - dilation * (R-1) - 1) / stride) + 1 = 2" with its numbers.
std::string output_formula(char name, std::int64_t size, std::int64_t before, std::int64_t after,
                           const std::array<std::int64_t, 4>& window) {
    const auto [dilation, taps, stride, result] = window;
    return fmt::format("{} = floor(({} + {} + {} - {} * ({} - 1) - 1) / {}) + 1 = {}", name, size,
                       before, after, dilation, taps, stride, result);
}

void write_sizes(std::ostream& out, const Explanation& e) {
    const Problem& p = e.problem;
    const Shape& page = e.input.document.pages.front().shape;
    out << fmt::format("\nConvolution {}\n", format_problem(p));
    const std::size_t pages = e.input.document.pages.size();
    out << fmt::format("  input   {}: {} x {} x {} (C x H x W), {}{}\n", e.input.words, page.C,
                       page.H, page.W, sample_type_name(e.input.document.pages.front().type),
                       pages > 1 ? fmt::format(", the first of {} pages", pages) : "");
    const std::int64_t pictures = p.N * e.products;
    if (pictures > 1) {
        out << fmt::format(
            "  each of {} channels is filtered by itself{}\n", pictures,
            e.products > 1 ? "" : fmt::format(", computed together as N = {}", pictures));
    }
    out << fmt::format("  output  K = {}\n", p.K);
    out << "          "
        << output_formula('P', p.H, p.padding.top, p.padding.bottom,
                          {p.dilation_h, p.R, p.stride_h, p.P()})
        << "\n          "
        << output_formula('Q', p.W, p.padding.left, p.padding.right,
                          {p.dilation_w, p.S, p.stride_w, p.Q()})
        << '\n';
    out << fmt::format(
        "  work    {} multiply-adds (MACs) = N * K * P * Q * C/G * R * S = {} * {} * {} * {} * {} "
        "* {} * {}\n",
        grouped(p.macs() * static_cast<double>(e.products)), pictures, p.K, p.P(), p.Q(),
        p.group_channels(), p.R, p.S);
}

void write_decisions(std::ostream& out, const Explanation& e) {
    out << "\nDecisions\n";
    for (const std::string& decision : e.decisions) {
        out << "  " << printable_line(decision) << '\n';
    }
}

std::string float_bytes(double values) {
    constexpr double kLargest = 9e18 / sizeof(float);
    return values > kLargest
               ? "more than any machine has"
               : format_bytes(static_cast<std::int64_t>(values * sizeof(float))) + " as float32";
}

void write_im2col_size(std::ostream& out, const LoweringSizes& s) {
    const std::string outputs = grouped(static_cast<double>(s.outputs));
    out << fmt::format(
        "  im2col    weights {} x {} * column matrix {} x {} = result {} x {}\n"
        "            the {} values of the picture become {}: {:.3g} times as many\n"
        "            {}\n",
        s.maps, s.window, s.window, outputs, s.maps, outputs,
        grouped(static_cast<double>(s.samples)), grouped(s.column_values),
        s.column_values / static_cast<double>(s.samples), float_bytes(s.column_values));
}

void write_toeplitz_size(std::ostream& out, const Explanation& e) {
    const LoweringSizes& s = e.sizes;
    const std::string samples = grouped(static_cast<double>(s.samples));
    const bool bordered = e.problem.padding != Padding{};
    out << fmt::format(
        "  toeplitz  kernel matrix {} x {} * picture {} x 1 = result {} x 1\n"
        "            {} values for a kernel of {}, all but {}{} per row zero;\n"
        "            every row{} is the same numbers shifted; {}\n"
        "            so it is never built whole: gemm (rows) builds one small block of it\n",
        grouped(s.toeplitz_rows), samples, samples, grouped(s.toeplitz_rows),
        grouped(s.toeplitz_values), grouped(static_cast<double>(s.maps * s.window)), s.window,
        bordered ? " or fewer" : "", bordered ? " away from the border" : "",
        float_bytes(s.toeplitz_values));
}

void write_rows_size(std::ostream& out, const Explanation& e) {
    const LoweringSizes& s = e.sizes;
    out << fmt::format(
        "  rows      sum over {} of (A_s {} x {} * lines {} x {}) = {} x {}, {} of the result\n"
        "            what gemm does: the picture is not expanded, the kernel's {} values become "
        "{}\n",
        counted(e.problem.S, "tap"), s.block_rows, s.block_depth, s.block_depth, e.problem.Q(),
        s.block_rows, e.problem.Q(), counted(s.rows_together, "row"),
        grouped(static_cast<double>(s.maps * s.window)),
        grouped(static_cast<double>(e.problem.S * s.block_rows * s.block_depth)));
}

void write_lowerings(std::ostream& out, const Explanation& e) {
    out << "\nAs a product of matrices";
    if (e.problem.N * e.products * e.problem.groups > 1) {
        out << fmt::format(", one of {} alike", e.problem.N * e.products * e.problem.groups);
    }
    out << '\n';
    if (e.problem.pointwise()) {
        out << "  a 1 x 1 kernel: the picture already is its column matrix, nothing is lowered\n";
    }
    write_im2col_size(out, e.sizes);
    write_toeplitz_size(out, e);
    write_rows_size(out, e);
}

void write_methods(std::ostream& out, const Explanation& e, std::optional<std::size_t> width) {
    const bool devices = std::any_of(e.choice.candidates.begin(), e.choice.candidates.end(),
                                     [](const Candidate& c) { return c.parts.has_value(); });
    out << fmt::format("\nMethods (predicted for one thread{}{}; OpenBLAS core {})\n",
                       e.products > 1 ? fmt::format(", each of {} runs", e.products) : "",
                       devices ? ", devices with start-up and transfers" : "",
                       openblas_core_name());
    TextTable table{"lrrll", {{"method", "time", "workspace"}}}, left_out{"ll", {}};
    for (const Candidate& candidate : e.choice.candidates) {
        const bool on_processor = candidate.device.empty() || candidate.device == "cpu";
        const std::string name =
            on_processor ? candidate.method : candidate.device + " " + candidate.method;
        const bool chosen =
            candidate.method == e.choice.method->name && candidate.device == e.choice.device->name;
        if (candidate.rejection.empty()) {
            table.rows.push_back({name, predicted_words(candidate.seconds),
                                  format_bytes(candidate.workspace_bytes),
                                  chosen ? "<- chosen" : "", describe_parts(candidate.parts)});
        } else {
            left_out.rows.push_back({name, "left out: " + candidate.rejection});
        }
    }
    table.write(out, 2, width);
    left_out.write(out);
    out << fmt::format("  {}: {}\n", e.choice.method->name, e.choice.reason);
}

}  // namespace

void write_explanation(std::ostream& out, const Explanation& e, std::optional<std::size_t> width) {
    write_kernels(out, e, width);
    write_sizes(out, e);
    write_decisions(out, e);
    write_lowerings(out, e);
    write_methods(out, e, width);
}

}  // namespace conv
