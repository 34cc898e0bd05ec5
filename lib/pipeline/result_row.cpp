#include "pipeline/result_row.hpp"

#include <cstring>
#include <type_traits>

namespace conv {
namespace {

template <typename T>
Lost store_run(const float* from, std::int64_t count, T* to) {
    if constexpr (std::is_same_v<T, float>) {
        std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
        return {};
    } else {
        return store_samples(from, count, to);
    }
}

template <typename T>
Lost store_as(const Image& result, const ResultRow& row, std::vector<std::byte>& scratch) {
    const Strides& step = result.strides;
    const std::int64_t lanes = row.place.lanes;
    T* to = result.data<T>() + row.place.channel * step.C + row.place.row * step.H;
    if (step.W == lanes && (lanes == 1 || step.C == 1)) {
        return store_run(row.values, row.count(), to);
    }
    scratch.resize(static_cast<std::size_t>(row.count()) * sizeof(T));
    T* samples = reinterpret_cast<T*>(scratch.data());
    const Lost lost = store_run(row.values, row.count(), samples);
    for (std::int64_t w = 0; w < row.pixels; ++w) {
        for (std::int64_t n = 0; n < lanes; ++n) to[w * step.W + n * step.C] = *samples++;
    }
    return lost;
}

}  // namespace

Lost store_row(const Image& result, const ResultRow& row, std::vector<std::byte>& scratch) {
    switch (result.type) {
        case SampleType::u8:
            return store_as<std::uint8_t>(result, row, scratch);
        case SampleType::u16:
            return store_as<std::uint16_t>(result, row, scratch);
        case SampleType::f32:
            break;
    }
    return store_as<float>(result, row, scratch);
}

}  // namespace conv
