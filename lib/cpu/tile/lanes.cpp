#include "cpu/tile/lanes.hpp"

// This file is compiled once for each instruction set; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/tile/lanes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

std::int64_t count_lanes() {
    namespace hn = hwy::HWY_NAMESPACE;
    return static_cast<std::int64_t>(hn::Lanes(hn::CappedTag<float, kLanes>()));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(count_lanes);

std::int64_t vector_lanes() {
    return HWY_DYNAMIC_DISPATCH(count_lanes)();
}

}  // namespace conv
#endif  // HWY_ONCE
