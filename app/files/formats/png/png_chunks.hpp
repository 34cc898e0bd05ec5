#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files/byte_source.hpp"
#include "files/metadata.hpp"

namespace conv {

enum PngColourType {
    kPngGrey = 0,
    kPngRgb = 2,
    kPngPalette = 3,
    kPngGreyAlpha = 4,
    kPngRgbAlpha = 6
};

/// The header of a PNG: chunk IHDR.
struct PngHeader {
    std::int64_t width = 0, height = 0;
    int depth = 0, colour_type = 0;  ///< bits a sample; PngColourType
    bool interlaced = false;

    int stored_channels() const;
    std::int64_t stored_row_bytes() const;  ///< unfiltered, of one row of the whole picture
};

/// What the chunks of a file say besides its samples.
struct PngContents {
    PngHeader header;
    Metadata metadata;
    std::vector<std::uint8_t> palette;  ///< R, G, B
    bool has_transparency = false;      ///< chunk tRNS
    std::uint32_t frames = 1;           ///< of an animation
    bool has_samples = false, has_end = false;
    /// The signature and the chunks that a decoder needs before the samples.
    std::vector<std::uint8_t> decoder_head;

    bool has_alpha() const { return has_transparency || header.colour_type >= kPngGreyAlpha; }
    /// As read: grey with any transparency comes out as R, G, B, A.
    std::int64_t channels() const {
        return has_alpha() ? 4 : header.colour_type == kPngGrey ? 1 : 3;
    }
};

/// Throws Error{input} that says what is wrong with the PNG `name`.
[[noreturn]] void refuse_png(const std::string& name, std::string_view what);

/// The head of a chunk: its length, and its type as four letters.
struct ChunkHead {
    std::uint32_t length = 0;
    std::string type;
};

/// Takes chunks out of a source one after the other and sorts what they say into contents(). IDAT
/// is left to the caller.
class PngChunks {
public:
    /// Checks the signature.
    explicit PngChunks(ByteSource& source);

    const std::string& name() const { return source_.name(); }
    const PngContents& contents() const { return contents_; }
    PngContents& contents() { return contents_; }

    /// The next chunk's head, left in the source: its data follow.
    ChunkHead next();
    /// The data of the chunk whose head was read last, whose checksum is right.
    std::vector<std::uint8_t> take_data(const ChunkHead& head);
    /// Reads data and notes what they say; `keep` false: skips them unread.
    void note(const ChunkHead& head, bool keep);
    /// Reads chunks up to the first of the samples, whose head it returns. In a file, those that
    /// follow are read too; the source then stands behind that head again.
    ChunkHead find_samples();

private:
    void read(std::uint8_t* out, std::size_t count);
    void scan_ahead(const ChunkHead& samples);
    void note_data(const ChunkHead& head, ByteView data);

    ByteSource& source_;
    PngContents contents_;
};

}  // namespace conv
