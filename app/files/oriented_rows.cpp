#include "files/oriented_rows.hpp"

#include <fmt/format.h>

#include <utility>

#include "files/exif.hpp"
#include "files/page_patch.hpp"
#include "files/pixel_rows.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

Image moved_by(const Image& picture, std::int64_t elements) {
    Image at = picture;
    at.samples = {picture.samples,
                  picture.data<const std::byte>() +
                      elements * static_cast<std::int64_t>(sample_bytes(picture.type))};
    return at;
}

/// The same samples, each row from right to left.
Image mirrored(const Image& picture) {
    Image view = moved_by(picture, (picture.shape.W - 1) * picture.strides.W);
    view.strides.W = -picture.strides.W;
    return view;
}

/// The same samples, the last row first.
Image upside_down(const Image& picture) {
    Image view = moved_by(picture, (picture.shape.H - 1) * picture.strides.H);
    view.strides.H = -picture.strides.H;
    return view;
}

/// The same samples, rows and columns exchanged.
Image transposed(Image picture) {
    std::swap(picture.shape.H, picture.shape.W);
    std::swap(picture.strides.H, picture.strides.W);
    return picture;
}

bool mirrors_columns(int orientation) {
    return orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
}

bool mirrors_rows(int orientation) {
    return orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
}

/// Orientations 2 to 4: bands are filled in the order in which they are stored.
class MirroredRows final : public RowReader {
public:
    MirroredRows(std::unique_ptr<RowReader> rows, int orientation)
        : rows_(std::move(rows)), orientation_(orientation) {}

    const PictureInfo& info() const override { return rows_->info(); }
    bool can_seek() const override { return rows_->can_seek(); }
    std::int64_t memory_bytes() const override { return rows_->memory_bytes(); }
    void read(RowRange rows, const Image& band) override {
        Image stored = mirrors_columns(orientation_) ? mirrored(band) : band;
        if (mirrors_rows(orientation_)) {
            rows.first = info().shape.H - rows.first - rows.count;
            stored = upside_down(stored);
        }
        rows_->read(rows, stored);
    }
    void finish() override { rows_->finish(); }

private:
    std::unique_ptr<RowReader> rows_;
    int orientation_;
};

/// Any orientation of a picture that is kept.
class KeptPicture final : public RowReader {
public:
    KeptPicture(std::unique_ptr<RowReader> rows, int orientation)
        : rows_(std::move(rows)), orientation_(orientation), info_(rows_->info()) {
        if (orientation >= 5) std::swap(info_.shape.H, info_.shape.W);
        info_.planar = false;
    }

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return true; }
    std::int64_t memory_bytes() const override {
        return rows_->memory_bytes() + picture_bytes(info_.type, info_.shape);
    }
    void read(RowRange rows, const Image& band) override {
        if (!seen_.samples) seen_ = read_all();
        copy_rows(rows_of(seen_, rows.first, rows.count), band);
    }
    void finish() override { rows_->finish(); }

private:
    Image read_all() {
        const PictureInfo& stored = rows_->info();
        const Shape& shape = stored.shape;
        Image picture =
            Image::interleaved(stored.type, shape.C, shape.H, shape.W, stored.has_alpha);
        rows_->read({0, shape.H}, picture);
        if (orientation_ >= 5) picture = transposed(picture);
        if (mirrors_columns(orientation_)) picture = mirrored(picture);
        return mirrors_rows(orientation_) ? upside_down(picture) : picture;
    }

    std::unique_ptr<RowReader> rows_;
    int orientation_;
    PictureInfo info_;
    Image seen_;
};

class OrientedFile final : public RowFileReader, public EncodedSource {
public:
    explicit OrientedFile(std::unique_ptr<RowFileReader> file)
        : file_(std::move(file)), document_(file_->document()) {
        PageHeader first = file_->header(0);
        orient_header(first, document_.notes);
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return file_->page_count(); }
    PageHeader header(std::int64_t page) override {
        PageHeader header = file_->header(page);
        std::vector<std::string> said;
        orient_header(header, said);
        return header;
    }
    std::unique_ptr<RowReader> rows(std::int64_t page) override {
        PageHeader header = file_->header(page);
        std::vector<std::string> said;
        return oriented_rows(file_->rows(page), orient_header(header, said));
    }
    std::shared_ptr<const EncodedPage> encoded(std::int64_t page) override {
        PageHeader header = file_->header(page);
        std::vector<std::string> said;
        auto* source = dynamic_cast<EncodedSource*>(file_.get());
        return source && orient_header(header, said) == 1 ? source->encoded(page) : nullptr;
    }

private:
    std::unique_ptr<RowFileReader> file_;
    ImageDocument document_;
};

}  // namespace

int orient_header(PageHeader& header, std::vector<std::string>& notes) {
    const int orientation = reset_exif_orientation(header.metadata.exif);
    if (orientation < 2 || orientation > 8) return 1;
    if (orientation >= 5) {
        std::swap(header.picture.shape.H, header.picture.shape.W);
        std::swap(header.metadata.x_per_inch, header.metadata.y_per_inch);
        header.picture.planar = false;
    }
    notes.push_back(fmt::format("EXIF orientation {} applied", orientation));
    return orientation;
}

std::unique_ptr<RowReader> oriented_rows(std::unique_ptr<RowReader> rows, int orientation) {
    if (orientation <= 1 || orientation > 8) return rows;
    if (orientation == 2 || (orientation <= 4 && rows->can_seek())) {
        return std::make_unique<MirroredRows>(std::move(rows), orientation);
    }
    return std::make_unique<KeptPicture>(std::move(rows), orientation);
}

std::unique_ptr<RowFileReader> oriented_file(std::unique_ptr<RowFileReader> file) {
    return std::make_unique<OrientedFile>(std::move(file));
}

}  // namespace conv
