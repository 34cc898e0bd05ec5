// Included once for each instruction set by files that are compiled so: see convert.cpp.
#if defined(CONV_TENSOR_EACH_VECTOR_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CONV_TENSOR_EACH_VECTOR_INL
#undef CONV_TENSOR_EACH_VECTOR_INL
#else
#define CONV_TENSOR_EACH_VECTOR_INL
#endif  // include guard of each instruction set

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {

/// Calls body(tag, i) for whole vectors of floats, then for single ones, so that i covers
/// [0, count).
template <typename Body>
HWY_INLINE void for_each_vector(std::int64_t count, const Body& body) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::ScalableTag<float> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) body(d, i);
    for (; i < count; ++i) body(hn::CappedTag<float, 1>(), i);
}

}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#endif  // include guard of each instruction set
