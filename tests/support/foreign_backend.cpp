// A backend's module as another build of the program left it: of other types, and not to be opened.

#include <cstdlib>

extern "C" const char* conv_backend_build() {
    return "conv-cli backend 0123456789abcdef, another compiler";
}

extern "C" void conv_open_backend() {
    std::abort();
}
