#include "files/file_bytes.hpp"

#include <cstring>
#include <string_view>

#include "base/printable.hpp"

namespace conv {
namespace {

std::uint64_t number(ByteView bytes, bool big) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        value = value << 8 | bytes[big ? i : bytes.size() - 1 - i];
    }
    return value;
}

}  // namespace

std::string display_name(const std::string& path) {
    if (path == "-") return "standard input";
    return path.empty() ? "''" : printable(path);
}

ByteView ByteReader::part(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) {
        fail(ErrorKind::input, "{}: the file is truncated, it ends after {} bytes", name_,
             bytes_.size());
    }
    return bytes_.subspan(offset, count);
}

std::uint64_t ByteReader::big(std::size_t offset, std::size_t count) const {
    return number(part(offset, count), true);
}

std::uint64_t ByteReader::little(std::size_t offset, std::size_t count) const {
    return number(part(offset, count), false);
}

bool has_at(ByteView bytes, std::size_t offset, std::string_view magic) {
    return bytes.size() >= offset + magic.size() &&
           std::memcmp(bytes.data() + offset, magic.data(), magic.size()) == 0;
}

bool starts_with(ByteView bytes, std::string_view magic) {
    return has_at(bytes, 0, magic);
}

}  // namespace conv
