#pragma once

#include <string>
#include <vector>

#include "conv/problem.hpp"
#include "tensor/sample_type.hpp"

namespace conv::bench {

enum class KernelKind {
    random,    ///< independent numbers: full rank, nothing to exploit
    whole,     ///< independent whole numbers of 8 bits over their sum
    gaussian,  ///< one 2-D Gaussian of the rule sigma = 0.3 * ((size - 1) / 2 - 1) + 0.8: rank 1
};

/// One line of the benchmark. Where problem.N > 1 its pictures are the colour channels of one
/// pixel-interleaved picture, else everything is planar. `type` is the type of the input's samples;
/// peers give the result in the same type.
struct BenchRow {
    std::string name;
    Problem problem;
    SampleType type = SampleType::f32;
    KernelKind kernel = KernelKind::random;
    bool both_signs = false;  ///< of the samples: floats from -1 to 1, else from 0 to 1
};

/// Every row, in the order of the report. Which contender takes which row is each contender's own
/// rule: it refuses what it cannot compute.
std::vector<BenchRow> bench_rows();

}  // namespace conv::bench
