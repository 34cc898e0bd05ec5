#include "files/formats/png/png_file.hpp"

#include "files/formats/png/png_reader.hpp"
#include "files/formats/png/png_writer.hpp"
#include "files/whole_picture.hpp"

namespace conv {
namespace {

bool is_png(ByteView head) {
    return has_at(head, 1, "PNG");
}

ImageDocument read_png(FileInput input) {
    return read_whole(std::move(input), open_png);
}

void write_png(ImageDocument document, const WriteOptions& options, ByteSink& sink,
               std::vector<std::string>& notes) {
    write_whole(std::move(document), create_png, {options, sink, notes});
}

}  // namespace

FileFormat png_format() {
    return {.holds = {.name = "png",
                      .extensions = {"png"},
                      .sample_types = {SampleType::u8, SampleType::u16},
                      .colours = {1, 3},
                      .alpha = true,
                      .pages = false,
                      .largest_side = 1'000'000},
            .recognises = is_png,
            .read = read_png,
            .write = write_png,
            .open_rows = open_png,
            .create_rows = create_png};
}

}  // namespace conv
