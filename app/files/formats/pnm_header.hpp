#pragma once

#include <cstdint>
#include <string>

#include "base/size.hpp"
#include "files/file_bytes.hpp"

namespace conv {

/// What stands before the samples of a PNM or PAM file.
struct PnmHeader {
    char kind = '6';  ///< P1 to P7
    std::int64_t width = 0, height = 0, channels = 1, maximum = 1;
    bool has_alpha = false;
    std::size_t offset = 0;  ///< of the first sample

    bool is_text() const { return kind <= '3'; }
    bool is_bitmap() const { return kind == '1' || kind == '4'; }
    std::int64_t sample_bytes() const { return maximum > 255 ? 2 : 1; }
    /// What the largest value becomes: samples are scaled to the range of their type.
    std::int64_t full() const { return maximum > 255 ? 65535 : 255; }
    /// Bytes of one row of a binary file.
    std::int64_t row_bytes() const {
        return kind == '4' ? ceil_div(width, 8) : width * channels * sample_bytes();
    }
};

/// True for the bytes that begin a PNM or PAM file.
bool is_pnm(ByteView head);

/// Reads the header at the start of `bytes`. Throws Error{input} naming `name`.
PnmHeader read_pnm_header(ByteView bytes, const std::string& name);

/// Reads the numbers of a PNM header or text file between blanks and comments.
class PnmText {
public:
    PnmText(ByteView bytes, const std::string& name, std::size_t offset)
        : bytes_(bytes), name_(name), offset_(offset) {}

    std::string word();
    std::int64_t number();
    /// One sample of a P1 file, whose digits need no blanks between them.
    std::int64_t bit();
    std::size_t offset() const { return offset_; }

private:
    bool digit() const { return bytes_[offset_] >= '0' && bytes_[offset_] <= '9'; }
    void skip_blanks();
    [[noreturn]] void refuse_end() const;
    [[noreturn]] void refuse_number(std::size_t place) const;

    ByteView bytes_;
    const std::string& name_;
    std::size_t offset_;
};

}  // namespace conv
