#pragma once

#include <functional>
#include <span>
#include <vector>

namespace conv {

/// How long to measure.
struct TimingRules {
    int warmups = 1;            ///< calls of each body that count for nothing, at least 1
    int repeats = 5;            ///< samples of each body at least
    double min_seconds = 0.25;  ///< time spent on each body at least
    /// A body faster than this is called several times a turn, and the sample is the mean: the
    /// clock's own cost and its resolution then do not show.
    double turn_seconds = 0.5e-3;
};

/// What a set of measurements says, in the unit of the measurements.
struct Summary {
    double median = 0;
    double best = 0;    ///< the smallest
    double spread = 0;  ///< distance between the first and the third quartile
    int count = 0;
};

/// Median and quartiles with linear interpolation between neighbours (quartile i of n sorted
/// values stands at index i/4 * (n-1)). Nothing measured gives zeros.
Summary summarise(std::vector<double> samples);

/// A clock: seconds since some moment, never running backwards.
using Clock = std::function<double()>;

/// Seconds of the system's steady clock.
double steady_seconds();

/// Seconds of one call of each body: result[i] holds the samples of bodies[i]. In each round every
/// body takes its turn, so that whatever disturbs the machine for a while disturbs all of them
/// alike. A body leaves once it has its `repeats` and `min_seconds`, so that a slow one does not
/// keep the fast ones from being measured often. What a body throws is passed on.
std::vector<std::vector<double>> time_alternately(std::span<const std::function<void()>> bodies,
                                                  const TimingRules& rules,
                                                  const Clock& clock = steady_seconds);

}  // namespace conv
