#include "tiff_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <span>

#include "base/size.hpp"
#include "pixel_rows.hpp"
#include "tiff_memory.hpp"
#include "tiff_samples.hpp"

namespace conv {
namespace {

constexpr int kMostChannels = 512;
constexpr int kMostPages = 65535;

/// What the directory of one page says.
struct TiffPage {
    std::int64_t width = 0, height = 0;
    int channels = 1, photometric = 0, compression = 0, orientation = 1;
    bool separate_planes = false, is_tiled = false, is_secondary = false;
    std::optional<int> last_extra;  ///< what the last channel is said to be
    TiffSampleForm form;

    bool is_palette() const { return photometric == PHOTOMETRIC_PALETTE; }
    std::int64_t picture_channels() const { return is_palette() ? 3 : channels; }
    bool has_alpha() const {
        const bool known_range =
            form.result() != SampleType::f32 || form.format == SAMPLEFORMAT_IEEEFP;
        return known_range && !is_palette() && last_extra &&
               (*last_extra == EXTRASAMPLE_ASSOCALPHA || *last_extra == EXTRASAMPLE_UNASSALPHA);
    }
};

[[noreturn]] void refuse_damaged(const std::string& name) {
    const std::string said = take_tiff_message();
    fail(ErrorKind::input, "{}: the TIFF is damaged{}{}", name, said.empty() ? "" : ": ", said);
}

template <typename T>
T tag(TIFF* tiff, std::uint32_t number, T otherwise) {
    T value = otherwise;
    return TIFFGetFieldDefaulted(tiff, number, &value) == 1 ? value : otherwise;
}

TiffPage read_directory(TIFF* tiff, const std::string& name) {
    TiffPage page;
    page.width = tag<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
    page.height = tag<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
    page.channels = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    page.compression = tag<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    page.orientation = tag<std::uint16_t>(tiff, TIFFTAG_ORIENTATION, 1);
    page.separate_planes = page.channels > 1 && tag<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, 1) ==
                                                    PLANARCONFIG_SEPARATE;
    page.is_tiled = TIFFIsTiled(tiff) != 0;
    const auto kind = tag<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE, 0);
    page.is_secondary = (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
    const int without = page.channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    std::uint16_t photometric = 0;
    page.photometric =
        TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric) == 1 ? photometric : without;
    std::uint16_t extra_count = 0;
    const std::uint16_t* extras = nullptr;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extras);
    if (extra_count > 0 && extras) page.last_extra = extras[extra_count - 1];
    page.form.bits = tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    page.form.format = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (page.form.format == SAMPLEFORMAT_VOID) page.form.format = SAMPLEFORMAT_UINT;
    page.form.inverted = page.photometric == PHOTOMETRIC_MINISWHITE;
    if (page.photometric == PHOTOMETRIC_YCBCR && page.compression == COMPRESSION_JPEG) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        page.photometric = PHOTOMETRIC_RGB;
    }
    if (page.channels > kMostChannels) {
        fail(ErrorKind::unsupported, "{}: a TIFF of {} channels is not read, up to {} are", name,
             page.channels, kMostChannels);
    }
    return page;
}

void check_supported(const TiffPage& page, const std::string& name) {
    struct Name {
        int photometric;
        const char* words;
    };
    for (const Name& refused :
         {Name{PHOTOMETRIC_SEPARATED, "CMYK"}, Name{PHOTOMETRIC_YCBCR, "YCbCr"},
          Name{PHOTOMETRIC_CIELAB, "CIE Lab"}, Name{PHOTOMETRIC_ICCLAB, "ICC Lab"},
          Name{PHOTOMETRIC_ITULAB, "ITU Lab"}, Name{PHOTOMETRIC_LOGL, "LogL"},
          Name{PHOTOMETRIC_LOGLUV, "LogLuv"}, Name{PHOTOMETRIC_CFA, "colour filter array"}}) {
        if (page.photometric != refused.photometric) continue;
        fail(ErrorKind::unsupported,
             "{}: {} samples of a TIFF are not read, convert it to RGB first", name, refused.words);
    }
    if (!page.form.is_known() || (page.is_palette() && page.form.bits > 16)) {
        fail(ErrorKind::unsupported,
             "{}: a TIFF of {} bits a sample in format {}{} is not read; 1 to 16, 32 and 64 are",
             name, page.form.bits, page.form.format, page.form.inverted ? ", white is zero," : "");
    }
    if (page.is_palette() && page.channels != 1) {
        fail(ErrorKind::unsupported, "{}: a TIFF palette with further channels is not read", name);
    }
    if (!TIFFIsCODECConfigured(static_cast<std::uint16_t>(page.compression))) {
        fail(ErrorKind::unsupported, "{}: TIFF compression {} is not read, use LZW or deflate",
             name, page.compression);
    }
}

/// The best that a compression can do, for those that have a bound.
std::optional<std::int64_t> best_ratio(int compression) {
    switch (compression) {
        case COMPRESSION_NONE:
            return 1;
        case COMPRESSION_PACKBITS:
            return 64;
        case COMPRESSION_LZW:
            return 3000;  // 4096 bytes for 12 bits
        case COMPRESSION_DEFLATE:
        case COMPRESSION_ADOBE_DEFLATE:
            return 1100;
        default:
            return std::nullopt;
    }
}

void check_size(const TiffPage& page, const FileInput& input) {
    const auto bytes = static_cast<std::int64_t>(sample_bytes(page.form.result()));
    check_declared_size(input, {page.width, page.height, page.picture_channels(), bytes});
    const std::int64_t packed =
        ceil_div(page.width * page.channels * page.form.bits, 8) * page.height;
    if (const auto ratio = best_ratio(page.compression)) check_plausible(input, packed, *ratio);
}

/// Where the strips or tiles of a page lie and how large they are.
struct Blocks {
    std::int64_t width = 0, height = 0;  ///< of one block, in pixels
    std::int64_t row_bytes = 0, bytes = 0;
    std::int64_t across = 0, down = 0;
};

Blocks blocks_of(TIFF* tiff, const TiffPage& page, const std::string& name) {
    Blocks blocks;
    if (page.is_tiled) {
        blocks.width = tag<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
        blocks.height = tag<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
        blocks.row_bytes = TIFFTileRowSize(tiff);
        blocks.bytes = TIFFTileSize(tiff);
    } else {
        blocks.width = page.width;
        blocks.height = std::min<std::int64_t>(
            tag<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, UINT32_MAX), page.height);
        blocks.row_bytes = TIFFScanlineSize(tiff);
        blocks.bytes = TIFFVStripSize(tiff, static_cast<std::uint32_t>(blocks.height));
    }
    const std::int64_t samples = page.separate_planes ? 1 : page.channels;
    const bool sound = blocks.width > 0 && blocks.height > 0 &&
                       blocks.row_bytes >= ceil_div(blocks.width * samples * page.form.bits, 8) &&
                       blocks.bytes / blocks.row_bytes >= blocks.height;
    // A tile may exceed the picture, but not by any amount that a header can state.
    const std::int64_t most =
        (std::int64_t{64} << 20) + 8 * page.width * page.height * page.channels;
    if (!sound || blocks.bytes > most) {
        fail(ErrorKind::input, "{}: the TIFF is damaged: its strips or tiles have no sound size",
             name);
    }
    blocks.across = ceil_div(page.width, blocks.width);
    blocks.down = ceil_div(page.height, blocks.height);
    return blocks;
}

/// Decodes one page into a picture.
class PageReader {
public:
    PageReader(TIFF* tiff, const TiffPage& page, const std::string& name)
        : tiff_(tiff),
          page_(page),
          name_(name),
          reader_(page.form),
          blocks_(blocks_of(tiff, page, name)) {
        if (page.is_palette()) read_palette();
    }

    Image read() {
        Image picture = Image::interleaved(page_.form.result(), page_.picture_channels(),
                                           page_.height, page_.width, page_.has_alpha());
        if (page_.is_palette() && picture.type != SampleType::u8) {
            picture = Image::interleaved(SampleType::u8, 3, page_.height, page_.width);
        }
        std::vector<std::uint8_t> block(static_cast<std::size_t>(blocks_.bytes));
        const int planes = page_.separate_planes ? page_.channels : 1;
        for (int plane = 0; plane < planes; ++plane) {
            for (std::int64_t row = 0; row < blocks_.down; ++row) {
                for (std::int64_t column = 0; column < blocks_.across; ++column) {
                    const std::int64_t index =
                        (plane * blocks_.down + row) * blocks_.across + column;
                    place(block, index, row * blocks_.height, column * blocks_.width, plane,
                          picture);
                }
            }
        }
        return picture;
    }

private:
    void read_palette() {
        const std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
        if (TIFFGetField(tiff_, TIFFTAG_COLORMAP, &red, &green, &blue) != 1) {
            fail(ErrorKind::input, "{}: the TIFF is damaged: its palette is missing", name_);
        }
        const std::size_t count = std::size_t{1} << page_.form.bits;
        for (const std::uint16_t* colour : {red, green, blue}) {
            palette_.insert(palette_.end(), colour, colour + count);
        }
        // Some writers put 8-bit values where 16 bits belong.
        const bool small = *std::max_element(palette_.begin(), palette_.end()) < 256;
        for (std::uint16_t& value : palette_)
            value = static_cast<std::uint16_t>(small ? value : value >> 8);
    }

    void decode(std::vector<std::uint8_t>& block, std::int64_t index, std::int64_t needed) {
        const auto number = static_cast<std::uint32_t>(index);
        const auto size = static_cast<tmsize_t>(page_.is_tiled ? blocks_.bytes : needed);
        const tmsize_t got = page_.is_tiled
                                 ? TIFFReadEncodedTile(tiff_, number, block.data(), size)
                                 : TIFFReadEncodedStrip(tiff_, number, block.data(), size);
        if (got < needed) refuse_damaged(name_);
    }

    void place(std::vector<std::uint8_t>& block, std::int64_t index, std::int64_t y, std::int64_t x,
               int plane, Image& picture) {
        const std::int64_t rows = std::min(blocks_.height, page_.height - y);
        const std::int64_t columns = std::min(blocks_.width, page_.width - x);
        decode(block, index, rows * blocks_.row_bytes);
        const auto bytes = static_cast<std::int64_t>(sample_bytes(picture.type));
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::uint8_t* stored = block.data() + row * blocks_.row_bytes;
            auto* out = picture.data<std::uint8_t>() +
                        ((y + row) * picture.strides.H + x * picture.strides.W + plane) * bytes;
            place_row(stored, columns, out);
        }
    }

    void place_row(const std::uint8_t* stored, std::int64_t columns, std::uint8_t* out) {
        const std::int64_t samples = page_.separate_planes ? columns : columns * page_.channels;
        if (page_.is_palette()) {
            indices_.resize(static_cast<std::size_t>(columns));
            reader_.read_indices(stored, columns, indices_.data());
            const std::size_t count = palette_.size() / 3;
            for (const std::uint16_t index : indices_) {
                for (std::size_t c = 0; c < 3; ++c) {
                    *out++ = static_cast<std::uint8_t>(palette_[c * count + index]);
                }
            }
        } else if (page_.form.is_plain() && !page_.separate_planes) {
            std::memcpy(out, stored,
                        static_cast<std::size_t>(samples) * sample_bytes(page_.form.result()));
        } else {
            reader_.read(stored, samples, out, page_.separate_planes ? page_.channels : 1);
        }
    }

    TIFF* tiff_;
    const TiffPage& page_;
    const std::string& name_;
    TiffSampleReader reader_;
    Blocks blocks_;
    std::vector<std::uint16_t> palette_;  ///< red, green and blue values of 0 to 255
    std::vector<std::uint16_t> indices_;
};

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
    Image picture = PageReader(tiff, page, name).read();
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
    if (!tiff) refuse_damaged(input.name);
    ImageDocument document;
    ReadOptions& limits = input.options;
    for (int directory = 0; directory < kMostPages; ++directory) {
        const TiffPage page = read_directory(tiff.get(), input.name);
        if (page.is_secondary && directory > 0) {
            note_once(document.notes, "reduced pictures and masks of the TIFF are not read");
        } else {
            check_supported(page, input.name);
            check_size(page, input);
            if (document.pages.empty()) {
                document.metadata = read_metadata(tiff.get());
                if (has_exif(tiff.get())) document.metadata.exif = exif_of_tiff(memory.input);
            }
            document.pages.push_back(read_page(tiff.get(), page, input.name, document));
            limits.max_pixels -= page.width * page.height;
            if (limits.max_memory) *limits.max_memory -= bytes_of(document.pages.back());
        }
        if (TIFFLastDirectory(tiff.get())) break;
        if (!TIFFReadDirectory(tiff.get())) refuse_damaged(input.name);
    }
    return document;
}

}  // namespace conv
