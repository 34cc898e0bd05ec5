#pragma once

#include <memory>
#include <vector>

#include "files/formats/tiff/row_decoder.hpp"
#include "files/formats/tiff/tiff_layout.hpp"
#include "files/page_patch.hpp"

namespace conv {

/// The strips or tiles of a TIFF page, for files that keep some of them.
class EncodedTiffPage : public EncodedPage {
public:
    /// Null where their bytes are not the samples that a reader gives, or are not all there.
    static std::shared_ptr<const EncodedTiffPage> open(const TiffPageSource& source);

    /// `layout` with this page's strips, where its blocks are those that it would be written in;
    /// nothing where they are not.
    std::optional<TiffLayout> agreed(TiffLayout layout, const PictureInfo& picture) const;
    /// The bytes of a block, by its number. Thread-safe. Throws Error{input}.
    std::vector<std::uint8_t> block(std::int64_t number) const;

private:
    EncodedTiffPage(const TiffPageSource& source, const TiffBlocks& blocks)
        : source_(source), blocks_(blocks) {}

    TiffPageSource source_;
    TiffBlocks blocks_;
    std::vector<std::uint64_t> offsets_, sizes_;
};

}  // namespace conv
