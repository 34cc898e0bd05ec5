#include "files/formats/jpeg/jpeg_encoder.hpp"

#include "files/formats/jpeg/jpeg_errors.hpp"
// after jpeglib.h, whose configuration its message codes depend on
#include <jerror.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <utility>

namespace conv {
namespace {

constexpr int kDefaultQuality = 95;

struct Destination {
    jpeg_destination_mgr manager;  // first: libjpeg hands its address back
    ByteSink* sink;
    std::array<JOCTET, kJpegBufferBytes>* buffer;
    std::exception_ptr* failed;
};

void ignore_warning(j_common_ptr, int) {}

void write_out(j_compress_ptr info, std::size_t count) {
    auto& to = *reinterpret_cast<Destination*>(info->dest);
    bool written = false;
    try {
        to.sink->write(ByteView(to.buffer->data(), count));
        written = true;
    } catch (...) {
        *to.failed = std::current_exception();
    }
    if (!written) ERREXIT(info, JERR_FILE_WRITE);
}

void on_begin(j_compress_ptr info) {
    auto& to = *reinterpret_cast<Destination*>(info->dest);
    to.manager.next_output_byte = to.buffer->data();
    to.manager.free_in_buffer = to.buffer->size();
}

boolean on_full(j_compress_ptr info) {
    write_out(info, kJpegBufferBytes);
    on_begin(info);
    return TRUE;
}

void on_end(j_compress_ptr info) {
    write_out(info, kJpegBufferBytes - info->dest->free_in_buffer);
}

/// The sampling factors of luma for "444", "422", "420"; those of chroma are 1 x 1.
std::pair<int, int> luma_factors(const std::string& subsampling) {
    if (subsampling == "420") return {2, 2};
    if (subsampling == "422") return {2, 1};
    return {1, 1};
}

void set_sampling(jpeg_compress_struct& info, const JpegCoding* coding,
                  const std::string& subsampling) {
    if (info.num_components == 1) return;
    const auto [horizontal, vertical] = luma_factors(subsampling);
    for (int i = 0; i < info.num_components; ++i) {
        jpeg_component_info& component = info.comp_info[i];
        component.h_samp_factor = i == 0 ? horizontal : 1;
        component.v_samp_factor = i == 0 ? vertical : 1;
        if (subsampling != "keep" || !coding) continue;
        const JpegComponent& kept = coding->components[static_cast<std::size_t>(i)];
        component.h_samp_factor = kept.horizontal;
        component.v_samp_factor = kept.vertical;
    }
}

void set_tables(jpeg_compress_struct& info, const JpegCoding& coding) {
    for (std::size_t i = 0; i < coding.tables.size(); ++i) {
        if (!coding.tables[i]) continue;
        JQUANT_TBL*& table = info.quant_tbl_ptrs[i];
        if (!table) table = jpeg_alloc_quant_table(reinterpret_cast<j_common_ptr>(&info));
        std::copy(coding.tables[i]->begin(), coding.tables[i]->end(), table->quantval);
        table->sent_table = FALSE;
    }
    for (int i = 0; i < info.num_components; ++i)
        info.comp_info[i].quant_tbl_no = coding.components[static_cast<std::size_t>(i)].table;
}

void set_density(jpeg_compress_struct& info, const Metadata& metadata) {
    if (metadata.x_per_inch <= 0 || metadata.y_per_inch <= 0) return;
    const bool metric = metadata.resolution_unit == ResolutionUnit::centimetre;
    info.density_unit = metadata.has_resolution() ? (metric ? 2 : 1) : 0;
    const auto dots = [&](double per_inch) {
        const double value = std::round(metric ? per_inch / 2.54 : per_inch);
        return static_cast<UINT16>(std::clamp(value, 1.0, 65535.0));
    };
    info.X_density = dots(metadata.x_per_inch);
    info.Y_density = dots(metadata.y_per_inch);
}

/// The input's coding where it is of as many channels. A grey result of a colour picture takes
/// what luma had.
const JpegCoding* usable_coding(const Metadata& metadata, std::int64_t channels) {
    const auto& coding = metadata.coding.jpeg;
    if (!coding || coding->components.size() < static_cast<std::size_t>(channels)) return nullptr;
    return &*coding;
}

}  // namespace

struct JpegEncoder::State {
    jpeg_compress_struct info = {};
    JpegErrors errors = {};
    Destination output = {};
    std::array<JOCTET, kJpegBufferBytes> buffer = {};
    std::exception_ptr failed = {};

    explicit State(ByteSink& sink);
    ~State() { jpeg_destroy_compress(&info); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    template <typename Call>
    void run(Call call) {
        if (!without_jump(errors.jump, call)) refuse();
    }
    [[noreturn]] void refuse();
    void configure(const PageHeader& header, const WriteOptions& options);
};

JpegEncoder::State::State(ByteSink& sink) {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = jump_from_jpeg_error;
    errors.manager.emit_message = ignore_warning;
    run([&] { jpeg_create_compress(&info); });
    output = {{}, &sink, &buffer, &failed};
    output.manager.init_destination = on_begin;
    output.manager.empty_output_buffer = on_full;
    output.manager.term_destination = on_end;
    info.dest = &output.manager;
}

void JpegEncoder::State::refuse() {
    if (failed) std::rethrow_exception(std::exchange(failed, nullptr));
    if (errors.code == JERR_OUT_OF_MEMORY)
        fail(ErrorKind::memory, "not enough memory to encode a JPEG");
    fail(ErrorKind::input, "the picture cannot be encoded as JPEG: {}", errors.message.data());
}

void JpegEncoder::State::configure(const PageHeader& header, const WriteOptions& options) {
    const std::int64_t channels = header.picture.shape.C;
    const JpegCoding* coding = usable_coding(header.metadata, channels);
    info.image_width = static_cast<JDIMENSION>(header.picture.shape.W);
    info.image_height = static_cast<JDIMENSION>(header.picture.shape.H);
    info.input_components = static_cast<int>(channels);
    info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    if (coding && coding->is_rgb && channels == 3) jpeg_set_colorspace(&info, JCS_RGB);
    jpeg_set_quality(&info, options.quality.value_or(kDefaultQuality), FALSE);
    if (coding && !options.quality) set_tables(info, *coding);
    set_sampling(info, coding, options.subsampling);
    set_density(info, header.metadata);
    if (coding && coding->progressive) jpeg_simple_progression(&info);
}

JpegEncoder::JpegEncoder(const PageHeader& header, const WriteOptions& options, ByteSink& sink)
    : state_(std::make_unique<State>(sink)) {
    state_->run([&] {
        state_->configure(header, options);
        jpeg_start_compress(&state_->info, TRUE);
    });
}

JpegEncoder::~JpegEncoder() = default;

void JpegEncoder::write_segment(const JpegSegment& segment) {
    state_->run([&] {
        jpeg_write_marker(&state_->info, segment.marker, segment.data.data(),
                          static_cast<unsigned>(segment.data.size()));
    });
}

void JpegEncoder::write_row(const std::uint8_t* row) {
    state_->run([&] {
        auto* samples = const_cast<JSAMPROW>(row);
        jpeg_write_scanlines(&state_->info, &samples, 1);
    });
}

void JpegEncoder::finish() {
    state_->run([&] { jpeg_finish_compress(&state_->info); });
}

bool JpegEncoder::keeps_picture() const {
    return state_->info.num_scans > 1;
}

}  // namespace conv
