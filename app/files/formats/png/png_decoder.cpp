#include "files/formats/png/png_decoder.hpp"

#include <png.h>

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <exception>

#include "files/formats/png/png_metadata.hpp"

namespace conv {

/// What libpng's callbacks reach: where its bytes come from, and what went wrong.
struct PngDecoder::State {
    ByteSource& source;
    PngChunks& chunks;
    std::vector<std::uint8_t> head;  ///< bytes that come before the source's next
    std::size_t head_at = 0;
    std::size_t passed = 0;  ///< bytes of the source that go through to libpng as they are
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::string message = {};        ///< of libpng's error
    std::string data_message = {};   ///< of its warning that the samples' checksum is wrong
    std::exception_ptr failed = {};  ///< what reading the source threw

    void next_chunk();
    void feed(std::uint8_t* out, std::size_t count);
};

namespace {

/// Puts an IDAT or IEND through; notes or skips any other chunk.
constexpr bool is_decoded(std::string_view type) {
    return type == "IDAT" || type == "IEND";
}

}  // namespace

void PngDecoder::State::next_chunk() {
    const ChunkHead chunk = chunks.next();
    // A file's chunks were noted when it was opened.
    if (!is_decoded(chunk.type)) return chunks.note(chunk, !source.can_seek());
    head.clear();
    for (int shift = 24; shift >= 0; shift -= 8)
        head.push_back(static_cast<std::uint8_t>(chunk.length >> shift));
    head.insert(head.end(), chunk.type.begin(), chunk.type.end());
    head_at = 0;
    passed = std::size_t{chunk.length} + 4;
}

void PngDecoder::State::feed(std::uint8_t* out, std::size_t count) {
    while (count > 0) {
        std::size_t step = std::min(count, head.size() - head_at);
        if (step > 0) {
            std::copy_n(head.begin() + static_cast<std::ptrdiff_t>(head_at), step, out);
            head_at += step;
        } else if (passed > 0) {
            step = std::min(count, passed);
            if (source.read(out, step) < step) {
                fail(ErrorKind::input, "{}: the PNG is truncated, its end mark is missing",
                     source.name());
            }
            passed -= step;
        } else {
            next_chunk();
        }
        out += step;
        count -= step;
    }
}

namespace {

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
    try {
        static_cast<PngDecoder::State*>(png_get_error_ptr(png))->message = message;
    } catch (...) {  // no memory for the words
    }
    png_longjmp(png, 1);
}

void on_warning(png_structp png, png_const_charp message) {
    try {
        auto& state = *static_cast<PngDecoder::State*>(png_get_error_ptr(png));
        const std::string_view text(message);
        // Harmless for libpng once it has all rows, but their sum is not what was written.
        if (text.find("incorrect data check") != text.npos) state.data_message = text;
    } catch (...) {
    }
}

void on_read(png_structp png, png_bytep out, std::size_t count) {
    auto& state = *static_cast<PngDecoder::State*>(png_get_io_ptr(png));
    try {
        return state.feed(out, count);
    } catch (...) {
        state.failed = std::current_exception();
    }
    png_error(png, "the source failed");
}

/// Calls into libpng, whose errors jump: `call` holds nothing that must be destroyed.
template <typename Call>
bool without_jump(png_structp png, Call call) {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    call();
    return true;
}

template <typename Call>
void run(PngDecoder::State& state, Call call) {
    if (without_jump(state.png, call)) return;
    if (state.failed) std::rethrow_exception(std::exchange(state.failed, nullptr));
    refuse_png(state.source.name(), state.message);
}

void set_transformations(png_structp png, const PngContents& contents) {
    png_set_expand(png);  // palettes, fewer than 8 bits, tRNS
    if (contents.channels() == 4) png_set_gray_to_rgb(png);
    if (std::endian::native == std::endian::little) png_set_swap(png);
}

}  // namespace

PngDecoder::PngDecoder(ByteSource& source, PngChunks& chunks, const ChunkHead& samples)
    : state_(
          new State{.source = source, .chunks = chunks, .head = chunks.contents().decoder_head}) {
    State& state = *state_;
    for (int shift = 24; shift >= 0; shift -= 8)
        state.head.push_back(static_cast<std::uint8_t>(samples.length >> shift));
    state.head.insert(state.head.end(), samples.type.begin(), samples.type.end());
    state.passed = std::size_t{samples.length} + 4;
    state.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, on_error, on_warning);
    if (state.png) state.info = png_create_info_struct(state.png);
    if (!state.info) {
        png_destroy_read_struct(&state.png, nullptr, nullptr);
        fail(ErrorKind::memory, "{}: not enough memory to decode it", source.name());
    }
    png_set_read_fn(state.png, &state, on_read);
    try {
        run(state, [&] {
            png_set_user_limits(state.png, 0x7fffffff, 0x7fffffff);
            png_read_info(state.png, state.info);
            set_transformations(state.png, chunks.contents());
            png_set_interlace_handling(state.png);
            png_start_read_image(state.png);
        });
    } catch (...) {
        png_destroy_read_struct(&state.png, &state.info, nullptr);
        throw;
    }
}

PngDecoder::~PngDecoder() {
    png_destroy_read_struct(&state_->png, &state_->info, nullptr);
}

void PngDecoder::read_row(std::uint8_t* row) {
    run(*state_, [&] { png_read_row(state_->png, row, nullptr); });
}

void PngDecoder::read_all(std::uint8_t* rows, std::int64_t row_bytes, std::int64_t height) {
    std::vector<png_bytep> pointers;
    for (std::int64_t y = 0; y < height; ++y) pointers.push_back(rows + y * row_bytes);
    run(*state_, [&] { png_read_image(state_->png, pointers.data()); });
}

void PngDecoder::finish() {
    run(*state_, [&] { png_read_end(state_->png, nullptr); });
    if (!state_->data_message.empty()) refuse_png(state_->source.name(), state_->data_message);
}

}  // namespace conv
