#include "files/formats/jpeg/jpeg_file.hpp"

#include "files/formats/jpeg/jpeg_reader.hpp"
#include "files/formats/jpeg/jpeg_writer.hpp"

namespace conv {
namespace {

bool is_jpeg(ByteView head) {
    return starts_with(head, "\xff\xd8\xff");
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
            .read = nullptr,
            .write = nullptr,
            .open_rows = open_jpeg,
            .create_rows = create_jpeg};
}

}  // namespace conv
