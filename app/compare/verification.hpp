#pragma once

#include <memory>
#include <string>

#include "compare/offers.hpp"
#include "compare/subject.hpp"
#include "conv/error_bound.hpp"

namespace conv {

/// How far sums are from what they should be.
struct Errors {
    double largest = 0, mean = 0;
    double ratio = 0;    ///< of the error to what its output may be off, the largest
    double allowed = 0;  ///< what any output may be off, the largest
    std::int64_t count = 0;

    /// Adds one pair; `allowed` is the bound of this sample.
    void add(double value, double truth, double allowed);
};

/// What results are held against: the definition everywhere, or where that would take too long, the
/// definition on rows drawn at random and the most accurate other method everywhere.
class Verification {
public:
    /// Computes the truth by methods of `device`, what `offers` says of them, and the sums |w||x|
    /// that an output's error is held against (conv/error_bound.hpp). `tolerance` replaces that by
    /// an absolute error. Throws Interrupted.
    Verification(const Device& device, const Subject& subject, Offers& offers,
                 std::optional<double> tolerance, const std::function<bool()>& stopped);

    /// Errors of a method's sums. `factor` is its error_factor.
    Errors check(Sums& sums, double factor) const;
    /// What is compared with what, in words.
    const std::string& description() const { return description_; }
    /// The sums that stand for the truth everywhere, and who computed them.
    Sums* reference() const { return reference_.get(); }
    const std::string& reference_name() const { return reference_name_; }

private:
    struct SampledRow {
        std::int64_t picture, row;
        std::vector<float> values;  ///< (K, Q, N)
    };
    void sample_rows(const Offer& oracle, const std::function<bool()>& stopped);
    void compute_reference(const Offer& offer, const std::string& name,
                           const std::function<bool()>& stopped);
    void measure_sizes(const std::function<bool()>& stopped);
    double bound(std::int64_t picture, const Shape& at, double factor) const;
    Errors against_rows(Sums& sums, double factor) const;
    Errors against_reference(Sums& sums, double factor) const;

    const Subject& subject_;
    std::optional<double> tolerance_;
    std::unique_ptr<Sums> reference_;
    std::string reference_name_, description_;
    double reference_factor_ = 0;  ///< 0: the definition itself
    ErrorBound bound_;
    std::unique_ptr<Sums> sizes_;  ///< sum |w||x| of every output
    std::vector<SampledRow> rows_;
};

/// A definition predicted to take longer than this is not computed everywhere.
inline constexpr double kLongestOracle = 10;

/// The definition, the first of the processor's methods in the list.
std::string oracle_name();
/// Seconds that it is predicted to take on one thread for the whole subject.
double oracle_seconds(const Offer& oracle, const Subject& subject);

}  // namespace conv
