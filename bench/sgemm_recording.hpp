#pragma once

#include <functional>
#include <string>
#include <vector>

namespace conv::bench {

/// The arguments of one cblas_sgemm call, addresses included.
struct SgemmCall {
    int order, transpose_a, transpose_b;
    int m, n, k;
    float alpha;
    const float* a;
    int lda;
    const float* b;
    int ldb;
    float beta;
    float* c;
    int ldc;
};

using SgemmRecording = std::vector<SgemmCall>;

/// Runs `body` and notes every cblas_sgemm call it makes on the calling thread. The program is
/// linked so that calls from its own objects pass through here (see bench/CMakeLists.txt); outside
/// a recording they go straight on.
SgemmRecording record_sgemm(const std::function<void()>& body);

/// Makes the same calls again. What they point to must still exist.
void replay_sgemm(const SgemmRecording& recording);

/// The shape most of the work is done in, for people: "512 calls, most m8 n2048 k10 ldb2112".
std::string describe_sgemm(const SgemmRecording& recording);

}  // namespace conv::bench
