#pragma once

#include <cstdio>
// libjpeg's header needs stdio's.
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>

namespace conv {

/// A part of a file that libjpeg reads or writes at once.
inline constexpr std::size_t kJpegBufferBytes = 64 << 10;

/// What libjpeg keeps of a sample where it holds a whole picture.
inline constexpr std::int64_t kJpegCoefficientBytes = 2;

/// libjpeg's errors, which jump to where without_jump() was called.
struct JpegErrors {
    jpeg_error_mgr manager;  ///< first: libjpeg hands its address back
    std::jmp_buf jump;
    std::array<char, JMSG_LENGTH_MAX> message;
    int code;
};

/// For JpegErrors::manager.error_exit: notes message and code, and jumps.
[[noreturn]] void jump_from_jpeg_error(j_common_ptr info);

/// Calls into libjpeg; false where that jumped. `call` holds nothing that must be destroyed.
template <typename Call>
bool without_jump(std::jmp_buf& jump, Call call) {
    if (setjmp(jump) != 0) return false;
    call();
    return true;
}

}  // namespace conv
