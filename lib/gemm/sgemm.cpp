#include "gemm/sgemm.hpp"

#include <atomic>

#include "gemm/openblas.hpp"

namespace conv {

namespace {

std::atomic<const Openblas*> loaded{nullptr};

const Openblas& library() {
    const Openblas* known = loaded.load(std::memory_order_acquire);
    if (known == nullptr) {
        known = &openblas();
        loaded.store(known, std::memory_order_release);
    }
    return *known;
}

}  // namespace

void sgemm(MatrixView<const float> a, MatrixView<const float> b, float beta, MatrixView<float> c) {
    library().sgemm(a, b, beta, c);
}

std::string openblas_core_name() {
    return library().core_name();
}

std::string loaded_openblas_core() {
    return loaded.load() == nullptr ? "" : openblas_core_name();
}

std::string openblas_configuration() {
    return library().configuration();
}

}  // namespace conv
