#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conv/device.hpp"
#include "conv/machine_profile.hpp"

namespace conv {

/// One method timed on one problem.
struct TuneRow {
    std::string method, problem;
    double measured = 0;           ///< seconds
    double before = 0, after = 0;  ///< seconds that the profiles before and after predict
};

struct Tuning {
    MachineProfile profile;
    std::vector<TuneRow> rows;
    double seconds = 0;  ///< all of it
};

/// Makes the processor's methods predict from a profile: cpu_device.
using PredictingDevice = std::function<Device(const MachineProfile&)>;

/// Measures the rates of this machine, in about two seconds on one thread: the processor's methods
/// are timed on problems whose time is one step's above all, and the rates are those whose
/// predictions are nearest, by least squares of the relative errors. A rate that the problems say
/// little about stays near the one of `start`.
Tuning tune_machine(const PredictingDevice& processor, const MachineProfile& start);

}  // namespace conv
