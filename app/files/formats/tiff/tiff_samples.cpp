#include "files/formats/tiff/tiff_samples.hpp"

#include <tiffio.h>

#include <bit>
#include <cmath>
#include <cstring>

namespace conv {
namespace {

/// Reads the samples of a row one after the other: whole bytes in this machine's order, as libtiff
/// delivers them, and everything else as a stream of bits, the highest first.
class Cursor {
public:
    Cursor(const std::uint8_t* stored, int bits) : at_(stored), bits_(bits) {}

    std::uint64_t next() { return bits_ % 8 == 0 ? next_bytes() : next_bits(); }

private:
    std::uint64_t next_bytes() {
        std::uint64_t word = 0;
        const auto count = static_cast<std::size_t>(bits_ / 8);
        std::memcpy(&word, at_, count);
        at_ += count;
        return word;
    }
    std::uint64_t next_bits() {
        while (held_ < bits_) {
            pending_ = pending_ << 8 | *at_++;
            held_ += 8;
        }
        held_ -= bits_;
        return pending_ >> held_ & ((std::uint64_t{1} << bits_) - 1);
    }

    const std::uint8_t* at_;
    int bits_;
    std::uint64_t pending_ = 0;
    int held_ = 0;
};

float half_as_float(std::uint64_t half) {
    const int exponent = static_cast<int>(half >> 10 & 31);
    const auto fraction = static_cast<float>(half & 1023);
    const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
    if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(1024 + fraction, exponent - 25);
}

}  // namespace

SampleType TiffSampleForm::result() const {
    if (format != SAMPLEFORMAT_UINT || bits > 16) return SampleType::f32;
    return bits > 8 ? SampleType::u16 : SampleType::u8;
}

bool TiffSampleForm::is_plain() const {
    if (format == SAMPLEFORMAT_IEEEFP) return bits == 32;
    return format == SAMPLEFORMAT_UINT && (bits == 8 || bits == 16) && !inverted;
}

bool TiffSampleForm::is_known() const {
    if (inverted && result() == SampleType::f32) return false;
    if (format == SAMPLEFORMAT_IEEEFP) return bits == 16 || bits == 32 || bits == 64;
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_INT) return false;
    return (bits >= 1 && bits <= 16) || bits == 24 || bits == 32 || bits == 64;
}

TiffSampleReader::TiffSampleReader(const TiffSampleForm& form) : form_(form) {
    if (form.result() == SampleType::f32) return;
    const std::uint32_t largest = (1U << form.bits) - 1;
    const std::uint32_t full = form.bits > 8 ? 65535 : 255;
    scaled_.resize(largest + 1);
    for (std::uint32_t value = 0; value <= largest; ++value) {
        const std::uint64_t light = form.inverted ? largest - value : value;
        scaled_[value] = static_cast<std::uint16_t>((light * full + largest / 2) / largest);
    }
}

float TiffSampleReader::as_float(std::uint64_t word) const {
    if (form_.format == SAMPLEFORMAT_UINT) return static_cast<float>(word);
    if (form_.format == SAMPLEFORMAT_INT) {
        const int unused = 64 - form_.bits;
        return static_cast<float>(static_cast<std::int64_t>(word << unused) >> unused);
    }
    if (form_.bits == 16) return half_as_float(word);
    if (form_.bits == 32) return std::bit_cast<float>(static_cast<std::uint32_t>(word));
    return static_cast<float>(std::bit_cast<double>(word));
}

void TiffSampleReader::read(const std::uint8_t* stored, std::int64_t pixels, void* out,
                            const SampleSteps& steps) const {
    Cursor cursor(stored, form_.bits);
    const auto each = [&](auto* samples, const auto& convert) {
        for (std::int64_t x = 0; x < pixels; ++x) {
            auto* pixel = samples + x * steps.pixel;
            for (std::int64_t c = 0; c < steps.channels; ++c) {
                pixel[c * steps.channel] = convert(cursor.next());
            }
        }
    };
    switch (form_.result()) {
        case SampleType::f32:
            return each(static_cast<float*>(out),
                        [&](std::uint64_t word) { return as_float(word); });
        case SampleType::u16:
            return each(static_cast<std::uint16_t*>(out),
                        [&](std::uint64_t word) { return scaled_[word]; });
        case SampleType::u8:
            return each(static_cast<std::uint8_t*>(out), [&](std::uint64_t word) {
                return static_cast<std::uint8_t>(scaled_[word]);
            });
    }
}

void TiffSampleReader::read_indices(const std::uint8_t* stored, std::int64_t count,
                                    std::uint16_t* out) const {
    Cursor cursor(stored, form_.bits);
    for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<std::uint16_t>(cursor.next());
}

void pack_samples(const std::uint16_t* samples, std::int64_t count, int bits, std::uint8_t* out) {
    const std::uint32_t largest = (1U << bits) - 1;
    std::uint32_t pending = 0;
    int held = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        pending = pending << bits | (samples[i] * largest + 32767) / 65535;
        for (held += bits; held >= 8; held -= 8) {
            *out++ = static_cast<std::uint8_t>(pending >> (held - 8));
        }
    }
    if (held > 0) *out = static_cast<std::uint8_t>(pending << (8 - held));
}

}  // namespace conv
