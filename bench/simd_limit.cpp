#include "simd_limit.hpp"

// The target of AVX-512 VNNI is left out of the list without this.
#define HWY_WANT_AVX3_DL
#include <hwy/highway.h>
#include <strings.h>

#include <vector>

#include "base/error.hpp"

namespace conv::bench {

void limit_simd(const std::string& name) {
    std::vector<std::string> names;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        names.emplace_back(hwy::TargetName(target));
        if (strcasecmp(names.back().c_str(), name.c_str()) != 0) continue;
        // Lower bits are better targets.
        hwy::DisableTargets(target - 1);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        return;
    }
    fail(ErrorKind::usage, "--simd '{}' is not there, this processor has {}", name,
         fmt::join(names, ", "));
}

}  // namespace conv::bench
