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

std::shared_ptr<PreparedMethod> prepare(const Offer& offer, const Operands& operands) {
    const Problem& p = operands.problem();
    auto prepared = std::make_shared<PreparedMethod>(PreparedMethod{
        p, operands.source(), offer.prepare(), AlignedBuffer<float>(operands.result_count()), {}});
    prepared->dst = {prepared->result.data(), p.dst_shape(), row_strides(p.dst_shape())};
    return prepared;
}

std::int64_t booked_bytes(const Memory& memory, const Operands& operands, int threads) {
    const Problem& p = operands.problem();
    return memory_bytes(memory, p, SumsPlace::result, busy_threads(memory, p, {1, threads}));
}

/// The convolution alone, as the library's users call it.
void run_convolution(const Offer& offer, const Operands& operands, int threads,
                     Contender& contender) {
    const auto prepared = prepare(offer, operands);
    contender.workspace_bytes = booked_bytes(prepared->plan.memory(), operands, threads);
    const auto blocks = std::make_shared<BlockLoop>(prepared->plan, prepared->problem, threads);
    contender.run = [prepared, blocks] {
        blocks->run(prepared->source, [&](std::int64_t, RowRange rows) {
            return prepared->dst.rows(rows.first, rows.count);
        });
    };
    contender.result = {SampleType::f32, prepared->result.data(), operands.result_count()};
    contender.tolerance = offer.error_factor;
}

/// One 2-D kernel on a picture whose colour channels are the row's pictures, as `apply` filters a
/// decoded file into the picture that it encodes.
struct PreparedPicture {
    FilterSettings settings;
    Bank bank;
    Image page;
    PageProblem problem;
    PageFilter filter;
    std::vector<Image> results;

    PreparedPicture(const Device& device, const std::string& method, const Operands& operands,
                    int threads)
        : settings(settings_of(method, operands, threads)),
          bank(make_bank({kernel_of(operands)}, settings)),
          page(page_of(operands)),
          problem(bank, page, settings),
          filter(std::span(&device, 1), problem, 0),
          results(problem.new_results(problem.problem().P())) {}

private:
    static FilterSettings settings_of(const std::string& method, const Operands& operands,
                                      int threads) {
        const Problem& p = operands.problem();
        FilterSettings settings;
        settings.method = method;
        settings.border = p.border;
        settings.padding_rule = PaddingRule::given;
        settings.padding = p.padding;
        settings.stride_h = p.stride_h;
        settings.stride_w = p.stride_w;
        settings.dilation_h = p.dilation_h;
        settings.dilation_w = p.dilation_w;
        settings.depth = operands.row().type;
        settings.limits = {.threads = threads, .max_memory = kMostWorkspace, .memory_in_use = 0};
        return settings;
    }
    static Kernel kernel_of(const Operands& operands) {
        const Problem& p = operands.problem();
        const Weights weights = operands.weights();
        const WholeNumbers& whole = weights.whole;
        Kernel kernel;
        kernel.R = p.R;
        kernel.S = p.S;
        kernel.values.assign(weights.values.begin(), weights.values.end());
        if (whole.denominator != 0) {
            kernel.values.assign(whole.values.begin(), whole.values.end());
            kernel.scale = 1 / static_cast<double>(whole.denominator);
        }
        return kernel;
    }
    static Image page_of(const Operands& operands) {
        const Problem& p = operands.problem();
        const Shape shape{1, p.N, p.H, p.W};
        return Image::borrowed(operands.row().type, operands.samples(), shape);
    }
};

/// Conversion, convolution, rounding and storing, into a picture that is already there.
void run_picture(const Device& device, const std::string& method, const Operands& operands,
                 int threads, Contender& contender) {
    const auto prepared = std::make_shared<PreparedPicture>(device, method, operands, threads);
    contender.workspace_bytes = prepared->filter.workspace_bytes();
    contender.run = [prepared] { prepared->filter.run(prepared->results, nullptr, false); };
    const Image& picture = prepared->results.front();
    contender.result = {picture.type, picture.samples.get(), operands.result_count()};
    contender.tolerance = 1;
}

/// A method of a device and its answer to a row.
struct Entry {
    const Device& device;
    const Method& method;
    Offer offer;
};

/// The one place that says how a method of this project runs on a row.
Contender conv_contender(const Entry& entry, const Operands& operands, int threads) {
    const double start = steady_seconds();
    Contender contender;
    contender.name = entry.method.name;
    contender.role = Role::ours;
    contender.predicted_seconds = entry.offer.seconds;
    if (operands.row().type == SampleType::f32) {
        run_convolution(entry.offer, operands, threads, contender);
    } else {
        run_picture(entry.device, entry.method.name, operands, threads, contender);
    }
    contender.prepare_seconds = steady_seconds() - start;
    return contender;
}

/// Why a method stays out, or nothing.
std::string refusal(const Offer& offer, const Operands& operands, int threads) {
    if (!offer.can_run()) return offer.rejection;
    if (offer.seconds > kMostSeconds) return fmt::format("predicted {:.1f} s a run", offer.seconds);
    const std::int64_t bytes = booked_bytes(offer.memory, operands, threads);
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
            Choice choice =
                choose_method(device, name, operands.problem(), operands.weights(), limits);
            const Entry entry{device, *choice.method, std::move(choice.offer)};
            field.contenders.push_back(conv_contender(entry, operands, threads));
            field.contenders.back().name = fmt::format("auto ({})", entry.method.name);
            continue;
        }
        const Method& method = find_method(device, name);
        const Entry entry{device, method, method.offer(operands.problem(), operands.weights())};
        if (std::string reason = refusal(entry.offer, operands, threads); !reason.empty()) {
            field.refusals.push_back({name, std::move(reason)});
            continue;
        }
        field.contenders.push_back(conv_contender(entry, operands, threads));
        if (selection.parts && threads == 1) {
            add_method_parts(name, entry.offer, operands, field);
        }
    }
}

}  // namespace conv::bench
