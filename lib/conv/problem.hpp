#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/border.hpp"
#include "tensor/shape.hpp"

namespace conv {

struct Padding {
    std::int64_t top = 0, bottom = 0, left = 0, right = 0;
    bool operator==(const Padding&) const = default;
};

/// What is known of a source and of the way of its results: what methods may count on, and what
/// predictions rest on.
struct SourceFacts {
    SampleType samples = SampleType::f32;  ///< what the source holds
    bool alpha_weighted = false;           ///< it weighs by opacity (Source::alpha_weighted)
    /// What the caller rounds the results to where nothing but the range is done before: u8 or u16,
    /// after a multiplication by 257 from 8 to 16 bits and a division by it back. A method may then
    /// give results that are rounded so already. f32 wherever the sums themselves count.
    SampleType results = SampleType::f32;
    /// An absolute error of results that their rounding hides: methods may be off by this anywhere,
    /// where alpha weighs, after the division by it. 0: the local error alone counts
    /// (conv/local_error.hpp).
    double slack = 0;
    /// Results are more than caches hold and are written for good: methods may write them past the
    /// caches. Changes no result.
    bool far_results = false;
    bool operator==(const SourceFacts&) const = default;
};

/// One convolution, everything but the numbers. Its sizes:
///
///   dst[n,k,p,q] = bias[k] + sum over c,r,s of
///       weights[k,c,r,s] * src[n, c', p*stride_h + r*dilation_h - top, q*stride_w + s*dilation_w -
///       left]
///
/// with c in [0, C/groups) and c' = c + (k / (K/groups)) * C/groups; src outside the picture is
/// what `border` says. src is N x C x H x W, weights K x C/groups x R x S, dst N x K x P x Q.
/// This is cross-correlation, as in OpenCV, libvips, PyTorch and ONNX.
struct Problem {
    std::int64_t N = 1, C = 1, H = 1, W = 1;
    std::int64_t K = 1, R = 1, S = 1;
    std::int64_t groups = 1;
    std::int64_t stride_h = 1, stride_w = 1;
    std::int64_t dilation_h = 1, dilation_w = 1;  ///< 1 = dense
    Padding padding;
    Border border;
    SourceFacts facts = {};  ///< no part of the sizes, nor of the text form

    /// Of the sizes; facts are compared by themselves.
    bool operator==(const Problem& other) const;

    /// Output height and width:
    /// P = floor((H + top + bottom - dilation_h*(R-1) - 1) / stride_h) + 1, Q likewise.
    std::int64_t P() const;
    std::int64_t Q() const;

    std::int64_t group_channels() const { return C / groups; }
    std::int64_t group_kernels() const { return K / groups; }
    std::int64_t weight_count() const { return K * group_channels() * R * S; }
    /// Bytes of the weights in float32.
    std::int64_t weight_bytes() const {
        return weight_count() * static_cast<std::int64_t>(sizeof(float));
    }
    /// Columns of the padded picture that the outputs touch: (Q-1)*stride_w + (S-1)*dilation_w + 1.
    std::int64_t padded_width() const;
    /// Padded rows that `rows` consecutive output rows touch.
    std::int64_t padded_rows(std::int64_t rows) const;
    Shape src_shape() const { return {N, C, H, W}; }
    Shape dst_shape() const { return {N, K, P(), Q()}; }
    /// A window of one sample, at every sample, without a border: the picture is its own column
    /// matrix.
    bool pointwise() const;
    /// Multiplications and additions of the direct sum: N*K*P*Q*(C/groups)*R*S.
    double macs() const;
    /// The same problem for a batch of n pictures.
    Problem with_batch(std::int64_t n) const;
    /// The same problem where run() writes float results for good, not into a block that is read
    /// again: decides about facts.far_results.
    Problem written_for_good() const;
};

/// Throws Error{usage} unless the problem has positive sizes, groups that divide C and K,
/// non-negative padding, at least one output, and sizes whose products fit 64 bits.
void validate(const Problem& problem);

/// Text form, as in "n1c3h224w224_k64r3s3_p1": sizes, kernels, then in this order and only where
/// they differ from the default: `_p` padding (N, or VxH, or TxBxLxR), `_s` stride (N or VxH),
/// `_d` dilation (N or VxH), `_g` groups, `_b` border (default constant 0).
std::string format_problem(const Problem& problem);

/// Reads the text form: parse_problem(format_problem(p)) == p. Throws Error{usage} with the
/// offending text; the result is validated.
Problem parse_problem(std::string_view text);

}  // namespace conv
