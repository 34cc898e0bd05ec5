#pragma once

#include <OpenEXR/ImfIO.h>

#include <vector>

#include "files/byte_source.hpp"
#include "files/output/byte_sink.hpp"

namespace conv {

/// An open input that can seek, as OpenEXR reads files.
class ExrInput : public OPENEXR_IMF_NAMESPACE::IStream {
public:
    explicit ExrInput(ByteSource& source);

    bool read(char out[], int count) override;
    std::uint64_t tellg() override { return position_; }
    void seekg(std::uint64_t position) override { position_ = position; }

private:
    ByteSource& source_;
    std::uint64_t position_ = 0;
};

/// An output that can seek, as OpenEXR writes files.
class ExrOutput : public OPENEXR_IMF_NAMESPACE::OStream {
public:
    explicit ExrOutput(ByteSink& sink);

    void write(const char bytes[], int count) override;
    std::uint64_t tellp() override { return position_; }
    void seekp(std::uint64_t position) override { position_ = position; }

private:
    ByteSink& sink_;
    std::uint64_t position_ = 0;
};

/// The bytes of one attribute.
class ExrAttributeBytes : public OPENEXR_IMF_NAMESPACE::IStream,
                          public OPENEXR_IMF_NAMESPACE::OStream {
public:
    explicit ExrAttributeBytes(std::vector<std::uint8_t> bytes = {});

    bool read(char out[], int count) override;
    void write(const char bytes[], int count) override;
    std::uint64_t tellg() override { return at_; }
    void seekg(std::uint64_t position) override { at_ = position; }
    std::uint64_t tellp() override { return bytes_.size(); }
    void seekp(std::uint64_t position) override { bytes_.resize(position); }
    std::vector<std::uint8_t> take() { return std::move(bytes_); }

private:
    std::vector<std::uint8_t> bytes_;
    std::uint64_t at_ = 0;
};

}  // namespace conv
