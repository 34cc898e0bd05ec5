#include "files/formats/exr/exr_streams.hpp"

#include <OpenEXR/Iex.h>

#include <cstring>

namespace conv {

ExrInput::ExrInput(ByteSource& source) : IStream(source.name().c_str()), source_(source) {}

bool ExrInput::read(char out[], int count) {
    const auto wanted = static_cast<std::size_t>(count);
    const auto at = static_cast<std::int64_t>(position_);
    const std::size_t got =
        at < 0 ? 0 : source_.read_at(at, reinterpret_cast<std::uint8_t*>(out), wanted);
    position_ += got;
    if (got < wanted) throw IEX_NAMESPACE::InputExc("it is truncated");
    return static_cast<std::int64_t>(position_) < source_.size().value_or(0);
}

ExrOutput::ExrOutput(ByteSink& sink) : OStream("output"), sink_(sink) {}

void ExrOutput::write(const char bytes[], int count) {
    const ByteView view(reinterpret_cast<const std::uint8_t*>(bytes),
                        static_cast<std::size_t>(count));
    if (static_cast<std::int64_t>(position_) == sink_.position())
        sink_.write(view);
    else
        sink_.write_at(static_cast<std::int64_t>(position_), view);
    position_ += view.size();
}

ExrAttributeBytes::ExrAttributeBytes(std::vector<std::uint8_t> bytes)
    : IStream("attribute"), OStream("attribute"), bytes_(std::move(bytes)) {}

bool ExrAttributeBytes::read(char out[], int count) {
    const auto wanted = static_cast<std::size_t>(count);
    if (wanted > bytes_.size() - at_) throw IEX_NAMESPACE::InputExc("an attribute is cut off");
    std::memcpy(out, bytes_.data() + at_, wanted);
    at_ += wanted;
    return at_ < bytes_.size();
}

void ExrAttributeBytes::write(const char bytes[], int count) {
    bytes_.insert(bytes_.end(), bytes, bytes + count);
}

}  // namespace conv
