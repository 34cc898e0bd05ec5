#include "files/formats/png/png_file.hpp"

#include "files/formats/png/png_reader.hpp"
#include "files/formats/png/png_writer.hpp"

namespace conv {
namespace {

bool is_png(ByteView head) {
    return has_at(head, 1, "PNG");
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
            .read = nullptr,
            .write = nullptr,
            .open_rows = open_png,
            .create_rows = create_png};
}

}  // namespace conv
