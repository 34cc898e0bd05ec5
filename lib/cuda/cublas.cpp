#include "cuda/cublas.hpp"

#include "base/error.hpp"
#include "base/module.hpp"

namespace conv {
namespace {

template <typename Function>
void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(module_function(library, name));
}

Cublas open_cublas() {
    Cublas found;
    void* library = open_library(CONV_CUBLAS_FILE, found.missing);
    if (library != nullptr) {
        try {
            find(library, "cublasCreate_v2", found.create);
            find(library, "cublasDestroy_v2", found.destroy);
            find(library, "cublasSetStream_v2", found.set_stream);
            find(library, "cublasSetMathMode", found.set_math_mode);
            find(library, "cublasSgemm_v2", found.sgemm);
            find(library, "cublasSgemmStridedBatched", found.sgemm_strided_batched);
            find(library, "cublasGetStatusString", found.status_string);
            return found;
        } catch (const Error& error) {
            found.missing = error.what();
        }
    }
    return {.missing = fmt::format("it takes cuBLAS, which is not there ({})", found.missing)};
}

}  // namespace

const Cublas& cublas() {
    static const Cublas opened = open_cublas();
    return opened;
}

}  // namespace conv
