#include "conv/problem.hpp"

#include <charconv>
#include <tuple>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

// Anything larger cannot be stored; it keeps sums of a few sizes far from 2^63.
constexpr std::int64_t kLargestSize = std::int64_t{1} << 40;

/// Output size along one dimension; not positive when the kernel does not fit.
std::int64_t output_size(std::int64_t padded, std::int64_t window, std::int64_t stride) {
    return padded < window ? 0 : (padded - window) / stride + 1;
}

void require_range(std::string_view what, std::int64_t value, std::int64_t least) {
    if (value < least || value > kLargestSize) {
        fail(ErrorKind::usage, "{} is {}, it must be between {} and {}", what, value, least,
             kLargestSize);
    }
}

/// "1", or "1x2" where the two differ.
std::string format_pair(std::int64_t v, std::int64_t h) {
    return v == h ? fmt::format("{}", v) : fmt::format("{}x{}", v, h);
}

/// A cursor over the text form.
class ProblemText {
public:
    explicit ProblemText(std::string_view text) : text_(text), rest_(text) {}

    bool take(std::string_view literal) {
        if (!rest_.starts_with(literal)) return false;
        rest_.remove_prefix(literal.size());
        return true;
    }
    void expect(std::string_view literal) {
        if (!take(literal)) refuse(literal);
    }
    std::int64_t number() {
        std::int64_t value = 0;
        const auto [end, status] =
            std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (status != std::errc()) refuse("a number");
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }
    std::vector<std::int64_t> numbers() {
        std::vector<std::int64_t> values{number()};
        while (take("x")) values.push_back(number());
        return values;
    }
    void pair(std::int64_t& v, std::int64_t& h) {
        const auto values = numbers();
        if (values.size() > 2) refuse("one number or two");
        v = values.front();
        h = values.back();
    }
    std::string_view remainder() { return std::exchange(rest_, std::string_view()); }
    bool done() const { return rest_.empty(); }
    [[noreturn]] void refuse(std::string_view expected) const {
        fail(ErrorKind::usage, "problem '{}': expected {} at '{}', write n1c3h224w224_k64r3s3_p1",
             text_, expected, rest_);
    }

private:
    std::string_view text_, rest_;
};

Padding parse_padding(ProblemText& text) {
    const auto v = text.numbers();
    if (v.size() == 1) return {v[0], v[0], v[0], v[0]};
    if (v.size() == 2) return {v[0], v[0], v[1], v[1]};
    if (v.size() != 4) text.refuse("1, 2 or 4 paddings");
    return {v[0], v[1], v[2], v[3]};
}

}  // namespace

bool Problem::operator==(const Problem& other) const {
    const auto sizes = [](const Problem& p) {
        return std::tie(p.N, p.C, p.H, p.W, p.K, p.R, p.S, p.groups, p.stride_h, p.stride_w,
                        p.dilation_h, p.dilation_w, p.padding, p.border);
    };
    return sizes(*this) == sizes(other);
}

std::int64_t Problem::P() const {
    return output_size(H + padding.top + padding.bottom, dilation_h * (R - 1) + 1, stride_h);
}

std::int64_t Problem::Q() const {
    return output_size(W + padding.left + padding.right, dilation_w * (S - 1) + 1, stride_w);
}

std::int64_t Problem::padded_width() const {
    return (Q() - 1) * stride_w + (S - 1) * dilation_w + 1;
}

std::int64_t Problem::padded_rows(std::int64_t rows) const {
    return (rows - 1) * stride_h + (R - 1) * dilation_h + 1;
}

bool Problem::pointwise() const {
    return R == 1 && S == 1 && stride_h == 1 && stride_w == 1 && padding == Padding{};
}

double Problem::macs() const {
    return static_cast<double>(N) * static_cast<double>(P()) * static_cast<double>(Q()) *
           static_cast<double>(weight_count());
}

Problem Problem::with_batch(std::int64_t n) const {
    Problem problem = *this;
    problem.N = n;
    return problem;
}

Problem Problem::written_for_good() const {
    // Measured: twice a result of 36 MiB is faster past the caches on one thread, of 64 MiB on two;
    // a shared last-level cache says more of itself than one picture gets.
    constexpr std::int64_t kCached = std::int64_t{48} << 20;
    Problem p = *this;
    p.facts.far_results = N * K * P() * Q() * static_cast<std::int64_t>(sizeof(float)) > kCached;
    return p;
}

void validate(const Problem& p) {
    for (const auto& [what, value] : {std::pair{"N", p.N},
                                      {"C", p.C},
                                      {"H", p.H},
                                      {"W", p.W},
                                      {"K", p.K},
                                      {"R", p.R},
                                      {"S", p.S},
                                      {"groups", p.groups},
                                      {"the vertical stride", p.stride_h},
                                      {"the horizontal stride", p.stride_w},
                                      {"the vertical dilation", p.dilation_h},
                                      {"the horizontal dilation", p.dilation_w}}) {
        require_range(what, value, 1);
    }
    for (const auto& [what, value] : {std::pair{"the top padding", p.padding.top},
                                      {"the bottom padding", p.padding.bottom},
                                      {"the left padding", p.padding.left},
                                      {"the right padding", p.padding.right}}) {
        require_range(what, value, 0);
    }
    if (p.C % p.groups != 0 || p.K % p.groups != 0) {
        fail(ErrorKind::usage, "{} groups do not divide {} input channels and {} kernels", p.groups,
             p.C, p.K);
    }
    checked_product({p.dilation_h, p.R, 2}, "the dilated kernel height");
    checked_product({p.dilation_w, p.S, 2}, "the dilated kernel width");
    if (p.P() < 1 || p.Q() < 1) {
        fail(ErrorKind::usage,
             "the kernel covers {} x {} samples (height x width) and the padded picture has only "
             "{} x {}: the result would be empty, use --padding same or a smaller kernel",
             p.dilation_h * (p.R - 1) + 1, p.dilation_w * (p.S - 1) + 1,
             p.H + p.padding.top + p.padding.bottom, p.W + p.padding.left + p.padding.right);
    }
    checked_product({p.N, p.C, p.padded_rows(p.P()), p.padded_width(), kFloatBytes},
                    "the picture with its --padding");
    checked_product({p.K, p.group_channels(), p.R, p.S, kFloatBytes}, "the kernels");
    checked_product({p.N, p.K, p.P(), p.Q(), kFloatBytes}, "the result");
}

std::string format_problem(const Problem& p) {
    std::string text = fmt::format("n{}c{}h{}w{}_k{}r{}s{}", p.N, p.C, p.H, p.W, p.K, p.R, p.S);
    const Padding& pad = p.padding;
    if (pad.top == pad.bottom && pad.left == pad.right) {
        if (pad != Padding{}) text += "_p" + format_pair(pad.top, pad.left);
    } else {
        text += fmt::format("_p{}x{}x{}x{}", pad.top, pad.bottom, pad.left, pad.right);
    }
    if (p.stride_h != 1 || p.stride_w != 1) text += "_s" + format_pair(p.stride_h, p.stride_w);
    if (p.dilation_h != 1 || p.dilation_w != 1) {
        text += "_d" + format_pair(p.dilation_h, p.dilation_w);
    }
    if (p.groups != 1) text += fmt::format("_g{}", p.groups);
    if (p.border != Border{}) text += "_b" + format_border(p.border);
    return text;
}

Problem parse_problem(std::string_view input) {
    ProblemText text(input);
    Problem p;
    for (const auto& [literal, size] : {std::pair{"n", &p.N},
                                        {"c", &p.C},
                                        {"h", &p.H},
                                        {"w", &p.W},
                                        {"_k", &p.K},
                                        {"r", &p.R},
                                        {"s", &p.S}}) {
        text.expect(literal);
        *size = text.number();
    }
    if (text.take("_p")) p.padding = parse_padding(text);
    if (text.take("_s")) text.pair(p.stride_h, p.stride_w);
    if (text.take("_d")) text.pair(p.dilation_h, p.dilation_w);
    if (text.take("_g")) p.groups = text.number();
    if (text.take("_b")) p.border = parse_border(text.remainder());
    if (!text.done()) text.refuse("_p, _s, _d, _g or _b");
    validate(p);
    return p;
}

}  // namespace conv
