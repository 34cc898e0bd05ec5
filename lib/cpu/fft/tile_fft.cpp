#include "cpu/fft/tile_fft.hpp"

#include <fftw3.h>

#include <cassert>
#include <type_traits>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "cpu/fft/fftw_planner.hpp"
#include "cpu/fft/turned_columns.hpp"

namespace conv {
namespace {

struct DestroyPlan {
    void operator()(fftwf_plan plan) const {
        const std::lock_guard lock(fftw_planner_mutex());
        fftwf_destroy_plan(plan);
    }
};
using FftwPlan = std::unique_ptr<std::remove_pointer_t<fftwf_plan>, DestroyPlan>;

/// FFTW takes inputs as non-const, but these plans are out of place and keep them.
fftwf_complex* fftw(const float* data) {
    return reinterpret_cast<fftwf_complex*>(const_cast<float*>(data));
}

/// Where a batch of transforms finds its numbers, in complex numbers: those of one transform are
/// `step` apart, the transforms `distance`.
struct Batch {
    fftwf_complex* data;
    std::int64_t step, distance;
};

FftwPlan make_plan(std::int64_t size, const Batch& from, const Batch& to, int sign) {
    const int n = static_cast<int>(size);
    const std::lock_guard lock(fftw_planner_mutex());
    FftwPlan plan(fftwf_plan_many_dft(
        1, &n, static_cast<int>(TileFft::kBatch), from.data, nullptr, static_cast<int>(from.step),
        static_cast<int>(from.distance), to.data, nullptr, static_cast<int>(to.step),
        static_cast<int>(to.distance), sign, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT));
    if (!plan) fail(ErrorKind::internal, "FFTW has no plan for transforms of {}", size);
    return plan;
}

}  // namespace

struct TileFft::Plans {
    FftwPlan forward_rows, inverse_rows, forward_columns, inverse_columns;

    Plans(std::int64_t height, std::int64_t width, bool turned) {
        const std::int64_t pitch = row_floats(width) / 2;
        // Of these an estimate only takes note that they differ and how they are aligned.
        const AlignedBuffer<float> tile(height * row_floats(width)), rows(kBatch * 2 * pitch),
            block(block_floats(height)), scratch(scratch_floats(height));
        const Batch tile_rows = {fftw(tile.data()), 1, pitch};
        const Batch columns = turned ? Batch{fftw(scratch.data()), 1, scratch_step(height)}
                                     : Batch{fftw(tile.data()), pitch, 1};
        const Batch row_batch = {fftw(rows.data()), 1, pitch};
        const Batch column_batch = {fftw(block.data()), 1, height};
        forward_rows = make_plan(width, row_batch, tile_rows, FFTW_FORWARD);
        inverse_rows = make_plan(width, tile_rows, row_batch, FFTW_BACKWARD);
        forward_columns = make_plan(height, columns, column_batch, FFTW_FORWARD);
        inverse_columns = make_plan(height, column_batch, columns, FFTW_BACKWARD);
    }
};

TileFft::TileFft(std::int64_t height, std::int64_t width)
    : height_(height),
      row_step_(row_floats(width) / 2),
      plans_(std::make_unique<const Plans>(height, width, turned())) {
    assert(height % kBatch == 0 && width % kBatch == 0);
}

TileFft::~TileFft() = default;

void TileFft::forward_rows(const float* rows, float* tile) const {
    fftwf_execute_dft(plans_->forward_rows.get(), fftw(rows), fftw(tile));
}

void TileFft::inverse_rows(const float* tile, float* rows) const {
    fftwf_execute_dft(plans_->inverse_rows.get(), fftw(tile), fftw(rows));
}

void TileFft::forward_columns(const float* columns, float* block, float* scratch) const {
    if (turned()) {
        columns_to_rows({kBatch, height_, scratch_step(height_), row_step_}, columns, scratch);
        columns = scratch;
    }
    fftwf_execute_dft(plans_->forward_columns.get(), fftw(columns), fftw(block));
}

void TileFft::inverse_columns(const float* block, float* columns, float* scratch) const {
    float* to = turned() ? scratch : columns;
    fftwf_execute_dft(plans_->inverse_columns.get(), fftw(block), fftw(to));
    if (turned()) {
        rows_to_columns({kBatch, height_, scratch_step(height_), row_step_}, scratch, columns);
    }
}

std::mutex& fftw_planner_mutex() {
    static std::mutex mutex;
    return mutex;
}

std::string fftw_version_text() {
    return fftwf_version;
}

}  // namespace conv
