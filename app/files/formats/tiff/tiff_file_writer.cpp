#include "files/formats/tiff/tiff_file_writer.hpp"

#include <tiffio.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/size.hpp"
#include "files/formats/tiff/tiff_page_directory.hpp"

namespace conv {
namespace {

/// Uncompressed samples of a classic TIFF: 4 GiB, less room for directories, and for what LZW adds
/// to noise, up to half.
constexpr std::int64_t kMostPlain = (std::int64_t{4} << 30) - (std::int64_t{64} << 20);
constexpr std::int64_t kMostCompressed = kMostPlain / 3 * 2;

}  // namespace

struct TiffFileWriter::Page {
    TiffLayout layout;
    TiffPageTail parts;
    TiffBlockTable blocks;
};

TiffFileWriter::TiffFileWriter(const ImageDocument& description, std::int64_t pages,
                               const WriteOptions& options, ByteSink& sink)
    : page_count_(pages), options_(options), sink_(sink) {
    const std::optional<TiffStorage>& input = description.metadata.coding.tiff;
    was_big_ = input && input->big_tiff;
    big_endian_ = input && input->big_endian;
    sink_.write(ByteView(std::array<std::uint8_t, kTiffHeaderRoom>{}));
}

TiffFileWriter::~TiffFileWriter() = default;

TiffLayout TiffFileWriter::layout_of(const PageHeader& header,
                                     std::vector<std::string>& notes) const {
    SampleCoding coding = header.metadata.coding;
    if (coding.tiff) coding.tiff->big_endian = big_endian_;
    return tiff_layout(header.picture, coding, options_, notes);
}

std::unique_ptr<TiffRowWriter> TiffFileWriter::add(const PageHeader& header,
                                                   const TiffLayout& layout,
                                                   std::vector<std::string> notes) {
    const TiffGrid grid{layout.tiled, layout.planes, layout.across, layout.down};
    pages_.push_back(
        std::make_unique<Page>(Page{layout,
                                    {grid, page_directory(header, layout, page_count_, notes)},
                                    TiffBlockTable(grid.count())}));
    for (const std::string& note : notes) note_once(notes_, note);
    sample_bytes_ += picture_bytes(header.picture.type, header.picture.shape);
    return std::make_unique<TiffRowWriter>(header.picture, pages_.back()->layout, options_.threads,
                                           sink_, pages_.back()->blocks);
}

std::unique_ptr<RowWriter> TiffFileWriter::add_page(const PageHeader& header) {
    std::vector<std::string> notes;
    const TiffLayout layout = layout_of(header, notes);
    return add(header, layout, std::move(notes));
}

std::unique_ptr<PatchWriter> TiffFileWriter::add_patched_page(const PageHeader& header,
                                                              const PagePatch& patch) {
    std::vector<std::string> notes;
    const auto page = std::dynamic_pointer_cast<const EncodedTiffPage>(patch.page);
    if (!page) return nullptr;
    const auto layout = page->agreed(layout_of(header, notes), header.picture);
    if (!layout) return nullptr;
    std::unique_ptr<TiffRowWriter> rows = add(header, *layout, std::move(notes));
    rows->set_patch({page, patch});
    return rows;
}

bool TiffFileWriter::is_big() const {
    const bool plain = std::all_of(pages_.begin(), pages_.end(), [](const auto& page) {
        return page->layout.compression == COMPRESSION_NONE;
    });
    return was_big_ || sample_bytes_ > (plain ? kMostPlain : kMostCompressed);
}

TiffTail TiffFileWriter::tail() const {
    TiffTail tail{is_big(), big_endian_, {}};
    for (const auto& page : pages_) tail.pages.push_back(page->parts);
    return tail;
}

void TiffFileWriter::finish() {
    std::vector<TiffBlockTable> tables;
    for (const auto& page : pages_) {
        tables.push_back(std::move(page->blocks));
        const std::vector<std::uint64_t>& offsets = tables.back().offsets;
        if (std::find(offsets.begin(), offsets.end(), 0) != offsets.end())
            fail(ErrorKind::internal, "not all rows of a TIFF page were written");
    }
    write_tiff_tail(tail(), tables, sink_);
}

std::optional<PartBlocks> TiffFileWriter::finish_part() {
    PartBlocks part{kTiffHeaderRoom, {}, tiff_tail_text(tail())};
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        const auto& [layout, parts, blocks] = *pages_[i];
        BlockRun run{static_cast<std::int64_t>(i), {}};
        for (std::int64_t position = 0; position < parts.grid.count(); ++position) {
            const std::size_t number = parts.grid.number_at(position);
            if (blocks.offsets[number] != 0)
                run.block_bytes.push_back(static_cast<std::int64_t>(blocks.sizes[number]));
        }
        if (!run.block_bytes.empty()) part.runs.push_back(std::move(run));
    }
    return part;
}

std::unique_ptr<RowFileWriter> create_tiff_rows(const ImageDocument& description,
                                                std::int64_t pages, const WriteOptions& options,
                                                ByteSink& sink) {
    return std::make_unique<TiffFileWriter>(description, pages, options, sink);
}

}  // namespace conv
