#pragma once

namespace conv::test {

/// Whether this build is a sanitizer's, whose shadow takes more memory than limits leave and which
/// answers faults itself.
constexpr bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;  // GCC
#elif defined(__has_feature)
    return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);  // clang
#else
    return false;
#endif
}

/// Whether it is ThreadSanitizer's, which holds signals back: from threads that compute, while a
/// file is opened, and in a child that was forked beside threads.
constexpr bool is_thread_sanitized() {
#if defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

}  // namespace conv::test
