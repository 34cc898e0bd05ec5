#include "gpu/device_cost.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/size.hpp"
#include "gpu/column_lowering.hpp"
#include "gpu/strip_plan.hpp"

namespace conv::gpu {
namespace {

// Each command is queued for every strip; this many stand for the strips of a picture.
constexpr double kStrips = 10;
// Padding into and copying out of pinned memory, on the host, bytes a second.
constexpr double kHostRate = 4e9;

double input_bytes(const Problem& p) {
    return static_cast<double>(p.N * p.C) * static_cast<double>(p.H * p.W) * kFloatBytes;
}
double result_bytes(const Problem& p) {
    return static_cast<double>(p.N * p.K) * static_cast<double>(p.P() * p.Q()) * kFloatBytes;
}

}  // namespace

DeviceCost device_cost(const Problem& p, const DeviceRates& rates, const DeviceWork& work) {
    const double per_byte = 1 / kHostRate + 1 / rates.transfer;
    const double compute = std::max(work.macs / rates.macs, work.memory_bytes / rates.memory);
    // Strips overlap the three stages, but the first and the last have nothing to hide behind:
    // their sum is what a picture of a few strips takes.
    return {.start_up = rates.start_seconds,
            .upload = input_bytes(p) * per_byte,
            .compute = compute + work.commands * rates.launch_seconds,
            .download = result_bytes(p) * per_byte};
}

std::string too_large(const Problem& p) {
    constexpr std::int64_t kMostFloats = std::int64_t{1} << 29;
    constexpr std::int64_t kMostLayers = 65535;
    const std::int64_t unit = RowLowering(p).unit();
    const std::int64_t window = p.group_channels() * p.R * p.S;
    if (std::max(p.K, window) > kMostLayers) {
        return fmt::format("it has {} maps of {} weights, a device takes up to {} of each", p.K,
                           window, kMostLayers);
    }
    if (p.weight_count() > kMostFloats) {
        return fmt::format("it has {} weights, a device takes up to {}", p.weight_count(),
                           kMostFloats);
    }
    const std::int64_t results = planar_results(p, unit).size;
    const std::int64_t columns = window * planar_results(p, 1).line;
    const std::int64_t most = std::max({StripLayout(p, unit).size(), results, columns});
    if (most <= kMostFloats && unit <= kMostRows) return {};
    return fmt::format("{} rows of this problem take {} values, a device takes up to {}", unit,
                       most, kMostFloats);
}

DeviceWork direct_work(const Problem& p) {
    // One output a work-item, its samples read again for each.
    constexpr double kUntiled = 4;
    const bool tiled = p.stride_h == 1 && p.stride_w == 1 && p.dilation_h == 1;
    return {p.macs() * (tiled ? 1 : kUntiled),
            input_bytes(p) * static_cast<double>(p.group_kernels()) + result_bytes(p), kStrips};
}

DeviceWork im2col_work(const Problem& p) {
    const double columns = static_cast<double>(p.N * p.C * p.R * p.S) *
                           static_cast<double>(p.P() * p.Q()) * kFloatBytes;
    const auto parts = static_cast<double>(column_parts(p.group_channels() * p.R * p.S));
    return {p.macs(), 2 * columns + parts * result_bytes(p),
            kStrips * (1 + parts) * static_cast<double>(p.groups)};
}

DeviceWork gemm_work(const Problem& p) {
    const RowLowering l(p);
    const double zeros = static_cast<double>(l.depth(p)) / static_cast<double>(p.R * l.channels);
    const auto taps = static_cast<double>(p.S);
    return {p.macs() * zeros, taps * (input_bytes(p) + 2 * result_bytes(p)),
            kStrips * taps * static_cast<double>(p.groups * l.chain_step)};
}

}  // namespace conv::gpu
