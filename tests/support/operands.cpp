#include "support/operands.hpp"

#include <random>

namespace conv::test {

std::vector<float> random_values(std::int64_t count, unsigned seed) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = uniform(generator);
    return values;
}

Operands::Operands(const Problem& p)
    : src(random_values(p.N * p.C * p.H * p.W, 1)),
      weights(random_values(p.weight_count(), 2)),
      bias(random_values(p.K, 3)) {}

Operands low_rank_operands(const Problem& p, std::int64_t rank) {
    Operands operands(p);
    const std::int64_t kernels = p.K * p.group_channels();
    const auto columns = random_values(kernels * rank * p.R, 4);
    const auto rows = random_values(kernels * rank * p.S, 5);
    for (std::int64_t i = 0; i < p.weight_count(); ++i) {
        const std::int64_t kernel = i / (p.R * p.S), r = i / p.S % p.R, s = i % p.S;
        double sum = 0;
        for (std::int64_t term = kernel * rank; term < (kernel + 1) * rank; ++term) {
            sum += static_cast<double>(columns[static_cast<std::size_t>(term * p.R + r)]) *
                   static_cast<double>(rows[static_cast<std::size_t>(term * p.S + s)]);
        }
        operands.weights[static_cast<std::size_t>(i)] = static_cast<float>(sum);
    }
    return operands;
}

}  // namespace conv::test
