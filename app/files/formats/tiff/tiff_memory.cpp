#include "files/formats/tiff/tiff_memory.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "files/codec_messages.hpp"

namespace conv {
namespace {

thread_local std::string last_message;

void keep_message(const char*, const char* format, va_list arguments) {
    std::array<char, 512> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    last_message = last_line(text.data());
}

std::uint64_t size_of(const TiffMemory& memory) {
    return memory.writes ? memory.output.size() : memory.input.size();
}

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t wanted) {
    auto& memory = *static_cast<TiffMemory*>(handle);
    const std::uint64_t size = size_of(memory);
    const std::uint64_t left = memory.position < size ? size - memory.position : 0;
    const std::uint64_t count = std::min<std::uint64_t>(left, static_cast<std::uint64_t>(wanted));
    const std::uint8_t* from = memory.writes ? memory.output.data() : memory.input.data();
    if (count > 0) std::memcpy(to, from + memory.position, count);
    memory.position += count;
    return static_cast<tmsize_t>(count);
}

tmsize_t write_bytes(thandle_t handle, void* from, tmsize_t count) {
    auto& memory = *static_cast<TiffMemory*>(handle);
    const auto size = static_cast<std::uint64_t>(count);
    if (!memory.writes) return 0;
    if (memory.position + size > memory.output.size()) memory.output.resize(memory.position + size);
    std::memcpy(memory.output.data() + memory.position, from, size);
    memory.position += size;
    return count;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto& memory = *static_cast<TiffMemory*>(handle);
    const std::uint64_t base = whence == SEEK_CUR   ? memory.position
                               : whence == SEEK_END ? size_of(memory)
                                                    : 0;
    memory.position = base + offset;
    return memory.position;
}

int close_memory(thandle_t) {
    return 0;
}

toff_t size(thandle_t handle) {
    return size_of(*static_cast<TiffMemory*>(handle));
}

/// Lets libtiff use the strips where they lie.
int map(thandle_t handle, void** base, toff_t* length) {
    const auto& memory = *static_cast<TiffMemory*>(handle);
    if (memory.writes) return 0;
    *base = const_cast<std::uint8_t*>(memory.input.data());
    *length = memory.input.size();
    return 1;
}

void unmap(thandle_t, void*, toff_t) {}

}  // namespace

TiffHandle open_tiff(TiffMemory& memory, const char* mode) {
    TIFFSetErrorHandler(keep_message);
    TIFFSetWarningHandler(nullptr);
    return TiffHandle(TIFFClientOpen("image", mode, &memory, read_bytes, write_bytes, seek,
                                     close_memory, size, map, unmap));
}

std::string take_tiff_message() {
    return std::exchange(last_message, std::string());
}

}  // namespace conv
