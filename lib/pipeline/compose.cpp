#include "pipeline/compose.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "conv/device_planner.hpp"
#include "pipeline/page_problem.hpp"
#include "tensor/border_rules.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

bool is_single_number(const Bank& bank) {
    return bank.R == 1 && bank.S == 1;
}

/// About the anchor, in rows and in columns.
bool is_symmetric(const Bank& bank) {
    const auto at = [&](std::int64_t r, std::int64_t s) {
        return bank.values[static_cast<std::size_t>(r * bank.S + s)];
    };
    if (2 * bank.anchor.y + 1 != bank.R || 2 * bank.anchor.x + 1 != bank.S) return false;
    for (std::int64_t r = 0; r < bank.R; ++r) {
        for (std::int64_t s = 0; s < bank.S; ++s) {
            if (at(r, s) != at(bank.R - 1 - r, s) || at(r, s) != at(r, bank.S - 1 - s))
                return false;
        }
    }
    return true;
}

/// "reflect, reflect101 nor wrap".
std::string composing_borders() {
    std::vector<std::string_view> names;
    for (const BorderRule& rule : border_rules()) {
        if (rule.composes != Composes::never) names.push_back(rule.names.front());
    }
    const std::string_view last = names.back();
    names.pop_back();
    return fmt::format("{} nor {}", fmt::join(names, ", "), last);
}

std::string border_obstacle(const FilterStage& first, const FilterStage& second) {
    const FilterSettings& s = second.settings;
    if (is_single_number(second.bank) || s.padding_rule == PaddingRule::valid) return {};
    if (s.padding_rule != PaddingRule::same) return "--padding is neither same nor valid";
    switch (border_rule(s.border.mode).composes) {
        case Composes::always:
            return {};
        case Composes::symmetric:
            return is_symmetric(first.bank) ? ""
                                            : "the border reflects and the kernel before is "
                                              "not symmetric";
        case Composes::never:
            break;
    }
    return "the border is neither " + composing_borders();
}

/// Opacity divides, and is brought into its range, after every kernel.
bool opacity_interferes(const PictureInfo& page, const FilterStage& stage) {
    const auto& rule = stage.settings.alpha;
    return page.has_alpha && (!rule || *rule == AlphaRule::weighted) &&
           (stage.bank.has_negative_value() || stage.bank.has_zero_sum());
}

/// The numbers of a bank in double precision.
std::vector<double> exact_values(const Bank& bank) {
    std::vector<double> values(bank.values.begin(), bank.values.end());
    for (std::size_t i = 0; i < values.size() && bank.whole.denominator != 0; ++i)
        values[i] = static_cast<double>(bank.whole.numerators[i]) /
                    static_cast<double>(bank.whole.denominator);
    return values;
}

Bank composed_bank(const Bank& first, const Bank& second) {
    Bank bank;
    bank.R = first.R + second.R - 1;
    bank.S = first.S + second.S - 1;
    bank.anchor = {first.anchor.x + second.anchor.x, first.anchor.y + second.anchor.y};
    bank.bias = second.bias;
    std::vector<double> values(static_cast<std::size_t>(bank.R * bank.S));
    const std::vector<double> a = exact_values(first), b = exact_values(second);
    for (std::int64_t i = 0; i < first.R * first.S; ++i) {
        for (std::int64_t j = 0; j < second.R * second.S; ++j) {
            const std::int64_t r = i / first.S + j / second.S, s = i % first.S + j % second.S;
            values[static_cast<std::size_t>(r * bank.S + s)] +=
                a[static_cast<std::size_t>(i)] * b[static_cast<std::size_t>(j)];
        }
    }
    double sum = 0, absolute = 0;
    for (const double value : values) {
        bank.values.push_back(static_cast<float>(value));
        sum += value;
        absolute += std::abs(value);
    }
    bank.sums = {sum};
    bank.absolute_sums = {absolute};
    values.insert(values.end(), bank.bias.begin(), bank.bias.end());
    if (auto fractions = common_fractions(values)) bank.whole = std::move(*fractions);
    bank.decisions = first.decisions;
    bank.decisions.insert(bank.decisions.end(), second.decisions.begin(), second.decisions.end());
    return bank;
}

/// Larger ones gain nothing over their parts, and take long to be looked at.
constexpr std::int64_t kLargestSide = 65;

std::string size_obstacle(const Bank& first, const Bank& second) {
    const std::int64_t side = std::max(first.R + second.R, first.S + second.S) - 1;
    if (side <= kLargestSide) return {};
    return fmt::format("one kernel would be larger than {0} x {0}", kLargestSide);
}

constexpr double kNever = std::numeric_limits<double>::infinity();

/// One stage and what it is predicted to take of a picture, which becomes the next one's.
struct Predicted {
    PictureInfo result;
    double seconds = kNever;
};

/// On one thread, or of a device; kNever where nothing can run it.
Predicted predict(std::span<const Device> devices, const FilterStage& stage,
                  const PictureInfo& picture) {
    const Image description = without_samples(picture);
    const PageProblem page(stage.bank, description, stage.settings);
    const Problem& problem = page.problem();
    Predicted predicted{stage_result(picture, stage)};
    predicted.result.shape.H = problem.P();
    predicted.result.shape.W = problem.Q();
    Limits limits;
    limits.pictures = page.input().source.shape.N / problem.N;
    limits.sums = SumsPlace::block;
    try {
        const Choice choice =
            choose_device(devices, stage.settings.method, problem, page.weights(), limits);
        predicted.seconds = choice.offer.seconds * static_cast<double>(limits.pictures);
    } catch (const Error&) {
        // What cannot be planned is told when it is planned for good.
    }
    return predicted;
}

}  // namespace

std::string composition_obstacle(const PictureInfo& page, const FilterStage& first,
                                 const FilterStage& second) {
    for (const FilterStage* stage : {&first, &second}) {
        if (!stage->bank.each_channel || stage->bank.K != 1)
            return "a step is more than one 2-D kernel";
        if (stage->settings.nodata) return "samples that do not count are left out of each sum";
        if (opacity_interferes(page, *stage))
            return "opacity is brought into its range between them";
    }
    if (!first.bank.bias.empty()) return "a bias is added between them";
    return border_obstacle(first, second);
}

FilterStage composed(const FilterStage& first, const FilterStage& second) {
    FilterStage stage{composed_bank(first.bank, second.bank), second.settings};
    stage.steps = first.steps + second.steps;
    stage.settings.decode = first.settings.decode;
    stage.settings.units = first.settings.units;
    return stage;
}

std::vector<FilterStage> compose_stages(std::span<const Device> devices,
                                        std::vector<FilterStage> stages,
                                        const PictureInfo& picture) {
    if (stages.size() < 2) return stages;
    std::vector<FilterStage> made = {stages.front()};
    PictureInfo page = picture;
    Predicted last = predict(devices, made.back(), page);
    for (std::size_t i = 1; i < stages.size(); ++i) {
        FilterStage& next = stages[i];
        const Predicted alone = predict(devices, next, last.result);
        std::string obstacle = composition_obstacle(page, made.back(), next);
        if (obstacle.empty()) obstacle = size_obstacle(made.back().bank, next.bank);
        if (obstacle.empty()) {
            FilterStage both = composed(made.back(), next);
            const Predicted together = predict(devices, both, page);
            const std::string numbers = fmt::format(
                "one kernel of {} x {} with the step before: {:.3g} ms predicted in place of "
                "{:.3g}",
                both.bank.R, both.bank.S, together.seconds * 1e3,
                (last.seconds + alone.seconds) * 1e3);
            if (together.seconds < last.seconds + alone.seconds) {
                both.bank.decisions.push_back("composed: " + numbers);
                made.back() = std::move(both);
                last = together;
                continue;
            }
            next.bank.decisions.push_back("not composed: " + numbers);
        } else {
            next.bank.decisions.push_back("not composed with the step before: " + obstacle);
        }
        page = last.result;
        last = alone;
        made.push_back(std::move(next));
    }
    return made;
}

}  // namespace conv
