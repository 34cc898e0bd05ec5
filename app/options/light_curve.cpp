#include "options/light_curve.hpp"

#include <array>
#include <cmath>
#include <span>

#include "base/error.hpp"

namespace conv {
namespace {

// Tables of sRGB are rounded to 16 bits, and some are of fewer points.
constexpr double kSameCurve = 1.5e-3;

/// The numbers of an ICC profile: big-endian.
class ProfileBytes {
public:
    explicit ProfileBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    std::size_t size() const { return bytes_.size(); }
    std::uint32_t word(std::size_t at) const { return number(at, 4); }
    std::uint32_t half(std::size_t at) const { return number(at, 2); }
    double fixed(std::size_t at) const {
        return static_cast<double>(static_cast<std::int32_t>(word(at))) / 65536;
    }
    bool holds(std::size_t at, std::size_t count) const {
        return at <= bytes_.size() && count <= bytes_.size() - at;
    }
    ProfileBytes part(std::size_t at, std::size_t count) const {
        return ProfileBytes(bytes_.subspan(at, count));
    }

private:
    std::uint32_t number(std::size_t at, std::size_t count) const {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < count && at + i < bytes_.size(); ++i)
            value = value << 8 | bytes_[at + i];
        return value;
    }
    std::span<const std::uint8_t> bytes_;
};

constexpr std::uint32_t signature(const char (&name)[5]) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(name[i]);
    return value;
}

std::optional<ProfileBytes> tag(const ProfileBytes& profile, std::uint32_t name) {
    constexpr std::size_t kHeader = 128;
    if (!profile.holds(kHeader, 4)) return std::nullopt;
    for (std::size_t i = 0; i < profile.word(kHeader); ++i) {
        const std::size_t entry = kHeader + 4 + 12 * i;
        if (!profile.holds(entry, 12)) return std::nullopt;
        const std::size_t offset = profile.word(entry + 4), size = profile.word(entry + 8);
        if (profile.word(entry) != name || !profile.holds(offset, size)) continue;
        return profile.part(offset, size);
    }
    return std::nullopt;
}

/// A table of points is only known where it is that of sRGB.
std::optional<CurveFormula> table_curve(const ProfileBytes& curve, std::size_t count) {
    if (!curve.holds(12, 2 * count)) return std::nullopt;
    const CurveFormula srgb = srgb_curve();
    for (std::size_t i = 0; i < count; ++i) {
        const double x = static_cast<double>(i) / static_cast<double>(count - 1);
        const double y = static_cast<double>(curve.half(12 + 2 * i)) / 65535;
        if (std::abs(srgb.linear(x) - y) > kSameCurve) return std::nullopt;
    }
    return srgb;
}

std::optional<CurveFormula> parametric_curve(const ProfileBytes& curve) {
    const std::uint32_t type = curve.half(8);
    constexpr std::array<std::size_t, 4> kNumbers = {1, 3, 4, 5};
    if (type >= kNumbers.size() || !curve.holds(12, 4 * kNumbers[type])) return std::nullopt;
    CurveFormula formula = gamma_curve(curve.fixed(12));
    if (type == 0) return formula;
    formula.a = curve.fixed(16);
    formula.b = curve.fixed(20);
    if (formula.a <= 0) return std::nullopt;
    if (type == 1) formula.d = -formula.b / formula.a;
    if (type == 2 && curve.fixed(24) != 0) return std::nullopt;  // light that black has
    if (type == 2) formula.d = -formula.b / formula.a;
    if (type != 3) return formula;
    formula.c = curve.fixed(24);
    formula.d = curve.fixed(28);
    return formula;
}

std::optional<CurveFormula> one_curve(const ProfileBytes& curve) {
    if (curve.word(0) == signature("para")) return parametric_curve(curve);
    if (curve.word(0) != signature("curv") || !curve.holds(8, 4)) return std::nullopt;
    const std::size_t count = curve.word(8);
    if (count == 0) return gamma_curve(1);
    if (count == 1) return gamma_curve(static_cast<double>(curve.half(12)) / 256);
    return table_curve(curve, count);
}

bool same_curve(const CurveFormula& x, const CurveFormula& y) {
    return x.g == y.g && x.a == y.a && x.b == y.b && x.c == y.c && x.d == y.d;
}

std::string curve_words(const CurveFormula& formula) {
    if (same_curve(formula, srgb_curve())) return "sRGB";
    if (formula.d == 0) return fmt::format("gamma {:.4g}", formula.g);
    return fmt::format("a parametric curve of gamma {:.4g}", formula.g);
}

}  // namespace

std::optional<CurveFormula> profile_curve(const std::vector<std::uint8_t>& profile) {
    const ProfileBytes bytes{std::span(profile)};
    std::optional<CurveFormula> found;
    for (const std::uint32_t name :
         {signature("rTRC"), signature("gTRC"), signature("bTRC"), signature("kTRC")}) {
        const auto curve = tag(bytes, name);
        if (!curve) continue;
        const std::optional<CurveFormula> formula = one_curve(*curve);
        if (!formula || formula->g <= 0 || (found && !same_curve(*found, *formula)))
            return std::nullopt;
        found = formula;
    }
    return found;
}

StatedCurve light_curve(const Metadata& metadata) {
    if (!metadata.icc_profile.empty()) {
        if (const auto formula = profile_curve(metadata.icc_profile))
            return {*formula, curve_words(*formula) + ", by the ICC profile"};
        return {srgb_curve(), "sRGB, as the ICC profile's curves are no plain ones"};
    }
    if (metadata.colour.srgb_intent) return {srgb_curve(), "sRGB, as the file states"};
    if (metadata.colour.gamma && *metadata.colour.gamma > 0) {
        // gAMA is the exponent of the encoding.
        const CurveFormula formula = gamma_curve(100000.0 / *metadata.colour.gamma);
        return {formula, curve_words(formula) + ", by the PNG's gAMA"};
    }
    return {srgb_curve(), "sRGB"};
}

void set_linear_light(FilterSettings& settings, SampleType type, const Metadata& metadata) {
    if (type == SampleType::f32) {
        fail(ErrorKind::usage,
             "--linear: float samples are taken as linear light already, leave it out");
    }
    const StatedCurve stated = light_curve(metadata);
    settings.decode = std::make_shared<TransferCurve>(stated.formula, type, stated.name);
    settings.encode = settings.decode;
}

}  // namespace conv
