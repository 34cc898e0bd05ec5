#include "files/formats/jpeg/jpeg_decoder.hpp"

#include "files/formats/jpeg/jpeg_errors.hpp"
// after jpeglib.h, whose configuration its message codes depend on
#include <jerror.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace conv {
namespace {

/// A scan costs a pass over the picture and may be a few bytes long; real files have about ten.
constexpr int kMostScans = 500;
/// Marker codes of a frame's kind (ITU-T T.81, table B.1).
enum Frame : int { kLossless = 0xc3, kLosslessArithmetic = 0xcb, kFirstHierarchical = 0xc5 };

/// libjpeg's structure with what its callbacks need beside it.
struct Source {
    jpeg_source_mgr manager;  // first: libjpeg hands its address back
    ByteSource* bytes;
    std::array<JOCTET, kJpegBufferBytes>* buffer;
    bool ended;
    std::exception_ptr* failed;
};

/// Warnings that mean wrong samples; others are harmless.
void refuse_wrong_samples(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
        case JWRN_HIT_MARKER:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_BOGUS_PROGRESSION:
        case JWRN_MUST_RESYNC:
        case JWRN_ARITH_BAD_CODE:
        case JWRN_JPEG_EOF:
            jump_from_jpeg_error(info);
        default:
            return;
    }
}

void do_nothing(j_decompress_ptr) {}

boolean on_fill(j_decompress_ptr info) {
    auto& source = *reinterpret_cast<Source*>(info->src);
    std::size_t count = 0;
    try {
        count = source.bytes->read(source.buffer->data(), source.buffer->size());
    } catch (...) {
        *source.failed = std::current_exception();
    }
    if (count == 0) {
        source.ended = true;
        ERREXIT(info, JERR_INPUT_EOF);
    }
    source.manager.next_input_byte = source.buffer->data();
    source.manager.bytes_in_buffer = count;
    return TRUE;
}

void on_skip(j_decompress_ptr info, long count) {
    jpeg_source_mgr& source = *info->src;
    while (count > static_cast<long>(source.bytes_in_buffer)) {
        count -= static_cast<long>(source.bytes_in_buffer);
        on_fill(info);
    }
    if (count <= 0) return;
    source.next_input_byte += count;
    source.bytes_in_buffer -= static_cast<std::size_t>(count);
}

void on_progress(j_common_ptr info) {
    auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
    if (decoder->input_scan_number > kMostScans) ERREXIT(info, JERR_BAD_PROGRESSION);
}

std::optional<JpegCoding> coding_of(const jpeg_decompress_struct& info) {
    JpegCoding coding;
    for (std::size_t i = 0; i < coding.tables.size(); ++i) {
        if (!info.quant_tbl_ptrs[i]) continue;
        std::copy_n(info.quant_tbl_ptrs[i]->quantval, DCTSIZE2, coding.tables[i].emplace().begin());
    }
    for (int i = 0; i < info.num_components; ++i) {
        const jpeg_component_info& component = info.comp_info[i];
        const auto table = static_cast<std::size_t>(component.quant_tbl_no);
        // A table may also come between scans.
        if (table >= coding.tables.size() || !coding.tables[table]) return std::nullopt;
        coding.components.push_back(
            {component.h_samp_factor, component.v_samp_factor, component.quant_tbl_no});
    }
    coding.progressive = info.progressive_mode != FALSE;
    coding.is_rgb = info.jpeg_color_space == JCS_RGB;
    return coding;
}

}  // namespace

struct JpegDecoder::State {
    ByteSource& source;
    jpeg_decompress_struct info = {};
    JpegErrors errors = {};
    Source input = {};
    jpeg_progress_mgr progress = {};
    std::array<JOCTET, kJpegBufferBytes> buffer = {};
    std::exception_ptr failed = {};
    JpegHeader header = {};
    bool started = false;

    explicit State(ByteSource& bytes);
    ~State() { jpeg_destroy_decompress(&info); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    template <typename Call>
    void run(Call call) {
        if (!without_jump(errors.jump, call)) refuse();
    }
    [[noreturn]] void refuse();
    void read_header();
    void take_segments();
    void start();
};

JpegDecoder::State::State(ByteSource& bytes) : source(bytes) {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = jump_from_jpeg_error;
    errors.manager.emit_message = refuse_wrong_samples;
    run([&] { jpeg_create_decompress(&info); });
    input = {{}, &source, &buffer, false, &failed};
    input.manager.init_source = do_nothing;
    input.manager.fill_input_buffer = on_fill;
    input.manager.skip_input_data = on_skip;
    input.manager.resync_to_restart = jpeg_resync_to_restart;
    input.manager.term_source = do_nothing;
    info.src = &input.manager;
    progress.progress_monitor = on_progress;
    info.progress = &progress;
}

void JpegDecoder::State::refuse() {
    if (failed) std::rethrow_exception(std::exchange(failed, nullptr));
    const std::string& name = source.name();
    if (input.ended)
        fail(ErrorKind::input, "{}: the JPEG is truncated, its end mark is missing", name);
    switch (errors.code) {
        case JERR_OUT_OF_MEMORY:
            fail(ErrorKind::memory, "{}: not enough memory to decode it", name);
        case JERR_BAD_PRECISION:
            fail(ErrorKind::unsupported, "{}: is a JPEG of {} bits a sample, only 8 are read", name,
                 info.data_precision);
        case JERR_SOF_UNSUPPORTED: {
            const int kind = errors.manager.msg_parm.i[0];
            const bool lossless = kind == kLossless || kind == kLosslessArithmetic;
            fail(ErrorKind::unsupported, "{}: is a {} JPEG, which is not read: convert it first",
                 name, lossless ? "lossless" : "hierarchical");
        }
        case JERR_EMPTY_IMAGE:
            fail(ErrorKind::input, "{}: is an empty picture of {} x {} pixels", name,
                 info.image_width, info.image_height);
        case JWRN_HIT_MARKER:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_BOGUS_PROGRESSION:
        case JWRN_MUST_RESYNC:
        case JWRN_ARITH_BAD_CODE:
            fail(ErrorKind::input, "{}: the JPEG is damaged: its samples are not complete", name);
        default:
            fail(ErrorKind::input, "{}: the JPEG is damaged: {}", name, errors.message.data());
    }
}

void JpegDecoder::State::take_segments() {
    for (const auto* marker = info.marker_list; marker; marker = marker->next) {
        header.segments.push_back(
            {marker->marker, {marker->data, marker->data + marker->data_length}});
    }
}

void JpegDecoder::State::read_header() {
    run([&] {
        constexpr unsigned kWhole = 0xffff;
        jpeg_save_markers(&info, JPEG_COM, kWhole);
        for (int i = 0; i < 16; ++i) jpeg_save_markers(&info, JPEG_APP0 + i, kWhole);
        jpeg_read_header(&info, TRUE);
    });
    header.width = info.image_width;
    header.height = info.image_height;
    header.channels = info.num_components;
    header.several_scans = jpeg_has_multiple_scans(&info) != FALSE;
    const std::string& name = source.name();
    if (info.data_precision != 8) {
        fail(ErrorKind::unsupported, "{}: is a JPEG of {} bits a sample, only 8 are read", name,
             info.data_precision);
    }
    if (info.num_components == 4) {
        fail(
            ErrorKind::unsupported,
            "{}: is a CMYK JPEG, whose colours its profile alone can tell: convert it to RGB first",
            name);
    }
    if (info.num_components != 1 && info.num_components != 3) {
        fail(ErrorKind::unsupported, "{}: is a JPEG of {} channels, 1 and 3 are read", name,
             info.num_components);
    }
    take_segments();
    header.coding = coding_of(info);
}

void JpegDecoder::State::start() {
    run([&] {
        info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
        jpeg_start_decompress(&info);
    });
}

JpegDecoder::JpegDecoder(ByteSource& source) : state_(std::make_unique<State>(source)) {
    state_->read_header();
}

JpegDecoder::~JpegDecoder() = default;

const JpegHeader& JpegDecoder::header() const {
    return state_->header;
}

void JpegDecoder::read_row(std::uint8_t* row) {
    State& state = *state_;
    if (!std::exchange(state.started, true)) state.start();
    state.run([&] { jpeg_read_scanlines(&state.info, &row, 1); });
}

void JpegDecoder::finish() {
    state_->run([&] { jpeg_finish_decompress(&state_->info); });
}

}  // namespace conv
