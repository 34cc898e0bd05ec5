#include "verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/naive.hpp"
#include "cpu/tile/builtin_profile.hpp"

namespace conv::bench {
namespace {

constexpr std::int64_t kOracleRows = 2;

double sample(const ResultView& result, std::int64_t i) {
    if (result.type == SampleType::u8) return static_cast<const std::uint8_t*>(result.data)[i];
    if (result.type == SampleType::u16) return static_cast<const std::uint16_t*>(result.data)[i];
    return static_cast<double>(static_cast<const float*>(result.data)[i]);
}

/// Compares samples on one row's scale: absolute for floats, in levels for rows of integers.
class Comparison {
public:
    explicit Comparison(const Operands& operands)
        : levels_(operands.row().type != SampleType::f32),
          white_(sample_maximum(operands.row().type)),
          bound_(operands.rounding_bound()) {}

    void add(double x, double y) {
        const double difference = levels_ ? to_level(x) - to_level(y) : x - y;
        const double size =
            std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::abs(difference);
        worst_ = std::max(worst_, size);
    }
    double worst() const { return worst_; }
    double allowed(double tolerance) const { return levels_ ? tolerance : tolerance * bound_; }

private:
    /// Rounded half to even and saturated, as a result of integers is.
    double to_level(double x) const { return std::clamp(std::nearbyint(x), 0.0, white_); }

    bool levels_;
    double white_, bound_;
    double worst_ = 0;
};

/// Rows [first, first + count) of the result by definition, in the row's own order.
struct Oracle {
    RowRange rows;
    Shape shape;
    std::vector<float> values;

    Oracle(const Operands& operands, RowRange range)
        : rows(range), shape(operands.problem().dst_shape()) {
        shape.H = rows.count;
        values.resize(static_cast<std::size_t>(shape.N * shape.C * shape.H * shape.W));
        naive_method(builtin_profile())
            .offer(operands.problem(), operands.weights())
            .prepare()
            .run(operands.source(), rows, {values.data(), shape, row_strides(shape)}, nullptr);
    }

    void compare(const ResultView& result, const Shape& whole, Comparison& comparison) const {
        const Strides mine = row_strides(shape), theirs = row_strides(whole);
        const std::int64_t lanes = shape.N;  // a row's samples are contiguous, pictures interleaved
        for (std::int64_t k = 0; k < shape.C; ++k) {
            for (std::int64_t h = 0; h < shape.H; ++h) {
                const std::int64_t at = k * mine.C + h * mine.H;
                const std::int64_t there = k * theirs.C + (rows.first + h) * theirs.H;
                for (std::int64_t i = 0; i < shape.W * lanes; ++i) {
                    comparison.add(static_cast<double>(values[static_cast<std::size_t>(at + i)]),
                                   sample(result, there + i));
                }
            }
        }
    }
};

std::vector<Oracle> make_oracles(const Operands& operands) {
    const std::int64_t P = operands.problem().P();
    const std::int64_t count = std::min(kOracleRows, P);
    std::vector<Oracle> oracles;
    for (const std::int64_t first : {std::int64_t{0}, (P - count) / 2, P - count}) {
        oracles.emplace_back(operands, RowRange{first, count});
    }
    return oracles;
}

}  // namespace

std::vector<std::string> disagreements(const Operands& operands,
                                       const std::vector<Contender>& contenders) {
    std::vector<std::string> found;
    const auto judge = [&](const std::string& who, const Comparison& comparison, double tolerance) {
        if (comparison.worst() <= comparison.allowed(tolerance)) return;
        found.push_back(fmt::format("{}: {} differ by {:.3g}, allowed {:.3g}", operands.row().name,
                                    who, comparison.worst(), comparison.allowed(tolerance)));
    };
    const std::vector<Oracle> oracles = make_oracles(operands);
    const Contender* first = nullptr;
    for (const Contender& contender : contenders) {
        if (contender.role == Role::part) continue;
        contender.run();
        Comparison exact(operands), mutual(operands);
        for (const Oracle& oracle : oracles) {
            oracle.compare(contender.result, operands.problem().dst_shape(), exact);
        }
        judge(contender.name + " and the definition", exact, contender.tolerance);
        if (!first) first = &contender;
        for (std::int64_t i = 0; i < contender.result.count; ++i) {
            mutual.add(sample(first->result, i), sample(contender.result, i));
        }
        judge(contender.name + " and " + first->name, mutual,
              contender.tolerance + first->tolerance);
    }
    return found;
}

}  // namespace conv::bench
