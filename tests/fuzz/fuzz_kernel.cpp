// Kernel texts: FUZZ_FORMAT says which. What is read can be written as plain text and read back.
#include <cstdlib>
#include <string_view>

#include "base/error.hpp"
#include "kernels/kernel_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        for (const conv::Kernel& kernel : conv::parse_kernel_text(text, "fuzz", FUZZ_FORMAT)) {
            const std::string written = conv::write_kernel_text(kernel, "plain");
            const auto again = conv::parse_kernel_text(written, "again", "plain");
            if (again.size() != 1 || again.front().values != kernel.values) std::abort();
        }
    } catch (const conv::Error& error) {
        if (error.kind() == conv::ErrorKind::internal) throw;
    }
    return 0;
}
