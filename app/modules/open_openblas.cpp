#include <algorithm>
#include <semaphore>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"
#include "gemm/openblas.hpp"
#include "modules/address_space.hpp"
#include "modules/openblas_environment.hpp"
#include "modules/program_module.hpp"

namespace conv {
namespace {

const Openblas& loaded_module() {
    static const auto* functions = [] {
        constexpr std::int64_t kAddressBytes = std::int64_t{48} << 20;  // measured: 39 MiB
        return static_cast<const Openblas*>(open_program_module(
            {"conv_openblas.so", CONV_OPENBLAS_INTERFACE, "OpenBLAS", "conv-cli", kAddressBytes}));
    }();
    return *functions;
}

/// Calls that may run at a time where address space is limited, one for each buffer made.
std::counting_semaphore<> free_buffers(0);

void sgemm_with_a_buffer(MatrixView<const float> a, MatrixView<const float> b, float beta,
                         MatrixView<float> c) {
    free_buffers.acquire();
    loaded_module().sgemm(a, b, beta, c);
    free_buffers.release();
}

/// OpenBLAS maps a buffer for each call that runs at a time, when the first such call comes, and
/// where it gets none it tries for ever. So they are made here, from a quarter of what is there.
void make_buffers() {
    const int most = hardware_threads();
    const int possible = possible_mappings(Openblas::kBufferBytes, 4 * most);
    if (possible == 0) {
        fail(ErrorKind::memory,
             "not enough memory for OpenBLAS: it takes {} of address space, raise the limit "
             "(ulimit -v, ulimit -d) or use --method direct",
             format_bytes(Openblas::kBufferBytes));
    }
    const int count = std::max(possible / 4, 1);
    loaded_module().make_buffers(count);
    free_buffers.release(count);
}

}  // namespace

const Openblas& openblas() {
    static const Openblas functions = [] {
        Openblas found = loaded_module();
        if (!address_space_is_limited()) return found;
        make_buffers();
        found.sgemm = sgemm_with_a_buffer;
        return found;
    }();
    return functions;
}

const std::string& openblas_core_expected() {
    static const std::string core = openblas_core_wanted();
    return core;
}

}  // namespace conv
