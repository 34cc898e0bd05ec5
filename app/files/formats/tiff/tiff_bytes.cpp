#include "files/formats/tiff/tiff_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

#include "files/codec_messages.hpp"

namespace conv {
namespace {

thread_local std::string last_message;

void keep_message(const char*, const char* format, va_list arguments) {
    std::array<char, 512> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    last_message = last_line(text.data());
}

class OpenFile : public TiffBytes {
public:
    explicit OpenFile(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
        source_->spool();
    }
    const std::string& name() const override { return source_->name(); }
    std::int64_t size() const override { return *source_->size(); }
    std::size_t read_at(std::int64_t offset, std::uint8_t* out, std::size_t count) const override {
        return source_->read_at(offset, out, count);
    }

private:
    std::unique_ptr<ByteSource> source_;
};

class FileInMemory : public TiffBytes {
public:
    FileInMemory(ByteView bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
    const std::string& name() const override { return name_; }
    std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }
    std::size_t read_at(std::int64_t offset, std::uint8_t* out, std::size_t count) const override {
        if (offset < 0 || offset >= size()) return 0;
        const std::size_t held = std::min(count, static_cast<std::size_t>(size() - offset));
        std::memcpy(out, bytes_.data() + offset, held);
        return held;
    }

private:
    ByteView bytes_;
    std::string name_;
};

}  // namespace

std::unique_ptr<TiffBytes> tiff_bytes(std::unique_ptr<ByteSource> source) {
    return std::make_unique<OpenFile>(std::move(source));
}

std::unique_ptr<TiffBytes> tiff_bytes(ByteView bytes, std::string name) {
    return std::make_unique<FileInMemory>(bytes, std::move(name));
}

/// What libtiff's callbacks get.
struct TiffHandle::Client {
    const TiffBytes* bytes;
    std::uint64_t position = 0;

    static tmsize_t read(thandle_t handle, void* to, tmsize_t wanted) {
        auto& client = *static_cast<Client*>(handle);
        constexpr std::uint64_t kFarthest = std::uint64_t{1} << 62;
        if (client.position > kFarthest) return 0;
        try {
            const std::size_t got = client.bytes->read_at(
                static_cast<std::int64_t>(client.position), static_cast<std::uint8_t*>(to),
                static_cast<std::size_t>(wanted));
            client.position += got;
            return static_cast<tmsize_t>(got);
        } catch (const Error& error) {  // must not pass through libtiff
            last_message = error.what();
            return -1;
        }
    }
    static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
    static toff_t seek(thandle_t handle, toff_t offset, int whence) {
        auto& client = *static_cast<Client*>(handle);
        const std::uint64_t base = whence == SEEK_CUR ? client.position
                                   : whence == SEEK_END
                                       ? static_cast<std::uint64_t>(client.bytes->size())
                                       : 0;
        client.position = base + offset;
        return client.position;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t handle) {
        return static_cast<toff_t>(static_cast<Client*>(handle)->bytes->size());
    }
    static int map(thandle_t, void**, toff_t*) { return 0; }
    static void unmap(thandle_t, void*, toff_t) {}
};

TiffHandle::TiffHandle(const TiffBytes& bytes, std::uint64_t offset)
    : client_(std::make_unique<Client>(Client{&bytes})) {
    keep_tiff_messages();
    take_tiff_message();
    // c: one large strip stays one; m: never mapped; h: no directory is read yet.
    tiff_.reset(TIFFClientOpen("image", offset == 0 ? "rcm" : "rcmh", client_.get(), Client::read,
                               Client::write, Client::seek, Client::close, Client::size,
                               Client::map, Client::unmap));
    if (!tiff_ || (offset != 0 && TIFFSetSubDirectory(tiff_.get(), offset) != 1)) {
        refuse_damaged_tiff(bytes.name());
    }
}

TiffHandle::~TiffHandle() = default;
TiffHandle::TiffHandle(TiffHandle&&) noexcept = default;
TiffHandle& TiffHandle::operator=(TiffHandle&&) noexcept = default;

void keep_tiff_messages() {
    static const bool once = [] {
        TIFFSetErrorHandler(keep_message);
        TIFFSetWarningHandler(nullptr);
        return true;
    }();
    static_cast<void>(once);
}

std::string take_tiff_message() {
    return std::exchange(last_message, std::string());
}

void refuse_damaged_tiff(const std::string& name) {
    const std::string said = take_tiff_message();
    fail(ErrorKind::input, "{}: the TIFF is damaged{}{}", name, said.empty() ? "" : ": ", said);
}

}  // namespace conv
