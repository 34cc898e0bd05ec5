#include "files/formats/tiff/tiff_file_writer.hpp"

#include <tiffio.h>

#include <algorithm>
#include <array>

#include "base/size.hpp"

namespace conv {
namespace {

/// Room for the header of either kind of file.
constexpr std::size_t kHeaderRoom = 16;
constexpr std::int64_t kAlignment = 8;

/// Uncompressed samples of a classic TIFF: 4 GiB, less room for directories, and for what LZW adds
/// to noise, up to half.
constexpr std::int64_t kMostPlain = (std::int64_t{4} << 30) - (std::int64_t{64} << 20);
constexpr std::int64_t kMostCompressed = kMostPlain / 3 * 2;

void note_once(std::vector<std::string>& notes, const std::string& note) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

}  // namespace

struct TiffFileWriter::Page {
    TiffLayout layout;
    TiffDirectory directory;
    TiffBlockTable blocks;
};

TiffFileWriter::TiffFileWriter(const ImageDocument& description, std::int64_t pages,
                               const WriteOptions& options, ByteSink& sink)
    : page_count_(pages), options_(options), sink_(sink) {
    const std::optional<TiffStorage>& input = description.metadata.coding.tiff;
    was_big_ = input && input->big_tiff;
    big_endian_ = input && input->big_endian;
    sink_.write(ByteView(std::array<std::uint8_t, kHeaderRoom>{}));
}

TiffFileWriter::~TiffFileWriter() = default;

std::unique_ptr<RowWriter> TiffFileWriter::add_page(const PageHeader& header) {
    std::vector<std::string> notes;
    auto page = std::make_unique<Page>();
    SampleCoding coding = header.metadata.coding;
    if (coding.tiff) coding.tiff->big_endian = big_endian_;
    page->layout = tiff_layout(header.picture, coding, options_, notes);
    page->directory = page_directory(header, page->layout, page_count_, notes);
    for (const std::string& note : notes) note_once(notes_, note);
    sample_bytes_ += picture_bytes(header.picture.type, header.picture.shape);
    pages_.push_back(std::move(page));
    return std::make_unique<TiffRowWriter>(header.picture, pages_.back()->layout, options_.threads,
                                           sink_, pages_.back()->blocks);
}

bool TiffFileWriter::is_big() const {
    const bool plain = std::all_of(pages_.begin(), pages_.end(), [](const auto& page) {
        return page->layout.compression == COMPRESSION_NONE;
    });
    return was_big_ || sample_bytes_ > (plain ? kMostPlain : kMostCompressed);
}

void TiffFileWriter::finish() {
    const DirectoryWriter writer(is_big(), big_endian_);
    const auto align = [&] {
        const std::vector<std::uint8_t> zeros(
            static_cast<std::size_t>(round_up(sink_.position(), kAlignment) - sink_.position()));
        sink_.write(zeros);
        return static_cast<std::uint64_t>(sink_.position());
    };
    const std::uint64_t first = align();
    std::uint64_t at = first;
    for (const auto& page : pages_) {
        add_block_table(page->layout, page->blocks, writer, page->directory);
        std::vector<std::uint8_t> bytes = writer.directory(page->directory, at);
        at += bytes.size();
        const std::vector<std::uint8_t> next = writer.offset(page == pages_.back() ? 0 : at);
        std::copy(next.begin(), next.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(writer.next_place(page->directory)));
        sink_.write(bytes);
    }
    sink_.write_at(0, writer.header(first));
}

std::unique_ptr<RowFileWriter> create_tiff_rows(const ImageDocument& description,
                                                std::int64_t pages, const WriteOptions& options,
                                                ByteSink& sink) {
    return std::make_unique<TiffFileWriter>(description, pages, options, sink);
}

void write_tiff(ImageDocument document, const WriteOptions& options, ByteSink& sink,
                std::vector<std::string>& notes) {
    const auto count = static_cast<std::int64_t>(document.pages.size());
    TiffFileWriter writer(document, count, options, sink);
    for (Image& page : document.pages) {
        const PageHeader header{{page.type, page.shape, page.has_alpha}, document.metadata};
        const std::unique_ptr<RowWriter> rows = writer.add_page(header);
        rows->write({0, page.shape.H}, page);
        rows->finish();
        page.samples.reset();
    }
    writer.finish();
    notes.insert(notes.end(), writer.notes().begin(), writer.notes().end());
}

}  // namespace conv
