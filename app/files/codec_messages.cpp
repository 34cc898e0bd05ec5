#include "files/codec_messages.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/printable.hpp"

namespace conv {
namespace {

std::mutex& only_one() {
    static std::mutex mutex;
    return mutex;
}

/// Codecs have written megabytes of warnings; the end of them says why they gave up.
constexpr off_t kMostCollected = 64 << 10;

}  // namespace

CodecMessages::CodecMessages() : turn_(only_one()) {
    std::fflush(stderr);
    collected_ = memfd_create("codec messages", MFD_CLOEXEC);
    shown_ = dup(STDERR_FILENO);
    if (collected_ >= 0 && shown_ >= 0) dup2(collected_, STDERR_FILENO);
}

CodecMessages::~CodecMessages() {
    finish();
}

std::string CodecMessages::finish() {
    std::string text;
    if (shown_ >= 0) {
        std::fflush(stderr);
        dup2(shown_, STDERR_FILENO);
        close(shown_);
    }
    if (collected_ >= 0) {
        const off_t end = lseek(collected_, 0, SEEK_END);
        lseek(collected_, end > kMostCollected ? end - kMostCollected : 0, SEEK_SET);
        std::array<char, 4096> block;
        for (ssize_t got = 0; (got = read(collected_, block.data(), block.size())) > 0;) {
            text.append(block.data(), static_cast<std::size_t>(got));
        }
        close(collected_);
    }
    shown_ = collected_ = -1;
    if (turn_.owns_lock()) turn_.unlock();
    return text;
}

std::unique_lock<std::mutex> shown_standard_error() {
    return std::unique_lock(only_one());
}

std::string last_line(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \r\n\t");
    if (end == text.npos) return "";
    const std::size_t before = text.find_last_of('\n', end);
    const std::size_t start = before == text.npos ? 0 : before + 1;
    return printable(std::string_view(text).substr(start, end - start + 1));
}

}  // namespace conv
