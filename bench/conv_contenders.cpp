#include "conv_contenders.hpp"

#include "base/error.hpp"
#include "conv/convolve.hpp"
#include "method_parts.hpp"
#include "timing/timing.hpp"

namespace conv::bench {
namespace {

constexpr double kMostSeconds = 2;

/// A plan with its result. The input is read in the row's own type, the result is float32.
struct PreparedMethod {
    Problem problem;
    Source source;
    Plan plan;
    AlignedBuffer<float> result;
    TensorView<float> dst;
};

std::shared_ptr<PreparedMethod> prepare(const Method& method, const Operands& operands) {
    const Problem& p = operands.problem();
    auto prepared = std::make_shared<PreparedMethod>(
        PreparedMethod{p,
                       operands.source(),
                       method.prepare(p, operands.weights()),
                       AlignedBuffer<float>(operands.result_count()),
                       {}});
    prepared->dst = {prepared->result.data(), p.dst_shape(), row_strides(p.dst_shape())};
    return prepared;
}

/// The one place that says how a method of this project runs on a row.
Contender conv_contender(const Method& method, const Operands& operands, int threads) {
    const double start = steady_seconds();
    const auto prepared = prepare(method, operands);
    Contender contender;
    contender.name = method.name;
    contender.role = Role::ours;
    contender.prepare_seconds = steady_seconds() - start;
    const Problem& p = operands.problem();
    contender.predicted_seconds = method.cost(p, operands.weights());
    contender.workspace_bytes = workspace_for_threads(prepared->plan, p, 1, threads);
    contender.run = [prepared, threads] {
        run_blocks(prepared->plan, prepared->problem, prepared->source, threads,
                   {[&](std::int64_t, RowRange rows, int) {
                        return prepared->dst.rows(rows.first, rows.count);
                    },
                    nullptr});
    };
    contender.result = {SampleType::f32, prepared->result.data(), operands.result_count()};
    contender.tolerance =
        operands.row().type == SampleType::u8 ? 1 : method.error_factor(p, operands.weights());
    return contender;
}

/// Why a method stays out, or nothing.
std::string refusal(const Method& method, const Operands& operands, int threads) {
    const Problem& p = operands.problem();
    const Weights weights = operands.weights();
    if (std::string reason = method.rejects(p, weights); !reason.empty()) return reason;
    const double seconds = method.cost(p, weights);
    if (seconds > kMostSeconds) return fmt::format("predicted {:.1f} s a run", seconds);
    const std::int64_t bytes = method.workspace_bytes(p, weights) * threads;
    if (bytes > kMostWorkspace) return fmt::format("needs {}", format_bytes(bytes));
    return {};
}

}  // namespace

std::vector<std::string> all_methods(const Device& device) {
    std::vector<std::string> names;
    for (const Method& method : device.methods) names.push_back(method.name);
    names.emplace_back("auto");
    return names;
}

void add_conv_contenders(const Device& device, const Operands& operands, const Selection& selection,
                         int threads, Field& field) {
    const Limits limits{.threads = threads, .max_memory = kMostWorkspace, .memory_in_use = 0};
    for (const std::string& name : selection.methods) {
        if (name == "auto") {
            const Choice choice =
                choose_method(device, name, operands.problem(), operands.weights(), limits);
            field.contenders.push_back(conv_contender(*choice.method, operands, threads));
            field.contenders.back().name = fmt::format("auto ({})", choice.method->name);
            continue;
        }
        const Method& method = find_method(device, name);
        if (std::string reason = refusal(method, operands, threads); !reason.empty()) {
            field.refusals.push_back({name, std::move(reason)});
            continue;
        }
        field.contenders.push_back(conv_contender(method, operands, threads));
        if (selection.parts && threads == 1) add_method_parts(method, operands, field);
    }
}

}  // namespace conv::bench
