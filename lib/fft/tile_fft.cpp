#include "fft/tile_fft.hpp"

#include <fftw3.h>

#include <mutex>
#include <type_traits>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"

namespace conv {
namespace {

/// FFTW's planner is not thread-safe; executing plans is.
std::mutex& planner_mutex() {
    static std::mutex mutex;
    return mutex;
}

struct DestroyPlan {
    void operator()(fftwf_plan plan) const {
        const std::lock_guard lock(planner_mutex());
        fftwf_destroy_plan(plan);
    }
};
using FftwPlan = std::unique_ptr<std::remove_pointer_t<fftwf_plan>, DestroyPlan>;

fftwf_complex* fftw(TileFft::Complex* data) {
    return reinterpret_cast<fftwf_complex*>(data);
}

/// `count` transforms of length `size` side by side: elements `from_step` apart become elements
/// `to_step` apart.
FftwPlan make_plan(std::int64_t size, std::int64_t count, fftwf_complex* from,
                   std::int64_t from_step, fftwf_complex* to, std::int64_t to_step, int sign) {
    const int n = static_cast<int>(size);
    const std::lock_guard lock(planner_mutex());
    FftwPlan plan(fftwf_plan_many_dft(1, &n, static_cast<int>(count), from, nullptr,
                                      static_cast<int>(from_step), 1, to, nullptr,
                                      static_cast<int>(to_step), 1, sign, FFTW_ESTIMATE));
    if (!plan) fail(ErrorKind::internal, "FFTW has no plan for {} transforms of {}", count, size);
    return plan;
}

}  // namespace

struct TileFft::Plans {
    FftwPlan forward_row, inverse_row, forward_columns, inverse_columns;

    Plans(std::int64_t height, std::int64_t width) {
        const std::int64_t pitch = row_pitch(width);
        AlignedBuffer<float> tile(2 * height * pitch), block(2 * height * kBlockColumns);
        auto* t = reinterpret_cast<fftwf_complex*>(tile.data());
        auto* b = reinterpret_cast<fftwf_complex*>(block.data());
        forward_row = make_plan(width, 1, t, 1, t, 1, FFTW_FORWARD);
        inverse_row = make_plan(width, 1, t, 1, t, 1, FFTW_BACKWARD);
        forward_columns =
            make_plan(height, kBlockColumns, t, pitch, b, kBlockColumns, FFTW_FORWARD);
        inverse_columns =
            make_plan(height, kBlockColumns, b, kBlockColumns, t, pitch, FFTW_BACKWARD);
    }
};

TileFft::TileFft(std::int64_t height, std::int64_t width)
    : plans_(std::make_unique<const Plans>(height, width)) {}

TileFft::~TileFft() = default;

void TileFft::forward_row(Complex* row) const {
    fftwf_execute_dft(plans_->forward_row.get(), fftw(row), fftw(row));
}

void TileFft::inverse_row(Complex* row) const {
    fftwf_execute_dft(plans_->inverse_row.get(), fftw(row), fftw(row));
}

void TileFft::forward_columns(Complex* columns, Complex* block) const {
    fftwf_execute_dft(plans_->forward_columns.get(), fftw(columns), fftw(block));
}

void TileFft::inverse_columns(Complex* block, Complex* columns) const {
    fftwf_execute_dft(plans_->inverse_columns.get(), fftw(block), fftw(columns));
}

}  // namespace conv
