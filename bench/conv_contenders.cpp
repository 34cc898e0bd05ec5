#include "conv_contenders.hpp"

#include "base/error.hpp"
#include "conv/convolve.hpp"
#include "method_parts.hpp"
#include "pipeline/page_filter.hpp"
#include "timing/timing.hpp"

namespace conv::bench {
namespace {

constexpr double kMostSeconds = 2;

/// A plan with its result: float32 in, float32 out.
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

/// The convolution alone, as the library's users call it.
void run_convolution(const Method& method, const Operands& operands, int threads,
                     Contender& contender) {
    const auto prepared = prepare(method, operands);
    contender.workspace_bytes =
        workspace_for_threads(prepared->plan, prepared->problem, 1, threads);
    contender.run = [prepared, threads] {
        run_blocks(prepared->plan, prepared->problem, prepared->source, threads,
                   {[&](std::int64_t, RowRange rows, int) {
                        return prepared->dst.rows(rows.first, rows.count);
                    },
                    nullptr});
    };
    contender.result = {SampleType::f32, prepared->result.data(), operands.result_count()};
    contender.tolerance = method.error_factor(operands.problem(), operands.weights());
}

/// One 2-D kernel on a picture whose colour channels are the row's pictures, as `apply` filters a
/// decoded file into the picture that it encodes.
struct PreparedPicture {
    FilterSettings settings;
    Bank bank;
    Image page;
    PageFilter filter;

    PreparedPicture(const Device& device, const std::string& method, const Operands& operands,
                    int threads)
        : settings(settings_of(method, operands, threads)),
          bank(make_bank({kernel_of(operands)}, settings)),
          page(page_of(operands)),
          filter(std::span(&device, 1), bank, page, settings) {
        filter.prepare(0);
        filter.allocate_results();
    }

private:
    static FilterSettings settings_of(const std::string& method, const Operands& operands,
                                      int threads) {
        FilterSettings settings;
        settings.method = method;
        settings.border = operands.problem().border;
        settings.padding_rule = PaddingRule::given;
        settings.padding = operands.problem().padding;
        settings.depth = operands.row().type;
        settings.limits = {.threads = threads, .max_memory = kMostWorkspace, .memory_in_use = 0};
        return settings;
    }
    static Kernel kernel_of(const Operands& operands) {
        const Problem& p = operands.problem();
        const std::span<const float> values = operands.weights().values;
        Kernel kernel;
        kernel.R = p.R;
        kernel.S = p.S;
        kernel.values.assign(values.begin(), values.end());
        return kernel;
    }
    static Image page_of(const Operands& operands) {
        const Problem& p = operands.problem();
        const Shape shape{1, p.N, p.H, p.W};
        const auto nobodys = [](void*) {};
        return {operands.row().type, shape, interleaved_strides(shape), false,
                std::shared_ptr<void>(const_cast<void*>(operands.samples()), nobodys)};
    }
};

/// Conversion, convolution, rounding and storing, into a picture that is already there.
void run_picture(const Device& device, const Method& method, const Operands& operands, int threads,
                 Contender& contender) {
    const auto prepared = std::make_shared<PreparedPicture>(device, method.name, operands, threads);
    contender.workspace_bytes = prepared->filter.workspace_bytes();
    contender.run = [prepared] { prepared->filter.run(nullptr, false); };
    const Image& picture = prepared->filter.results().front();
    contender.result = {picture.type, picture.samples.get(), operands.result_count()};
    contender.tolerance = 1;
}

/// The one place that says how a method of this project runs on a row.
Contender conv_contender(const Device& device, const Method& method, const Operands& operands,
                         int threads) {
    const double start = steady_seconds();
    Contender contender;
    contender.name = method.name;
    contender.role = Role::ours;
    contender.predicted_seconds = method.cost(operands.problem(), operands.weights());
    if (operands.row().type == SampleType::f32) {
        run_convolution(method, operands, threads, contender);
    } else {
        run_picture(device, method, operands, threads, contender);
    }
    contender.prepare_seconds = steady_seconds() - start;
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
            field.contenders.push_back(conv_contender(device, *choice.method, operands, threads));
            field.contenders.back().name = fmt::format("auto ({})", choice.method->name);
            continue;
        }
        const Method& method = find_method(device, name);
        if (std::string reason = refusal(method, operands, threads); !reason.empty()) {
            field.refusals.push_back({name, std::move(reason)});
            continue;
        }
        field.contenders.push_back(conv_contender(device, method, operands, threads));
        if (selection.parts && threads == 1) add_method_parts(method, operands, field);
    }
}

}  // namespace conv::bench
