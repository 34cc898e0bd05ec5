#include "files/formats/tiff/tiff_file_reader.hpp"

#include "base/error.hpp"
#include "files/formats/tiff/encoded_tiff_page.hpp"
#include "files/formats/tiff/tiff_metadata.hpp"
#include "files/formats/tiff/tiff_row_reader.hpp"

namespace conv {
TiffFileReader::TiffFileReader(std::unique_ptr<TiffBytes> bytes, int threads)
    : bytes_(std::move(bytes)),
      parser_(*bytes_),
      list_(list_tiff_pages(*bytes_, parser_)),
      threads_(threads) {
    document_.format = "tiff";
    // What cannot be read is refused before anything is written.
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < list_.pages.size(); ++i) {
        if (list_.pages[i].directory == last) continue;
        last = list_.pages[i].directory;
        for (const std::string& note : sample_notes(page_at(static_cast<std::int64_t>(i)))) {
            note_once(document_.notes, note);
        }
    }
    if (list_.has_others) {
        note_once(document_.notes, "reduced pictures and masks of the TIFF are not read");
    }
    document_.metadata = header(0).metadata;
}

TiffPage TiffFileReader::page_at(std::int64_t page) const {
    const std::uint64_t offset = list_.pages[static_cast<std::size_t>(page)].directory;
    const std::optional<TiffEntries> entries = parser_.entries(offset);
    const TiffHandle tiff(*bytes_, offset);
    if (!entries) refuse_damaged_tiff(bytes_->name());
    return read_tiff_directory(tiff.get(), {*bytes_, parser_, *entries});
}

PageHeader TiffFileReader::header(std::int64_t page) {
    const std::uint64_t offset = list_.pages[static_cast<std::size_t>(page)].directory;
    const TiffPage form = page_at(page);
    const std::optional<TiffEntries> entries = parser_.entries(offset);
    PageHeader header{seen_picture(form), read_tiff_metadata({*bytes_, parser_, *entries}, form)};
    auto tags = std::make_shared<TiffTags>(*header.metadata.tiff);
    tags->pages = page_count();
    if (list_.has_others) {
        header.metadata.losses.emplace_back("reduced pictures and masks of the TIFF: left out");
    }
    header.metadata.tiff = std::move(tags);
    return header;
}

std::unique_ptr<RowReader> TiffFileReader::rows(std::int64_t page) {
    const TiffPageEntry& entry = list_.pages[static_cast<std::size_t>(page)];
    return std::make_unique<TiffRowReader>(
        TiffPageSource{*bytes_, entry.directory, entry.samples_later, page_at(page), threads_});
}

std::shared_ptr<const EncodedPage> TiffFileReader::encoded(std::int64_t page) {
    const TiffPageEntry& entry = list_.pages[static_cast<std::size_t>(page)];
    return EncodedTiffPage::open(
        {*bytes_, entry.directory, entry.samples_later, page_at(page), threads_});
}

std::unique_ptr<RowFileReader> open_tiff_rows(std::unique_ptr<ByteSource> source,
                                              const ReadOptions& options) {
    const bool piped = !source->can_seek();
    auto reader = std::make_unique<TiffFileReader>(tiff_bytes(std::move(source)), options.threads);
    if (piped) reader->add_note("held in an unnamed temporary file: a TIFF is not read in order");
    return reader;
}

}  // namespace conv
