#include "filtering/result_files.hpp"

#include <utility>

#include "filtering/region_patch.hpp"
#include "tensor/window.hpp"

namespace conv {

ResultFiles::ResultFiles(const OutputPlan& outputs, const ImageDocument& input,
                         const WriteOptions& options, OutputFiles& files)
    : outputs_(outputs),
      input_(input),
      options_(options),
      files_(files),
      writers_(outputs.files().size()) {}

bool ResultFiles::has_part(std::size_t file) const {
    const std::int64_t page = outputs_.files()[file].page;
    return page < 0 || page == page_;
}

RowFileWriter& ResultFiles::writer_of(std::size_t file, SampleType type, const Metadata& metadata) {
    if (!writers_[file]) {
        ImageDocument description = outputs_.description(input_, type);
        description.metadata = metadata;
        writers_[file] = &files_.add_rows(outputs_.files()[file].path, description,
                                          outputs_.file_pages(), options_);
    }
    return *writers_[file];
}

void ResultFiles::begin_page(std::int64_t page, std::int64_t height,
                             const std::vector<Image>& forms, const Metadata& metadata) {
    page_ = page;
    const auto patch = std::exchange(patch_, std::nullopt);
    const bool one = writers_.size() == 1;
    rows_.clear();
    for (std::size_t file = 0; file < writers_.size(); ++file) {
        rows_.emplace_back();
        if (!has_part(file)) continue;
        const Image band = outputs_.pictures_of(forms, outputs_.files()[file].map).front();
        PageHeader header{info_of(band), metadata};
        header.picture.shape.H = height;
        RowFileWriter& writer = writer_of(file, band.type, metadata);
        // Only where one file has all of the page.
        BegunPage begun = conv::begin_page(writer, header, one ? patch : std::nullopt);
        patched_rows_ = begun.changed;
        rows_[file] = std::move(begun.rows);
    }
}

std::int64_t ResultFiles::memory_bytes() const {
    std::int64_t bytes = 0;
    for (const auto& writer : rows_) bytes += writer ? writer->memory_bytes() : 0;
    return bytes;
}

void ResultFiles::write(RowRange rows, const std::vector<Image>& bands) {
    for (std::size_t file = 0; file < rows_.size(); ++file) {
        if (!rows_[file]) continue;
        rows_[file]->write(rows, outputs_.pictures_of(bands, outputs_.files()[file].map).front());
    }
}

void ResultFiles::finish_page() {
    for (std::size_t file = 0; file < rows_.size(); ++file) {
        if (!rows_[file]) continue;
        rows_[file]->finish();
        rows_[file].reset();
        if (outputs_.files()[file].page < 0) continue;
        files_.finish(*writers_[file]);
        writers_[file] = nullptr;
    }
}

void ResultFiles::finish() {
    for (RowFileWriter*& writer : writers_) {
        if (writer) files_.finish(*writer);
        writer = nullptr;
    }
}

}  // namespace conv
