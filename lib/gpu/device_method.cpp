#include "gpu/device_method.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/size.hpp"
#include "gpu/column_lowering.hpp"

namespace conv::gpu {
namespace {

std::int64_t none(const Problem&) {
    return 0;
}
std::int64_t one(const Problem&) {
    return 1;
}

/// Why im2col would not keep the local error; empty where it does.
std::string too_long_a_sum(const MethodKind& kind, const Problem& p) {
    const std::int64_t terms = p.group_channels() * p.R * p.S;
    if (kind.name != std::string_view("im2col") || column_parts(terms) > 0) return {};
    return fmt::format("float32 sums of {} products are not exact enough, up to {} are", terms,
                       most_column_terms());
}

}  // namespace

const MethodKind kDirect = {"direct", "the sums themselves, tiled in the device's local memory",
                            direct_work, none, one};
const MethodKind kIm2col = {"im2col", "the column matrix of a strip, then one sgemm", im2col_work,
                            column_bytes_per_row, one};
const MethodKind kGemm = {"gemm", "sgemm on the strip as it lies, the kernel as a Toeplitz block",
                          gemm_work, none, [](const Problem& p) { return RowLowering(p).unit(); }};

Method make_method(const MethodKind& kind, const DeviceTraits& device,
                   const std::function<StripMaker(const Problem&, const Weights&)>& upload) {
    const auto offer = [kind, device, upload](const Problem& p, const Weights& weights) {
        if (std::string reason = too_large(p); !reason.empty()) return refuse(std::move(reason));
        if (std::string reason = too_long_a_sum(kind, p); !reason.empty()) {
            return refuse(std::move(reason));
        }
        const std::int64_t unit = kind.row_unit(p);
        const std::int64_t rows = strip_rows(p, kind.scratch_per_row(p), unit, device.strip_bytes);
        const DeviceCost cost = device_cost(p, device.rates, kind.work(p));
        return Offer{.seconds = cost.total(),
                     .parts = cost,
                     .memory = strip_memory(p, rows),
                     .prepare = [=] { return strip_plan(p, rows, unit, upload(p, weights)); }};
    };
    return {.name = kind.name, .summary = kind.summary, .offer = offer};
}

std::int64_t column_bytes_per_row(const Problem& p) {
    return p.group_channels() * p.R * p.S * planar_results(p, 1).line * kFloatBytes;
}

std::vector<float> full_bias(const Problem& p, const Weights& weights) {
    if (!weights.bias.empty()) return {weights.bias.begin(), weights.bias.end()};
    return std::vector<float>(static_cast<std::size_t>(p.K), 0.0F);
}

std::int64_t maps_together(const Problem& p) {
    constexpr std::int64_t kMost = 8;
    std::int64_t together = 1;
    while (together < std::min(p.group_kernels(), kMost)) together *= 2;
    return together;
}

std::vector<float> banked_weights(const Problem& p, const Weights& weights, std::int64_t together) {
    const std::int64_t maps = p.group_kernels(), cells = p.group_channels() * p.R * p.S;
    const std::int64_t blocks = ceil_div(maps, together);
    std::vector<float> banked(static_cast<std::size_t>(p.groups * blocks * together * cells));
    const float* w = weights.values.data();
    for (std::int64_t k = 0; k < p.K; ++k) {
        const std::int64_t map = k % maps, block = k / maps * blocks + map / together;
        for (std::int64_t i = 0; i < cells; ++i, ++w) {
            const std::int64_t c = i / (p.R * p.S), r = i / p.S % p.R, s = i % p.S;
            const std::int64_t cell = (c * p.S + s) * p.R + r;
            banked[static_cast<std::size_t>((block * cells + cell) * together + map % together)] =
                *w;
        }
    }
    return banked;
}

}  // namespace conv::gpu
