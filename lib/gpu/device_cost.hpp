#pragma once

#include <string>

#include "conv/method.hpp"

namespace conv::gpu {

/// What the planner assumes of a device. Where a rate is not known it is set low: a device is
/// chosen only where it wins clearly.
struct DeviceRates {
    double transfer = 6e9;         ///< bytes a second each way, pinned
    double memory = 50e9;          ///< bytes a second in the device's own memory
    double macs = 20e9;            ///< multiplications and additions a second
    double launch_seconds = 2e-5;  ///< one command
    double start_seconds = 0.3;    ///< the first use in a process: context, device code
};

/// What a method does on the device for a problem.
struct DeviceWork {
    double macs = 0;          ///< zeros of the lowering included
    double memory_bytes = 0;  ///< read and written in the device's memory
    double commands = 0;
};

/// Predicted seconds of each part; padding counts as upload, copying the results out as download.
DeviceCost device_cost(const Problem& p, const DeviceRates& rates, const DeviceWork& work);

/// Why a problem is beyond the devices' 32-bit indices and numbers of work-groups, or nothing.
std::string too_large(const Problem& p);

/// What the three methods do.
DeviceWork direct_work(const Problem& p);
DeviceWork im2col_work(const Problem& p);
DeviceWork gemm_work(const Problem& p);

}  // namespace conv::gpu
