#include "integer_table.hpp"

#include <algorithm>
#include <random>

#include "base/aligned_buffer.hpp"
#include "conv/convolve.hpp"

namespace conv::bench {
namespace {

/// Samples, and weights whose results fill the range of 8 bits and leave it on both sides.
class IntegerOperands {
public:
    IntegerOperands(const IntegerRow& row, const Problem& p) : shape_(p.src_shape()) {
        std::mt19937 generator(3);
        const auto pick = [&](int least, int most) {
            return std::uniform_int_distribution<int>(least, most)(generator);
        };
        samples_.resize(static_cast<std::size_t>(shape_.N * shape_.C * shape_.H * shape_.W));
        for (auto& x : samples_) x = static_cast<std::uint8_t>(pick(0, 255));
        whole_.resize(static_cast<std::size_t>(p.weight_count()));
        for (auto& w : whole_) w = pick(-row.most / 2, row.most);
        whole_bias_.assign(static_cast<std::size_t>(p.K), row.denominator * 5 / 2);
        denominator_ = row.denominator;
        for (const std::int32_t w : whole_) weights_.push_back(over(w));
        for (const std::int32_t b : whole_bias_) bias_.push_back(over(b));
    }
    Weights weights() const { return {weights_, bias_, {whole_, whole_bias_, denominator_}}; }
    Source source() const {
        return {SampleType::u8, samples_.data(), shape_,
                Strides{1, shape_.N * shape_.H * shape_.W, shape_.N * shape_.W, shape_.N}};
    }

private:
    float over(std::int32_t value) const {
        return static_cast<float>(static_cast<double>(value) / static_cast<double>(denominator_));
    }

    Shape shape_;
    std::vector<std::uint8_t> samples_;
    std::vector<std::int32_t> whole_, whole_bias_;
    std::vector<float> weights_, bias_;
    std::int64_t denominator_ = 1;
};

}  // namespace

PlanResults run_plan(const Plan& plan, const Problem& p, const Source& source) {
    const Shape shape = p.dst_shape();
    const Strides strides{1, shape.N * shape.H * shape.W, shape.N * shape.W, shape.N};
    const auto count = static_cast<std::size_t>(shape.N * shape.C * shape.H * shape.W);
    PlanResults results{std::vector<float>(count), std::vector<std::uint8_t>(count), {}};
    AlignedBuffer<std::byte> workspace(plan.workspace_bytes);
    auto* scratch = reinterpret_cast<float*>(workspace.data());
    const TensorView<float> sums{results.sums.data(), shape, strides};
    const TensorView<std::uint8_t> bytes{results.bytes.data(), shape, strides};
    for (std::int64_t first = 0; first < p.P(); first += plan.block_rows) {
        const RowRange rows{first, std::min(plan.block_rows, p.P() - first)};
        plan.run(source, rows, sums.rows(first, rows.count), scratch);
        if (!plan.run_u8) continue;
        results.lost += plan.run_u8(source, rows, bytes.rows(first, rows.count), scratch);
    }
    if (!plan.run_u8) {
        results.lost = store_samples(results.sums.data(), static_cast<std::int64_t>(count),
                                     results.bytes.data());
    }
    return results;
}

namespace {

template <typename T>
std::int64_t differences(const std::vector<T>& a, const std::vector<T>& b) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i];
    return count;
}

}  // namespace

std::vector<IntegerRow> integer_rows() {
    return {{"n1c1h301w517_k1r3s3_p1_breflect101", 1, 8},
            {"n1c1h300w400_k1r5s5_p2_breplicate", 1, 16},
            {"n1c1h200w300_k1r7s7_p3", 1, 8},
            {"n3c1h123w211_k1r3s3_p1_breflect101", 1, 8},
            {"n1c4h61w75_k6r3s3_p1_s2x1_g2", 1, 8},
            {"n2c1h66w60_k1r3s3_p2_d2", 1, 8},
            {"n1c3h100w140_k16r7s7_p3", 1, 2},
            {"n1c1h150w170_k1r15s15_p7_bwrap", 1, 2},
            {"n3c1h301w251_k1r3s3_p1_breflect101", 9, 2},
            {"n1c1h301w517_k1r3s3_p1_breflect101", 16, 8},
            {"n1c1h200w300_k1r5s5_p2_breflect", 256, 36},
            {"n1c1h200w300_k1r7s7_p3_breflect101", 1000, 80},
            {"n3c1h120w230_k1r9s9_p4_breflect101", 65535, 3000},
            {"n1c1h200w300_k1r5s5_p2_breflect101", 261114, 32000},
            {"n1c2h90w80_k4r3s3_p1_s2_g2", 6, 3},
            {"n2c1h66w60_k1r3s3_p2_d2", 10000, 4000},
            {"n1c1h150w170_k1r31s31_p15_breflect101", 40000, 300},
            {"n1c3h100w140_k5r3s3_p1", 90, 40}};
}

std::vector<IntegerAnswer> integer_answers(const Device& device, const Device& processor,
                                           const IntegerRow& row) {
    Problem p = parse_problem(row.problem);
    p.facts.samples = p.facts.results = SampleType::u8;
    const IntegerOperands operands(row, p);
    const auto reference = [&](const char* method) {
        const Offer offer = find_method(processor, method).offer(p, operands.weights());
        return run_plan(offer.prepare(), p, operands.source());
    };
    const PlanResults rounded = reference("igemm");
    const PlanResults sums = row.denominator == 1 ? reference("naive") : PlanResults{};
    std::vector<IntegerAnswer> answers;
    for (const Method& method : device.methods) {
        const bool whole = method.name == "igemm";
        if (!whole && row.denominator != 1) continue;
        const Offer offer = method.offer(p, operands.weights());
        if (!offer.can_run()) continue;
        const PlanResults got = run_plan(offer.prepare(), p, operands.source());
        const PlanResults& wanted = whole ? rounded : sums;
        answers.push_back({method.name, 2 * static_cast<std::int64_t>(got.sums.size()),
                           differences(got.sums, wanted.sums) +
                               differences(got.bytes, wanted.bytes) +
                               (got.lost == wanted.lost ? 0 : 1)});
    }
    return answers;
}

}  // namespace conv::bench
