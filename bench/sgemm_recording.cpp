#include "sgemm_recording.hpp"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace {

thread_local conv::bench::SgemmRecording* recording_now = nullptr;

}  // namespace

extern "C" {

// The linker's --wrap sends calls of cblas_sgemm to __wrap_, and __real_ to OpenBLAS.
// NOLINTBEGIN(bugprone-reserved-identifier): the linker fixes these names
void __real_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE transpose_a, CBLAS_TRANSPOSE transpose_b,
                        blasint m, blasint n, blasint k, float alpha, const float* a, blasint lda,
                        const float* b, blasint ldb, float beta, float* c, blasint ldc);

void __wrap_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE transpose_a, CBLAS_TRANSPOSE transpose_b,
                        blasint m, blasint n, blasint k, float alpha, const float* a, blasint lda,
                        const float* b, blasint ldb, float beta, float* c, blasint ldc);

void __wrap_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE transpose_a, CBLAS_TRANSPOSE transpose_b,
                        blasint m, blasint n, blasint k, float alpha, const float* a, blasint lda,
                        const float* b, blasint ldb, float beta, float* c, blasint ldc) {
    if (recording_now) {
        recording_now->push_back(
            {order, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc});
    }
    __real_cblas_sgemm(order, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c,
                       ldc);
}
// NOLINTEND(bugprone-reserved-identifier)
}

namespace conv::bench {

SgemmRecording record_sgemm(const std::function<void()>& body) {
    SgemmRecording recording;
    recording_now = &recording;
    body();
    recording_now = nullptr;
    return recording;
}

void replay_sgemm(const SgemmRecording& recording) {
    for (const SgemmCall& call : recording) {
        __real_cblas_sgemm(
            static_cast<CBLAS_ORDER>(call.order), static_cast<CBLAS_TRANSPOSE>(call.transpose_a),
            static_cast<CBLAS_TRANSPOSE>(call.transpose_b), call.m, call.n, call.k, call.alpha,
            call.a, call.lda, call.b, call.ldb, call.beta, call.c, call.ldc);
    }
}

std::string describe_sgemm(const SgemmRecording& recording) {
    std::map<std::tuple<int, int, int, int>, double> work;
    for (const SgemmCall& call : recording) {
        work[{call.m, call.n, call.k, call.ldb}] +=
            static_cast<double>(call.m) * call.n * static_cast<double>(call.k);
    }
    if (work.empty()) return "no calls";
    const auto most = std::max_element(
        work.begin(), work.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
    double total = 0;
    for (const auto& [shape, macs] : work) total += macs;
    const auto& [m, n, k, ldb] = most->first;
    return fmt::format("{} calls, {:.3g} GMAC with zeros, most in m{} n{} k{} ldb{}",
                       recording.size(), total / 1e9, m, n, k, ldb);
}

}  // namespace conv::bench
