// Every reader of pictures: FUZZ_FORMAT says which. A refusal is an Error; anything else is a
// fault.
#include "base/error.hpp"
#include "files/image_file.hpp"
#include "fuzz/memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const conv::fuzz::MemoryFile file(data, size);
    conv::ReadOptions options;
    options.max_pixels = 1 << 20;
    options.max_memory = 64 << 20;
    try {
        conv::read_image(std::string(FUZZ_FORMAT) + ":" + file.path(), options);
    } catch (const conv::Error& error) {
        if (error.kind() == conv::ErrorKind::internal) throw;
    }
    return 0;
}
