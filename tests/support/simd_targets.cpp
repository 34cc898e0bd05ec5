#include "support/simd_targets.hpp"

// The target of AVX-512 VNNI is left out of the list without this.
#define HWY_WANT_AVX3_DL
#include <hwy/highway.h>

namespace conv::test {

void for_each_simd_target(const std::function<void(const std::string& name)>& body) {
    // Lower bits are better targets; dispatch takes the best one supported.
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        body(hwy::TargetName(target));
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace conv::test
