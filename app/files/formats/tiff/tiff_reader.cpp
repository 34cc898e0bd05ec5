#include "files/formats/tiff/tiff_reader.hpp"

#include <algorithm>
#include <cmath>

#include "files/formats/tiff/tiff_directory.hpp"
#include "files/formats/tiff/tiff_exif.hpp"
#include "files/formats/tiff/tiff_memory.hpp"
#include "files/formats/tiff/tiff_page_reader.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

constexpr int kMostPages = 65535;

/// Divides colours by alpha, in place: associated alpha holds them multiplied by it.
template <typename Sample>
void make_straight(Image& picture) {
    const double full = sample_maximum(picture.type);
    const std::int64_t C = picture.shape.C;
    Sample* pixel = picture.data<Sample>();
    for (std::int64_t i = 0; i < picture.shape.H * picture.shape.W; ++i, pixel += C) {
        const double alpha = static_cast<double>(pixel[C - 1]);
        for (std::int64_t c = 0; c + 1 < C; ++c) {
            const double colour = alpha > 0 ? static_cast<double>(pixel[c]) * full / alpha : 0;
            if constexpr (std::is_integral_v<Sample>) {
                pixel[c] = static_cast<Sample>(std::lround(std::min(colour, full)));
            } else {
                pixel[c] = static_cast<Sample>(colour);
            }
        }
    }
}

void note_once(std::vector<std::string>& notes, std::string note) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end())
        notes.push_back(std::move(note));
}

void add_notes(const TiffPage& page, std::vector<std::string>& notes) {
    const TiffSampleForm& form = page.form;
    if (page.is_palette())
        note_once(notes, "palette expanded to RGB");
    else if (form.result() == SampleType::f32 && !form.is_plain()) {
        note_once(notes, fmt::format("{}-bit {} samples computed as float32", form.bits,
                                     form.format == SAMPLEFORMAT_INT    ? "signed"
                                     : form.format == SAMPLEFORMAT_UINT ? "unsigned"
                                                                        : "float"));
    } else if (form.bits % 8 != 0) {
        note_once(notes, fmt::format("{}-bit samples scaled to {} bits", form.bits,
                                     form.bits > 8 ? 16 : 8));
    }
    if (form.inverted) note_once(notes, "white-is-zero samples inverted");
}

Image read_page(TIFF* tiff, const TiffPage& page, const std::string& name,
                ImageDocument& document) {
    Image picture = read_tiff_page(tiff, page, name);
    add_notes(page, document.notes);
    if (picture.has_alpha && *page.last_extra == EXTRASAMPLE_ASSOCALPHA) {
        note_once(document.notes, "associated alpha made straight");
        if (picture.type == SampleType::u8)
            make_straight<std::uint8_t>(picture);
        else if (picture.type == SampleType::u16)
            make_straight<std::uint16_t>(picture);
        else
            make_straight<float>(picture);
    }
    if (page.orientation >= 2 && page.orientation <= 8) {
        note_once(document.notes, fmt::format("TIFF orientation {} applied", page.orientation));
        picture = oriented(std::move(picture), page.orientation);
    }
    return picture;
}

std::int64_t bytes_of(const Image& picture) {
    return picture.shape.C * picture.shape.H * picture.shape.W *
           static_cast<std::int64_t>(sample_bytes(picture.type));
}

Metadata read_metadata(TIFF* tiff) {
    Metadata metadata;
    std::uint32_t size = 0;
    const std::uint8_t* profile = nullptr;
    if (TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &size, &profile) == 1) {
        metadata.icc_profile.assign(profile, profile + size);
    }
    float x = 0, y = 0;
    const int unit = tag<std::uint16_t>(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    if (TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x) == 1 &&
        TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y) == 1 && unit != RESUNIT_NONE) {
        const double inches = unit == RESUNIT_CENTIMETER ? 2.54 : 1;
        metadata.x_per_inch = static_cast<double>(x) * inches;
        metadata.y_per_inch = static_cast<double>(y) * inches;
    }
    return metadata;
}

/// True when the page has an EXIF directory or any tag worth carrying: reading them is not free.
bool has_exif(TIFF* tiff) {
    toff_t directory = 0;
    const char* text = nullptr;
    for (const int number : {TIFFTAG_EXIFIFD, TIFFTAG_GPSIFD}) {
        if (TIFFGetField(tiff, static_cast<std::uint32_t>(number), &directory) == 1) return true;
    }
    for (const int number : {TIFFTAG_MAKE, TIFFTAG_MODEL, TIFFTAG_DATETIME, TIFFTAG_ARTIST,
                             TIFFTAG_COPYRIGHT, TIFFTAG_IMAGEDESCRIPTION}) {
        if (TIFFGetField(tiff, static_cast<std::uint32_t>(number), &text) == 1) return true;
    }
    return false;
}

}  // namespace

ImageDocument read_tiff(FileInput input) {
    take_tiff_message();
    TiffMemory memory;
    memory.input = input.bytes.view();
    const TiffHandle tiff = open_tiff(memory, "r");
    if (!tiff) refuse_damaged_tiff(input.name);
    ImageDocument document;
    ReadOptions& limits = input.options;
    for (int directory = 0; directory < kMostPages; ++directory) {
        const TiffPage page = read_tiff_directory(tiff.get(), input.name);
        if (page.is_secondary && directory > 0) {
            note_once(document.notes, "reduced pictures and masks of the TIFF are not read");
        } else {
            check_tiff_page(page, input);
            if (document.pages.empty()) {
                document.metadata = read_metadata(tiff.get());
                if (has_exif(tiff.get())) document.metadata.exif = exif_of_tiff(memory.input);
            }
            document.pages.push_back(read_page(tiff.get(), page, input.name, document));
            limits.max_pixels -= page.width * page.height;
            if (limits.max_memory) *limits.max_memory -= bytes_of(document.pages.back());
        }
        if (TIFFLastDirectory(tiff.get())) break;
        if (!TIFFReadDirectory(tiff.get())) refuse_damaged_tiff(input.name);
    }
    return document;
}

}  // namespace conv
