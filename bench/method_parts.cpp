#include "method_parts.hpp"

#include <algorithm>
#include <cstring>

#include "sgemm_recording.hpp"

namespace conv::bench {
namespace {

/// A method run once on one thread, with everything its sgemm calls pointed to still in place.
struct RecordedMethod {
    Problem problem;
    Source source;
    Plan plan;
    AlignedBuffer<std::byte> workspace;
    AlignedBuffer<float> result;
    SgemmRecording recording;

    RecordedMethod(const Offer& offer, const Operands& operands)
        : problem(operands.problem()),
          source(operands.source()),
          plan(offer.prepare()),
          workspace(plan.workspace_bytes),
          result(operands.result_count()),
          recording(record_sgemm([this] { run(); })) {}

    void run() {
        const Shape shape = problem.dst_shape();
        const TensorView<float> dst{result.data(), shape, row_strides(shape)};
        for (std::int64_t first = 0; first < problem.P(); first += plan.block_rows) {
            const RowRange rows{first, std::min(plan.block_rows, problem.P() - first)};
            plan.run(source, rows, dst.rows(rows.first, rows.count),
                     reinterpret_cast<float*>(workspace.data()));
        }
    }
};

/// The picture padded once, as floats: C planes of padded_rows x padded_width.
struct PaddedPicture {
    Problem problem;
    std::int64_t rows, width;
    AlignedBuffer<float> samples;

    explicit PaddedPicture(const Operands& operands)
        : problem(operands.problem()),
          rows(problem.padded_rows(problem.P())),
          width(problem.padded_width()),
          samples(problem.C * rows * width) {
        float* to = samples.data();
        for (std::int64_t c = 0; c < problem.C; ++c) {
            for (std::int64_t h = 0; h < rows; ++h, to += width) {
                pad_row(operands.source(), problem.border, c, h - problem.padding.top,
                        -problem.padding.left, width, to);
            }
        }
    }

    std::int64_t column_floats() const {
        return problem.C * problem.R * problem.S * problem.P() * problem.Q();
    }

    /// columns[(c,r,s), (p,q)] = padded[c, p + r, q + s], line after line.
    void write_columns(float* columns) const {
        const std::int64_t P = problem.P(), Q = problem.Q();
        for (std::int64_t c = 0; c < problem.C; ++c) {
            for (std::int64_t r = 0; r < problem.R; ++r) {
                for (std::int64_t s = 0; s < problem.S; ++s) {
                    const float* from = samples.data() + (c * rows + r) * width + s;
                    for (std::int64_t p = 0; p < P; ++p, from += width, columns += Q) {
                        std::memcpy(columns, from, static_cast<std::size_t>(Q) * sizeof(float));
                    }
                }
            }
        }
    }
};

bool plain_window(const Problem& p) {
    return p.N == 1 && p.groups == 1 && p.stride_h == 1 && p.stride_w == 1 && p.dilation_h == 1 &&
           p.dilation_w == 1 && !p.pointwise();
}

Contender part(std::string name, std::function<void()> run) {
    Contender contender;
    contender.name = std::move(name);
    contender.role = Role::part;
    contender.run = std::move(run);
    return contender;
}

void add_columns(const Operands& operands, Field& field) {
    const auto picture = std::make_shared<const PaddedPicture>(operands);
    field.contenders.push_back(part("im2col/columns", [picture] {
        AlignedBuffer<float> columns(picture->column_floats());
        picture->write_columns(columns.data());
    }));
    const auto kept = std::make_shared<AlignedBuffer<float>>(picture->column_floats());
    field.contenders.push_back(
        part("im2col/columns warm", [picture, kept] { picture->write_columns(kept->data()); }));
}

}  // namespace

void add_method_parts(const std::string& method, const Offer& offer, const Operands& operands,
                      Field& field) {
    const auto recorded = std::make_shared<RecordedMethod>(offer, operands);
    if (recorded->recording.empty()) return;
    field.contenders.push_back(
        part(method + "/sgemm", [recorded] { replay_sgemm(recorded->recording); }));
    field.contenders.back().note = describe_sgemm(recorded->recording);
    field.contenders.push_back(part(method + " warm", [recorded] { recorded->run(); }));
    if (method == "im2col" && plain_window(operands.problem())) add_columns(operands, field);
}

}  // namespace conv::bench
