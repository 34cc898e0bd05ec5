#include "files/row_document.hpp"

#include <utility>

#include "files/pixel_rows.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

class PictureRows final : public RowReader {
public:
    explicit PictureRows(Image picture) : picture_(std::move(picture)), info_(info_of(picture_)) {}

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return true; }
    std::int64_t memory_bytes() const override { return picture_bytes(info_.type, info_.shape); }
    void read(RowRange rows, const Image& band) override {
        copy_rows(rows_of(picture_, rows.first, rows.count), band);
    }

private:
    Image picture_;
    PictureInfo info_;
};

class DocumentRows final : public RowFileReader {
public:
    DocumentRows(ImageDocument document, DocumentPages pages)
        : document_(std::move(document)),
          pages_(std::move(document_.pages)),
          stay_(pages == DocumentPages::stay) {
        document_.pages.clear();
        for (const Image& page : pages_) infos_.push_back(info_of(page));
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return static_cast<std::int64_t>(pages_.size()); }
    PageHeader header(std::int64_t page) override {
        return {infos_[static_cast<std::size_t>(page)], document_.metadata};
    }
    std::unique_ptr<RowReader> rows(std::int64_t page) override {
        Image& picture = pages_[static_cast<std::size_t>(page)];
        return std::make_unique<PictureRows>(stay_ ? picture : std::exchange(picture, {}));
    }

private:
    ImageDocument document_;
    std::vector<Image> pages_;
    bool stay_;
    std::vector<PictureInfo> infos_;  ///< asked for after a page has gone, too
};

}  // namespace

ImageDocument read_document(RowFileReader& reader, const std::string& name,
                            const ReadOptions& options) {
    ImageDocument document = reader.document();
    for (std::int64_t n = 0; n < reader.page_count(); ++n) {
        PageHeader header = reader.header(n);
        const PictureInfo& picture = header.picture;
        const Shape& shape = picture.shape;
        check_declared_size(
            name, options,
            {shape.W, shape.H, shape.C, static_cast<std::int64_t>(sample_bytes(picture.type)),
             reader.page_count()});
        Image page = picture.planar ? Image::planar(picture.type, shape.C, shape.H, shape.W)
                                    : Image::interleaved(picture.type, shape.C, shape.H, shape.W);
        page.has_alpha = picture.has_alpha;
        const std::unique_ptr<RowReader> rows = reader.rows(n);
        rows->read({0, shape.H}, page);
        rows->finish();
        document.pages.push_back(std::move(page));
        if (n == 0) document.metadata = std::move(header.metadata);
    }
    return document;
}

void write_document(const ImageDocument& document, RowFileWriter& writer) {
    for (const Image& page : document.pages) {
        const std::unique_ptr<RowWriter> rows = writer.add_page({info_of(page), document.metadata});
        rows->write({0, page.shape.H}, page);
        rows->finish();
    }
    writer.finish();
}

std::unique_ptr<RowFileReader> document_rows(ImageDocument document, DocumentPages pages) {
    return std::make_unique<DocumentRows>(std::move(document), pages);
}

}  // namespace conv
