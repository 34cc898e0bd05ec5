#include "conv/shared_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>

namespace conv {
namespace {

/// How many runs each device has under way.
class Load {
public:
    explicit Load(std::size_t devices) : runs_(devices) {}
    /// The device with the fewest, which then has one more.
    std::size_t take() {
        const std::lock_guard lock(mutex_);
        const auto least = std::min_element(runs_.begin(), runs_.end());
        ++*least;
        return static_cast<std::size_t>(least - runs_.begin());
    }
    void give_back(std::size_t device) {
        const std::lock_guard lock(mutex_);
        --runs_[device];
    }

private:
    std::mutex mutex_;
    std::vector<int> runs_;
};

/// One device's plan, made when it is first needed.
class LatePlan {
public:
    LatePlan(const Method& method, const Problem& problem, const Weights& weights)
        : values_(weights.values.begin(), weights.values.end()),
          bias_(weights.bias.begin(), weights.bias.end()),
          whole_values_(weights.whole.values.begin(), weights.whole.values.end()),
          whole_bias_(weights.whole.bias.begin(), weights.whole.bias.end()),
          weights_{values_, bias_, {whole_values_, whole_bias_, weights.whole.denominator}},
          method_(method),
          problem_(problem) {}
    LatePlan(const LatePlan&) = delete;
    LatePlan& operator=(const LatePlan&) = delete;

    const Plan& plan() {
        const std::lock_guard lock(mutex_);
        if (!plan_.run) plan_ = method_.offer(problem_, weights_).prepare();
        return plan_;
    }
    DeviceTimes times() {
        const std::lock_guard lock(mutex_);
        return plan_.device_times ? plan_.device_times() : DeviceTimes{};
    }

private:
    std::vector<float> values_, bias_;
    std::vector<std::int32_t> whole_values_, whole_bias_;
    Weights weights_;  ///< of the numbers above
    const Method& method_;
    Problem problem_;
    std::mutex mutex_;
    Plan plan_;
};

/// The plans of all devices for one problem.
class SharedPlans {
public:
    SharedPlans(std::span<const Method* const> methods, std::shared_ptr<Load> load,
                const Problem& problem, const Weights& weights)
        : load_(std::move(load)) {
        for (const Method* method : methods) {
            plans_.push_back(std::make_unique<LatePlan>(*method, problem, weights));
        }
    }

    /// Calls body(plan) with the plan of the least busy device.
    template <typename Body>
    auto run(const Body& body) {
        const Turn turn{*load_, load_->take()};
        return body(plans_[turn.device]->plan());
    }
    DeviceTimes times() {
        DeviceTimes sum;
        for (const auto& plan : plans_) sum += plan->times();
        return sum;
    }
    const Plan& first() { return plans_.front()->plan(); }

private:
    struct Turn {
        Load& load;
        std::size_t device;
        ~Turn() { load.give_back(device); }
    };

    std::shared_ptr<Load> load_;
    std::vector<std::unique_ptr<LatePlan>> plans_;
};

/// What all devices' plans together take.
Memory of_all(Memory memory, std::size_t devices) {
    memory.kept *= static_cast<std::int64_t>(devices);
    memory.useful_runs *= static_cast<int>(devices);
    return memory;
}

Plan shared_plan(const std::shared_ptr<SharedPlans>& plans, std::size_t devices) {
    Plan plan = plans->first();
    const Memory memory = of_all(plan.memory(), devices);
    plan.kept_bytes = memory.kept;
    plan.useful_runs = memory.useful_runs;
    plan.run = [plans](const Source& src, RowRange rows, TensorView<float> dst, float* workspace) {
        plans->run([&](const Plan& own) { own.run(src, rows, dst, workspace); });
    };
    if (plan.run_u8) {
        plan.run_u8 = [plans](const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                              float* workspace) {
            return plans->run(
                [&](const Plan& own) { return own.run_u8(src, rows, dst, workspace); });
        };
    }
    if (plan.device_times) plan.device_times = [plans] { return plans->times(); };
    return plan;
}

Method shared_method(std::vector<const Method*> methods, const std::shared_ptr<Load>& load) {
    Method method = *methods.front();
    method.offer = [methods, load](const Problem& problem, const Weights& weights) {
        Offer offer = methods.front()->offer(problem, weights);
        if (!offer.can_run()) return offer;
        offer.memory = of_all(offer.memory, methods.size());
        offer.prepare = [=] {
            return shared_plan(std::make_shared<SharedPlans>(methods, load, problem, weights),
                               methods.size());
        };
        return offer;
    };
    return method;
}

}  // namespace

Device share_devices(std::string name, std::span<const Device> devices) {
    Device shared = devices.front();
    shared.name = std::move(name);
    shared.description =
        fmt::format("{} devices, the first: {}", devices.size(), devices.front().description);
    shared.methods.clear();
    const auto load = std::make_shared<Load>(devices.size());
    for (const Method& first : devices.front().methods) {
        std::vector<const Method*> methods;
        for (const Device& device : devices) {
            if (device.has_method(first.name)) methods.push_back(&find_method(device, first.name));
        }
        if (methods.size() == devices.size())
            shared.methods.push_back(shared_method(methods, load));
    }
    return shared;
}

}  // namespace conv
