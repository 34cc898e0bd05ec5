// The module conv_openblas.so: what the library calls of OpenBLAS, behind gemm/openblas.hpp.
#include "gemm/openblas.hpp"

extern "C" __attribute__((visibility("default"))) const char* conv_module_interface() {
    return CONV_OPENBLAS_INTERFACE;
}

extern "C" __attribute__((visibility("default"))) const void* conv_module_functions() {
    return &conv::openblas_calls();
}
