#include "files/formats/tiff/tiff_row_reader.hpp"

#include <utility>

namespace conv {
namespace {

/// Orientation 1 to 8 as steps: whether rows and columns are exchanged, then which run backwards.
struct Turn {
    bool transposed, rows_back, columns_back;  ///< of the stored picture
};

Turn turn_of(int orientation) {
    constexpr Turn kTurns[9] = {{false, false, false}, {false, false, false}, {false, false, true},
                                {false, true, true},   {false, true, false},  {true, false, false},
                                {true, true, false},   {true, true, true},    {true, false, true}};
    return kTurns[orientation >= 1 && orientation <= 8 ? orientation : 1];
}

/// The same memory with the first sample at (y, x) and steps as given.
Image view_of(const Image& image, std::int64_t offset, std::int64_t row, std::int64_t column) {
    Image view = image;
    view.strides.H = row;
    view.strides.W = column;
    const std::int64_t bytes = offset * static_cast<std::int64_t>(sample_bytes(image.type));
    view.samples = Samples(image.samples, image.data<std::uint8_t>() + bytes);
    return view;
}

}  // namespace

TiffRowReader::TiffRowReader(const TiffPageSource& source)
    : stored_(source.page.stored_picture()),
      info_(seen_picture(source.page)),
      orientation_(source.page.orientation),
      decoder_(row_decoder(source)) {}

std::int64_t TiffRowReader::memory_bytes() const {
    const std::int64_t whole =
        turn_of(orientation_).transposed ? picture_bytes(stored_.type, stored_.shape) : 0;
    return decoder_->memory_bytes() + whole;
}

void TiffRowReader::read(RowRange rows, const Image& band) {
    const Turn turn = turn_of(orientation_);
    if (turn.transposed) return read_turned(rows, band);
    const std::int64_t row = band.strides.H, column = band.strides.W;
    const std::int64_t first =
        turn.rows_back ? stored_.shape.H - rows.first - rows.count : rows.first;
    const std::int64_t offset = (turn.rows_back ? (rows.count - 1) * row : 0) +
                                (turn.columns_back ? (stored_.shape.W - 1) * column : 0);
    const Image view =
        view_of(band, offset, turn.rows_back ? -row : row, turn.columns_back ? -column : column);
    decoder_->decode({first, rows.count}, {view, first});
}

void TiffRowReader::read_turned(RowRange rows, const Image& band) {
    if (!whole_.samples) {
        whole_ =
            Image::interleaved(stored_.type, stored_.shape.C, stored_.shape.H, stored_.shape.W);
        decoder_->decode({0, stored_.shape.H}, {whole_, 0});
    }
    const Turn turn = turn_of(orientation_);
    const std::int64_t row = whole_.strides.H, column = whole_.strides.W;
    // A seen row is a stored column.
    const std::int64_t offset = (turn.rows_back ? (stored_.shape.H - 1) * row : 0) +
                                (turn.columns_back ? (stored_.shape.W - 1) * column : 0);
    Image seen =
        view_of(whole_, offset, turn.columns_back ? -column : column, turn.rows_back ? -row : row);
    seen.shape.H = info_.shape.H;
    seen.shape.W = info_.shape.W;
    for (std::int64_t y = rows.first; y < rows.first + rows.count; ++y) {
        copy_row({seen, 0}, {band, rows.first}, y);
    }
}

}  // namespace conv
