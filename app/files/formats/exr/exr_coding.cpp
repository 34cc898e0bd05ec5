#include "files/formats/exr/exr_coding.hpp"

#include "files/file_bytes.hpp"

namespace conv {
namespace {

constexpr std::size_t kWindowsAt = 2, kNameAt = kWindowsAt + 32;  // two of 16 bytes

}  // namespace

/// Half, compression, windows, name.
FormatBlock block_of(const ExrCoding& coding) {
    FormatBlock block{
        "exr",
        "",
        {static_cast<std::uint8_t>(coding.half), static_cast<std::uint8_t>(coding.compression)}};
    for (const std::int32_t side : coding.windows) {
        const auto bits = static_cast<std::uint32_t>(side);
        for (int shift = 0; shift < 32; shift += 8) {
            block.data.push_back(static_cast<std::uint8_t>(bits >> shift));
        }
    }
    block.data.insert(block.data.end(), coding.only.begin(), coding.only.end());
    return block;
}

std::optional<ExrCoding> exr_coding(const Metadata& metadata) {
    for (const FormatBlock& block : metadata.blocks) {
        if (block.format != "exr" || !block.name.empty()) continue;
        ExrCoding coding;
        coding.half = block.data.at(0) != 0;
        coding.compression = block.data.at(1);
        const std::string name = "the EXR's coding";
        const ByteReader reader(block.data, name);
        for (std::size_t i = 0; i < coding.windows.size(); ++i) {
            coding.windows[i] = static_cast<std::int32_t>(reader.little(kWindowsAt + 4 * i, 4));
        }
        coding.only.assign(block.data.begin() + kNameAt, block.data.end());
        return coding;
    }
    return std::nullopt;
}

}  // namespace conv
