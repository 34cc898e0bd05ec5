#include "support/picture_files.hpp"

#include <cstdio>
// libjpeg's header needs stdio's.
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include <cmath>

namespace conv::test {
namespace {

void append(png_structp png, png_bytep bytes, std::size_t count) {
    static_cast<std::string*>(png_get_io_ptr(png))
        ->append(reinterpret_cast<const char*>(bytes), count);
}

void set_palette(png_structp png, png_infop info, const PngForm& form) {
    std::vector<png_color> palette(std::size_t{1} << form.depth);
    for (std::size_t i = 0; i < palette.size(); ++i) {
        const auto level = static_cast<png_byte>(i * 7);
        palette[i] = {level, static_cast<png_byte>(level + 90), static_cast<png_byte>(255 - level)};
    }
    png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
}

void set_transparency(png_structp png, png_infop info, const PngForm& form) {
    png_byte alphas[] = {0, 100};
    png_color_16 key = {};
    key.gray = 1;
    key.red = key.green = key.blue = 3;
    const bool palette = form.colour_type == PNG_COLOR_TYPE_PALETTE;
    png_set_tRNS(png, info, palette ? alphas : nullptr, palette ? 2 : 0, palette ? nullptr : &key);
}

/// Rows of packed samples, with some of value 1 and 3 for a transparent colour to meet.
std::vector<std::vector<png_byte>> packed_rows(std::size_t bytes, const PngForm& form) {
    std::vector<std::vector<png_byte>> rows(static_cast<std::size_t>(form.height));
    std::uint32_t random = 7;
    for (auto& row : rows) {
        for (std::size_t i = 0; i < bytes; ++i) {
            random = random * 1664525 + 1013904223;
            row.push_back(random >> 30 == 0 ? 3 : static_cast<png_byte>(random >> 22));
        }
    }
    return rows;
}

/// Samples that change slowly over the picture, so that coding keeps them.
JSAMPLE smooth(std::int64_t y, std::int64_t x, int channel) {
    const double value = 128 + 60 * std::sin(static_cast<double>(x) / 9 + channel) +
                         60 * std::cos(static_cast<double>(y) / 7 - channel);
    return static_cast<JSAMPLE>(value);
}

}  // namespace

std::string png_chunk_text(const std::string& type, const std::string& data) {
    const std::string typed = type + data;
    const auto* first = reinterpret_cast<const Bytef*>(typed.data());
    return big(data.size(), 4) + typed + big(crc32(0, first, static_cast<uInt>(typed.size())), 4);
}

std::string png_by_libpng(const PngForm& form) {
    std::string file;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &file, append, nullptr);
    png_set_IHDR(png, info, static_cast<png_uint_32>(form.width),
                 static_cast<png_uint_32>(form.height), form.depth, form.colour_type,
                 form.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    if (form.colour_type == PNG_COLOR_TYPE_PALETTE) set_palette(png, info, form);
    if (form.transparent) set_transparency(png, info, form);
    png_write_info(png, info);
    auto rows = packed_rows(png_get_rowbytes(png, info), form);
    std::vector<png_bytep> pointers;
    for (auto& row : rows) pointers.push_back(row.data());
    png_write_image(png, pointers.data());
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return file;
}

std::string jpeg_by_libjpeg(const JpegForm& form) {
    jpeg_compress_struct info = {};
    jpeg_error_mgr errors = {};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &bytes, &size);
    info.image_width = static_cast<JDIMENSION>(form.width);
    info.image_height = static_cast<JDIMENSION>(form.height);
    info.input_components = form.cmyk ? 4 : form.channels;
    info.in_color_space = form.cmyk ? JCS_CMYK : form.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, form.quality, FALSE);
    info.comp_info[0].h_samp_factor = form.horizontal;
    info.comp_info[0].v_samp_factor = form.vertical;
    if (form.progressive) jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    std::vector<JSAMPLE> row(static_cast<std::size_t>(form.width * info.input_components));
    for (std::int64_t y = 0; y < form.height; ++y) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto channels = static_cast<std::size_t>(info.input_components);
            row[i] =
                smooth(y, static_cast<std::int64_t>(i / channels), static_cast<int>(i % channels));
        }
        JSAMPROW pointer = row.data();
        jpeg_write_scanlines(&info, &pointer, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    const std::string file(reinterpret_cast<const char*>(bytes), size);
    std::free(bytes);
    return file;
}

std::string with_segments(const std::string& jpeg,
                          const std::vector<std::pair<int, std::string>>& segments) {
    std::string put;
    for (const auto& [marker, data] : segments)
        put += "\xff" + std::string(1, static_cast<char>(marker)) + big(data.size() + 2, 2) + data;
    return jpeg.substr(0, 2) + put + jpeg.substr(2);
}

std::string npy_of(const std::string& header, const std::string& samples) {
    const std::string line = header + std::string(117 - header.size(), ' ') + '\n';
    return std::string("\x93NUMPY\1\0", 8) + little(line.size(), 2) + line + samples;
}

bool file_holds(const std::string& path, const std::string& bytes) {
    return read_bytes(path).find(bytes) != std::string::npos;
}

}  // namespace conv::test
