#include "cpu/fft/double_tile.hpp"

#include <fftw3.h>

#include <type_traits>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "cpu/fft/fftw_planner.hpp"

namespace conv {
namespace {

struct DestroyDoublePlan {
    void operator()(fftw_plan plan) const {
        const std::lock_guard lock(fftw_planner_mutex());
        fftw_destroy_plan(plan);
    }
};
using DoublePlan = std::unique_ptr<std::remove_pointer_t<fftw_plan>, DestroyDoublePlan>;

fftw_complex* complex_numbers(double* tile) {
    return reinterpret_cast<fftw_complex*>(tile);
}

}  // namespace

struct DoubleTile::Plans {
    DoublePlan forward, inverse;

    Plans(std::int64_t height, std::int64_t width) {
        const AlignedBuffer<double> memory(height * row_doubles(width));
        auto* tile = const_cast<double*>(memory.data());
        const int h = static_cast<int>(height), w = static_cast<int>(width);
        const std::lock_guard lock(fftw_planner_mutex());
        forward.reset(fftw_plan_dft_r2c_2d(h, w, tile, complex_numbers(tile), FFTW_ESTIMATE));
        inverse.reset(fftw_plan_dft_c2r_2d(h, w, complex_numbers(tile), tile, FFTW_ESTIMATE));
        if (!forward || !inverse) {
            fail(ErrorKind::internal, "FFTW has no plan for tiles of {} x {}", height, width);
        }
    }
};

DoubleTile::DoubleTile(std::int64_t height, std::int64_t width)
    : plans_(std::make_unique<const Plans>(height, width)) {}

DoubleTile::~DoubleTile() = default;

void DoubleTile::forward(double* tile) const {
    fftw_execute_dft_r2c(plans_->forward.get(), tile, complex_numbers(tile));
}

void DoubleTile::inverse(double* tile) const {
    fftw_execute_dft_c2r(plans_->inverse.get(), complex_numbers(tile), tile);
}

}  // namespace conv
