#pragma once

#include "files/file_format.hpp"
#include "files/formats/tiff/directory_writer.hpp"
#include "files/formats/tiff/tiff_row_writer.hpp"

namespace conv {

/// How the blocks of a page are numbered.
struct TiffGrid {
    bool tiled = false;
    std::int64_t planes = 1, across = 1, down = 1;

    std::int64_t count() const { return planes * across * down; }
    /// The number of the block that is the `position`-th of the file: rows of blocks come one after
    /// the other, each with all of its planes.
    std::size_t number_at(std::int64_t position) const;
};

/// A page but for its blocks.
struct TiffPageTail {
    TiffGrid grid;
    TiffDirectory directory;  ///< without block tables
};

/// What stands behind the blocks of all pages: their directories.
struct TiffTail {
    bool big_tiff = false, big_endian = false;
    std::vector<TiffPageTail> pages;
};

/// Room for the header of either kind of file: blocks begin behind it.
inline constexpr std::int64_t kTiffHeaderRoom = 16;

/// Appends the directories of all pages, whose blocks lie as `tables` say, and writes the header.
void write_tiff_tail(TiffTail tail, const std::vector<TiffBlockTable>& tables, ByteSink& sink);

/// A tail as text, and back. Throws Error{input} for a text that is none.
std::string tiff_tail_text(const TiffTail& tail);
TiffTail parse_tiff_tail(const std::string& text);

/// For FileFormat.
void join_tiff(const std::string& tail, const std::vector<BlockRun>& runs, const CopyRun& copy,
               ByteSink& sink);

}  // namespace conv
