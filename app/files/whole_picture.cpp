#include "files/whole_picture.hpp"

#include <utility>

namespace conv {
namespace {

Image read_page(RowFileReader& file, std::int64_t page, const PictureInfo& info) {
    const auto [N, C, H, W] = info.shape;
    Image picture = info.planar ? Image::planar(info.type, C, H, W)
                                : Image::interleaved(info.type, C, H, W, info.has_alpha);
    const std::unique_ptr<RowReader> rows = file.rows(page);
    rows->read({0, H}, picture);
    rows->finish();
    return picture;
}

}  // namespace

ImageDocument read_whole(FileInput input, decltype(FileFormat::open_rows) open_rows) {
    auto source = std::make_unique<ByteSource>(std::move(input.bytes), input.name);
    const std::unique_ptr<RowFileReader> file = open_rows(std::move(source), input.options);
    ImageDocument document = file->document();
    for (std::int64_t page = 0; page < file->page_count(); ++page) {
        PageHeader header = file->header(page);
        const PictureInfo& info = header.picture;
        check_declared_size(
            input.name, input.options,
            {info.shape.W, info.shape.H, info.shape.C,
             static_cast<std::int64_t>(sample_bytes(info.type)), file->page_count()});
        document.pages.push_back(read_page(*file, page, info));
        if (page == 0) document.metadata = std::move(header.metadata);
    }
    apply_orientation(document);
    return document;
}

void write_whole(ImageDocument document, decltype(FileFormat::create_rows) create_rows,
                 const WholeOutput& output) {
    std::vector<Image> pages = std::exchange(document.pages, {});
    const auto file =
        create_rows(document, static_cast<std::int64_t>(pages.size()), output.options, output.sink);
    for (Image& page : pages) {
        PictureInfo info;
        info.type = page.type;
        info.shape = page.shape;
        info.has_alpha = page.has_alpha;
        const std::unique_ptr<RowWriter> rows = file->add_page({info, document.metadata});
        rows->write({0, page.shape.H}, page);
        rows->finish();
        page = {};
    }
    file->finish();
    output.notes.insert(output.notes.end(), file->notes().begin(), file->notes().end());
}

}  // namespace conv
