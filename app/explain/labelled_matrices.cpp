#include "explain/labelled_matrices.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace conv {
namespace {

using Names = std::vector<std::string>;
using Matrices = std::vector<LabelledMatrix>;

// Blocks of output rows that are shown one after the other.
constexpr std::int64_t kMostShownBlocks = 4;

/// The part of an explanation that is one picture and one group.
struct Part {
    const Explanation& e;
    std::int64_t n, g;

    const Problem& problem() const { return e.problem; }
    Names maps() const { return index_names({{'k', problem().group_kernels()}}, ""); }
    Names taps(const char* separator) const {
        return index_names(
            {{'c', problem().group_channels()}, {'r', problem().R}, {'s', problem().S}}, separator);
    }
    Names outputs() const { return index_names({{'p', problem().P()}, {'q', problem().Q()}}, ""); }
};

bool all_fit(const Matrices& matrices) {
    for (const LabelledMatrix& m : matrices) {
        if (!fits_a_page(static_cast<double>(m.values.rows),
                         static_cast<double>(m.values.columns))) {
            return false;
        }
    }
    return true;
}

/// The product, K/G x (P*Q), as pictures with the bias added.
void append_maps(const Part& part, const Matrix& result, Matrices& matrices) {
    const Problem& p = part.problem();
    for (std::int64_t k = 0; k < p.group_kernels(); ++k) {
        const auto map = static_cast<std::size_t>(part.g * p.group_kernels() + k);
        const double bias = part.e.bias().empty() ? 0.0 : static_cast<double>(part.e.bias()[map]);
        Matrix picture(p.P(), p.Q());
        for (std::int64_t i = 0; i < result.columns; ++i) {
            picture.values[static_cast<std::size_t>(i)] = result(k, i) + bias;
        }
        const std::string name = p.K > 1 ? fmt::format(", map {}", map) : "";
        const std::string plus = bias == 0 ? "" : fmt::format(" plus bias {:g}", bias);
        matrices.push_back({fmt::format("Folded back into the picture{}{}: P x Q = {} x {}", name,
                                        plus, p.P(), p.Q()),
                            {},
                            {},
                            std::move(picture),
                            {}});
    }
}

Matrices im2col_matrices(const Part& part) {
    const Problem& p = part.problem();
    const Matrix weights = weight_matrix(p, part.e.bank.values, part.g);
    const Matrix columns = column_matrix(p, part.e.source.source, part.n, part.g);
    const Matrix result = product(weights, columns);
    Matrices m;
    m.push_back({fmt::format("Weights, one row per kernel: K x CRS = {} x {}", weights.rows,
                             weights.columns),
                 part.maps(),
                 part.taps(""),
                 weights,
                 {}});
    m.push_back({fmt::format("Column matrix, one column per output: CRS x PQ = {} x {}",
                             columns.rows, columns.columns),
                 part.taps(" "),
                 part.outputs(),
                 columns,
                 {}});
    m.push_back(
        {fmt::format("Weights * column matrix: K x PQ = {} x {}", result.rows, result.columns),
         part.maps(),
         part.outputs(),
         result,
         {}});
    append_maps(part, result, m);
    return m;
}

/// The zeros that stand in a lowered kernel whatever its weights are: those of the same kernel with
/// ones for weights.
std::vector<float> ones(const Explanation& e) {
    return std::vector<float>(e.bank.values.size(), 1.0F);
}

Matrices toeplitz_matrices(const Part& part) {
    const Problem& p = part.problem();
    const Source& src = part.e.source.source;
    const ToeplitzLowering lowering =
        toeplitz_lowering(p, {src, part.e.bank.values, part.n, part.g});
    const Matrix picture = picture_vector(p, src, part.n, part.g);
    Matrix result = product(lowering.matrix, picture);
    const Names rows = index_names({{'k', p.group_kernels()}, {'p', p.P()}, {'q', p.Q()}}, " ");
    const Names samples = index_names({{'c', p.group_channels()}, {'h', p.H}, {'w', p.W}}, "");
    Matrices m;
    m.push_back({fmt::format("Toeplitz matrix of the kernel: KPQ x CHW = {} x {} (. is a zero)",
                             lowering.matrix.rows, lowering.matrix.columns),
                 rows, samples, lowering.matrix,
                 zeros_of(toeplitz_lowering(p, {src, ones(part.e), part.n, part.g}).matrix)});
    m.push_back({fmt::format("The picture as a vector, written as a row: CHW = {}", picture.rows),
                 {},
                 samples,
                 reshaped(picture, 1, picture.rows),
                 {}});
    bool constant = false;
    for (std::size_t i = 0; i < result.values.size(); ++i) {
        constant = constant || lowering.constant.values[i] != 0;
        result.values[i] += lowering.constant.values[i];
    }
    if (constant) {
        m.push_back({fmt::format("What the constant border adds, written as a row: KPQ = {}",
                                 lowering.constant.rows),
                     {},
                     index_names({{'k', p.group_kernels()}, {'p', p.P()}, {'q', p.Q()}}, ""),
                     reshaped(lowering.constant, 1, lowering.constant.rows),
                     {}});
    }
    const Matrix maps = reshaped(result, p.group_kernels(), p.P() * p.Q());
    m.push_back({fmt::format("Toeplitz matrix * picture{}, one row per kernel: K x PQ = {} x {}",
                             constant ? " + border" : "", maps.rows, maps.columns),
                 part.maps(),
                 part.outputs(),
                 maps,
                 {}});
    append_maps(part, maps, m);
    return m;
}

/// Rows first .. first + count - 1 of the output as a sum of products, written into `result`.
void append_block(const Part& part, RowRange rows, Matrix& result, Matrices& m) {
    const Problem& p = part.problem();
    const Source& src = part.e.source.source;
    const RowLowering block = row_lowering(p, {src, part.e.bank.values, part.n, part.g}, rows);
    const RowLowering pattern = row_lowering(p, {src, ones(part.e), part.n, part.g}, rows);
    const std::int64_t T = rows.count, maps = p.group_kernels();
    const Names outputs = index_names({{'t', T}, {'k', maps}}, " ");
    const Names lines = index_names({{'i', p.padded_rows(T)}, {'c', p.group_channels()}}, " ");
    const std::string which =
        T == p.P() ? "" : fmt::format(", output rows {} to {}", rows.first, rows.first + T - 1);
    m.push_back({fmt::format("Lines of the padded picture{}: LC x columns = {} x {}", which,
                             block.lines.rows, block.lines.columns),
                 lines,
                 index_names({{'x', block.lines.columns}}, ""),
                 block.lines,
                 {}});
    Matrix sum(T * maps, p.Q());
    for (std::int64_t s = 0; s < p.S; ++s) {
        const Matrix& tap = block.taps[static_cast<std::size_t>(s)];
        const Matrix at_tap = tap_lines(p, block, s);
        const Matrix term = product(tap, at_tap);
        for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += term.values[i];
        m.push_back({fmt::format("A_{}, column {} of the kernel: TK x LC = {} x {} (. is a zero)",
                                 s, s, tap.rows, tap.columns),
                     outputs, index_names({{'i', p.padded_rows(T)}, {'c', p.group_channels()}}, ""),
                     tap, zeros_of(pattern.taps[static_cast<std::size_t>(s)])});
        m.push_back({fmt::format("times the lines from column {} on: LC x Q = {} x {}",
                                 s * p.dilation_w, at_tap.rows, at_tap.columns),
                     lines,
                     index_names({{'q', p.Q()}}, ""),
                     at_tap,
                     {}});
    }
    m.push_back({fmt::format("Sum over s of A_s * lines: TK x Q = {} x {}", sum.rows, sum.columns),
                 outputs,
                 index_names({{'q', p.Q()}}, ""),
                 sum,
                 {}});
    for (std::int64_t i = 0; i < sum.rows; ++i) {
        for (std::int64_t q = 0; q < p.Q(); ++q) {
            result(i % maps, (rows.first + i / maps) * p.Q() + q) = sum(i, q);
        }
    }
}

Matrices row_matrices(const Part& part) {
    const Problem& p = part.problem();
    Matrix result(p.group_kernels(), p.P() * p.Q());
    Matrices m;
    const std::int64_t T = part.e.sizes.rows_together;
    for (std::int64_t first = 0; first < p.P(); first += T) {
        append_block(part, {first, std::min(T, p.P() - first)}, result, m);
    }
    append_maps(part, result, m);
    return m;
}

struct Lowering {
    const char* name;
    Matrices (*matrices)(const Part&);
    /// Whether its largest matrix can be shown, known before it is built.
    bool (*fits)(const Explanation&);
};

constexpr std::array<Lowering, 3> kLowerings = {{
    {"im2col", im2col_matrices,
     [](const Explanation& e) {
         return fits_a_page(static_cast<double>(e.sizes.window),
                            static_cast<double>(e.sizes.outputs));
     }},
    {"toeplitz", toeplitz_matrices,
     [](const Explanation& e) {
         return fits_a_page(e.sizes.toeplitz_rows, static_cast<double>(e.sizes.samples));
     }},
    {"rows", row_matrices,
     [](const Explanation& e) {
         return fits_a_page(static_cast<double>(e.sizes.block_depth),
                            static_cast<double>(e.problem.padded_width())) &&
                fits_a_page(static_cast<double>(e.sizes.block_rows),
                            static_cast<double>(e.sizes.block_depth)) &&
                e.problem.P() <= e.sizes.rows_together * kMostShownBlocks;
     }},
}};

const Lowering& find_lowering(const std::string& name) {
    for (const Lowering& lowering : kLowerings) {
        if (name == lowering.name) return lowering;
    }
    fail(ErrorKind::usage, "--lowering '{}' is unknown, use one of {}", name,
         fmt::join(lowering_names(), ", "));
}

}  // namespace

std::vector<bool> zeros_of(const Matrix& of_ones) {
    std::vector<bool> zeros;
    for (const double value : of_ones.values) zeros.push_back(value == 0);
    return zeros;
}

Names index_names(const std::vector<std::pair<char, std::int64_t>>& indices,
                  const char* separator) {
    Names names{""};
    for (const auto& [letter, count] : indices) {
        Names longer;
        for (const std::string& name : names) {
            for (std::int64_t i = 0; i < count; ++i) {
                longer.push_back(
                    fmt::format("{}{}{}{}", name, name.empty() ? "" : separator, letter, i));
            }
        }
        names = std::move(longer);
    }
    return names;
}

const std::vector<std::string>& lowering_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        all.reserve(std::size(kLowerings));
        for (const Lowering& lowering : kLowerings) all.emplace_back(lowering.name);
        return all;
    }();
    return names;
}

std::vector<LabelledMatrix> lowering_matrices(const Explanation& e, const std::string& name,
                                              std::int64_t n, std::int64_t g) {
    const Lowering& lowering = find_lowering(name);
    if (!e.samples || !lowering.fits(e)) return {};
    Matrices matrices = lowering.matrices({e, n, g});
    return all_fit(matrices) ? matrices : Matrices();
}

}  // namespace conv
