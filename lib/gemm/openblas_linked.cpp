#include <algorithm>
#include <array>
#include <string_view>

#include "gemm/openblas.hpp"

namespace conv {

const Openblas& openblas() {
    return openblas_calls();
}

bool openblas_uses_avx512() {
    constexpr std::array<std::string_view, 3> kWide = {"SkylakeX", "Cooperlake", "SapphireRapids"};
    static const bool wide =
        std::find(kWide.begin(), kWide.end(), openblas_core_name()) != kWide.end();
    return wide;
}

}  // namespace conv
