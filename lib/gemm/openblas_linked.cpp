#include "gemm/openblas.hpp"

namespace conv {

const Openblas& openblas() {
    return openblas_calls();
}

const std::string& openblas_core_expected() {
    static const std::string core = openblas_core_name();
    return core;
}

}  // namespace conv
