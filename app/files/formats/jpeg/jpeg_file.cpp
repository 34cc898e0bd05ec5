#include "files/formats/jpeg/jpeg_file.hpp"

#include "files/formats/jpeg/jpeg_reader.hpp"
#include "files/formats/jpeg/jpeg_writer.hpp"
#include "files/whole_picture.hpp"

namespace conv {
namespace {

bool is_jpeg(ByteView head) {
    return starts_with(head, "\xff\xd8\xff");
}

ImageDocument read_jpeg(FileInput input) {
    return read_whole(std::move(input), open_jpeg);
}

void write_jpeg(ImageDocument document, const WriteOptions& options, ByteSink& sink,
                std::vector<std::string>& notes) {
    write_whole(std::move(document), create_jpeg, {options, sink, notes});
}

}  // namespace

FileFormat jpeg_format() {
    return {.holds = {.name = "jpeg",
                      .extensions = {"jpg", "jpeg", "jpe", "jfif"},
                      .sample_types = {SampleType::u8},
                      .colours = {1, 3},
                      .alpha = false,
                      .pages = false,
                      .largest_side = 65500},
            .recognises = is_jpeg,
            .read = read_jpeg,
            .write = write_jpeg,
            .open_rows = open_jpeg,
            .create_rows = create_jpeg};
}

}  // namespace conv
