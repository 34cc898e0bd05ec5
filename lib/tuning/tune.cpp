#include "tuning/tune.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/aligned_buffer.hpp"
#include "conv/convolve.hpp"
#include "timing/thread_clock.hpp"
#include "timing/timing.hpp"
#include "tuning/least_squares.hpp"

namespace conv {
namespace {

struct TuneProblem {
    const char *method, *problem;
    SampleType samples = SampleType::f32;
    SampleType results = SampleType::f32;
};

// For each step a problem or two in which it takes most of the time, small enough for a few runs in
// some ten milliseconds, and large enough to reach memory where the step does.
constexpr TuneProblem kProblems[] = {
    {"naive", "n1c1h64w256_k1r5s5_p2_breflect101"},
    {"im2col", "n1c1h256w512_k1r5s5_p2_breflect101"},
    {"im2col", "n1c4h128w128_k32r5s5_p2"},
    {"im2col", "n1c256h14w14_k256r3s3_p1"},
    {"gemm", "n1c1h1024w1024_k1r3s3_p1_breflect101"},
    {"gemm", "n1c1h512w1024_k1r13s13_p6_breflect101"},
    {"gemm", "n1c3h240w320_k16r7s7_p3"},
    {"gemm", "n1c64h56w56_k64r3s3_p1"},
    {"gemm", "n1c16h128w128_k64r1s1"},
    {"direct", "n1c1h2048w2048_k1r3s3_p1_breflect101"},
    {"direct", "n3c1h1024w1024_k1r5s5_p2_breflect101"},
    {"direct", "n1c1h512w1024_k1r11s11_p5_breflect101"},
    {"direct", "n1c3h240w320_k8r5s5_p2"},
    {"direct", "n1c64h56w56_k64r3s3_p1"},
    {"direct", "n1c1h1024w1024_k1r5s5_p2_s2"},
    {"separable", "n1c1h2048w2048_k1r3s3_p1_breflect101"},
    {"separable", "n3c1h1024w1024_k1r5s5_p2_breflect101"},
    {"separable", "n3c1h512w1024_k1r15s15_p7_breflect101"},
    {"separable", "n1c1h1024w1024_k1r51s51_p25_breflect101"},
    {"separable", "n3c1h1024w1024_k1r5s5_p2_breflect101", SampleType::u8, SampleType::u8},
    {"separable", "n1c1h1024w2048_k1r21s21_p10_breflect101", SampleType::u8, SampleType::u8},
    {"igemm", "n3c1h512w1024_k1r3s3_p1_breflect101", SampleType::u8, SampleType::u8},
    {"igemm", "n1c1h1024w1024_k1r11s11_p5_breflect101", SampleType::u8, SampleType::u8},
    {"igemm", "n1c1h512w1024_k1r21s21_p10_breflect101", SampleType::u8, SampleType::u8},
    {"igemm", "n1c1h1024w1024_k1r5s5_p2_breflect101", SampleType::u8},
    {"winograd", "n1c64h56w56_k64r3s3_p1"},
    {"winograd", "n1c16h112w112_k32r3s3_p1"},
    {"winograd", "n1c256h14w14_k256r3s3_p1"},
    {"fft", "n1c1h1024w1024_k1r25s25_p12_breflect101", SampleType::u8, SampleType::u8},
    {"fft", "n3c1h512w512_k1r51s51_p25_breflect101", SampleType::u8, SampleType::u8},
    {"fft", "n1c1h512w512_k1r31s31_p15_breflect101"},
    {"fft", "n1c1h512w512_k1r101s101_p50_breflect101"},
    {"fft", "n1c3h256w256_k16r15s15_p7", SampleType::u8, SampleType::u8},
};

// Of a picture and of a result.
constexpr std::int64_t kMostSamples = std::int64_t{2048} * 2048;

/// Weights for any of them. Those of a window are a product of a column and a row, and fractions of
/// one denominator, so that every method takes them.
struct Operands {
    Problem problem;
    std::vector<float> values;
    std::vector<std::int32_t> numerators;
    std::int64_t denominator;

    explicit Operands(const TuneProblem& row)
        : problem(parse_problem(row.problem)), denominator(12 * problem.R * problem.S) {
        problem.facts.samples = row.samples;
        problem.facts.results = row.results;
        if (row.results == SampleType::u8)
            problem.facts.slack = 0.25;  // as where pictures are filtered
        for (std::int64_t k = 0; k < problem.K * problem.group_channels(); ++k) {
            for (std::int64_t r = 0; r < problem.R; ++r) {
                for (std::int64_t s = 0; s < problem.S; ++s) {
                    const std::int64_t whole = ((r + k) % 5 + 1) * (s % 7 + 1);
                    numerators.push_back(static_cast<std::int32_t>(whole));
                    values.push_back(static_cast<float>(static_cast<double>(whole) /
                                                        static_cast<double>(denominator)));
                }
            }
        }
    }
    Weights weights() const { return {values, {}, {numerators, {}, denominator}}; }
};

/// The same pictures for all: noise, 8 bits in the range of bytes.
class Pictures {
public:
    Pictures() {
        std::mt19937 generator(1);
        for (std::int64_t i = 0; i < kMostSamples; ++i) {
            const auto value = static_cast<std::uint8_t>(generator() >> 24);
            bytes_[i] = value;
            floats_[i] = value;
        }
    }
    Source source(const Problem& p) const {
        const Shape shape = p.src_shape();
        const Strides strides{1, shape.H * shape.W * shape.N, shape.W * shape.N, shape.N};
        const void* samples = p.facts.samples == SampleType::u8
                                  ? static_cast<const void*>(bytes_.data())
                                  : floats_.data();
        return {p.facts.samples, samples, shape, strides};
    }

private:
    AlignedBuffer<std::uint8_t> bytes_{kMostSamples};
    AlignedBuffer<float> floats_{kMostSamples};
};

/// Where results go, of any problem.
class Results {
public:
    Results() : levels_(kMostSamples), floats_(kMostSamples) {}
    TensorView<float> floats(const Problem& p) { return view(p, floats_.data()); }
    TensorView<std::uint8_t> levels(const Problem& p) { return view(p, levels_.data()); }

private:
    template <typename T>
    static TensorView<T> view(const Problem& p, T* values) {
        const Shape shape = p.dst_shape();
        return {values, shape, {1, shape.H * shape.W * shape.N, shape.W * shape.N, shape.N}};
    }
    AlignedBuffer<std::uint8_t> levels_;
    AlignedBuffer<float> floats_;
};

/// A problem that is being timed.
struct Contest {
    const TuneProblem& row;
    Operands operands;
    double predicted;
    Plan plan;
    double best = std::numeric_limits<double>::infinity();
};

/// Runs a plan over the whole problem, for a thousandth of a second at least; the best run counts.
void time_once(Contest& contest, const Source& source, Results& results) {
    constexpr double kEnough = 1e-3;
    const Problem& p = contest.operands.problem;
    const Plan& plan = contest.plan;
    const bool bytes = p.facts.results == SampleType::u8 && plan.run_u8;
    const auto run = [&](const Block& b) {
        if (bytes) {
            plan.run_u8(b.src, b.rows, results.levels(p).rows(b.rows.first, b.rows.count),
                        b.workspace);
        } else {
            plan.run(b.src, b.rows, results.floats(p).rows(b.rows.first, b.rows.count),
                     b.workspace);
        }
    };
    BlockLoop blocks(plan, p, 1);
    for (double all = 0; all < kEnough;) {
        const double start = thread_seconds();
        blocks.for_each(source, run);
        const double seconds = thread_seconds() - start;
        contest.best = std::min(contest.best, seconds);
        all += seconds;
    }
}

/// Times all problems in turns, so that whatever disturbs the machine for a while disturbs a few
/// runs of each, and not all runs of one.
void time_all(std::vector<Contest>& contests) {
    constexpr double kEnough = 1.7;
    constexpr int kLeastRounds = 4;
    const Pictures pictures;
    Results results;
    const double start = steady_seconds();
    for (int round = 0; round < kLeastRounds || steady_seconds() - start < kEnough; ++round) {
        for (Contest& contest : contests) {
            time_once(contest, pictures.source(contest.operands.problem), results);
        }
    }
}

/// What the methods of a processor predict for the problems that were timed.
class Predictions {
public:
    explicit Predictions(const PredictingDevice& processor) : processor_(processor) {}

    void add(TuneRow row, Operands operands) {
        rows.push_back(std::move(row));
        operands_.push_back(std::move(operands));
    }
    /// Seconds of every row.
    std::vector<double> seconds(const MachineProfile& profile) const {
        const Device device = processor_(profile);
        std::vector<double> seconds;
        for (std::size_t j = 0; j < rows.size(); ++j) {
            const Offer offer = find_method(device, rows[j].method)
                                    .offer(operands_[j].problem, operands_[j].weights());
            seconds.push_back(offer.seconds);
        }
        return seconds;
    }
    /// What share of its measured time each row is predicted to spend in each step.
    Coefficients shares(const MachineProfile& profile) const {
        constexpr double kSlower = 1.0 / 64;
        const std::vector<double> as_it_is = seconds(profile);
        Coefficients shares(rows.size());
        for (std::size_t i = 0; i < kStepCount; ++i) {
            MachineProfile slower = profile;
            slower.rates[i] *= 1 + kSlower;
            const std::vector<double> more = seconds(slower);
            for (std::size_t j = 0; j < rows.size(); ++j) {
                shares[j].push_back((more[j] - as_it_is[j]) / kSlower / rows[j].measured);
            }
        }
        return shares;
    }

    std::vector<TuneRow> rows;

private:
    const PredictingDevice& processor_;
    std::vector<Operands> operands_;
};

MachineProfile fitted(const Predictions& predictions, const MachineProfile& start) {
    constexpr double kStiffness = 0.01, kLeast = 0.1;
    constexpr int kRounds = 2;  // the second where a method takes another form than before
    MachineProfile profile = start;
    for (int round = 0; round < kRounds; ++round) {
        const auto factors = fit_factors(predictions.shares(profile), kStiffness, kLeast);
        for (std::size_t i = 0; i < kStepCount; ++i) profile.rates[i] *= factors[i];
    }
    profile.measured = true;
    return profile;
}

}  // namespace

Tuning tune_machine(const PredictingDevice& processor, const MachineProfile& start) {
    const double began = steady_seconds();
    const Device device = processor(start);
    std::vector<Contest> contests;
    for (const TuneProblem& row : kProblems) {
        if (!device.has_method(row.method)) continue;
        Operands operands(row);
        const Offer offer =
            find_method(device, row.method).offer(operands.problem, operands.weights());
        if (!offer.can_run()) continue;
        Plan plan = offer.prepare();
        contests.push_back({row, std::move(operands), offer.seconds, std::move(plan)});
    }
    time_all(contests);
    Predictions predictions(processor);
    for (Contest& c : contests) {
        predictions.add({c.row.method, c.row.problem, c.best, c.predicted, 0},
                        std::move(c.operands));
    }
    Tuning tuning;
    tuning.profile = fitted(predictions, start);
    const std::vector<double> after = predictions.seconds(tuning.profile);
    tuning.rows = std::move(predictions.rows);
    for (std::size_t j = 0; j < after.size(); ++j) tuning.rows[j].after = after[j];
    tuning.seconds = steady_seconds() - began;
    return tuning;
}

}  // namespace conv
