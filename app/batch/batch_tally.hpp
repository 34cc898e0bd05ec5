#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "batch/batch_record.hpp"

namespace conv {

/// The sums of a batch, as it goes on and at its end.
struct BatchTally {
    std::int64_t total = 0;  ///< pictures of this process's part
    std::int64_t done = 0, skipped = 0, failed = 0;
    std::int64_t bytes = 0;  ///< of the inputs that were read
    std::int64_t clamped_pictures = 0, below = 0, above = 0, values = 0;
    std::vector<std::pair<std::string, std::string>> failures;  ///< input and why
    std::vector<std::string> notes;                             ///< each once
    double seconds = 0;                                         ///< since the start

    std::int64_t finished() const { return done + skipped + failed; }
    void add(const BatchRecord& record);
};

/// What a person reads at the end, a line each: how many were made, skipped and failed and how
/// fast, values lost over all pictures, notes, each failed file and why.
std::vector<std::string> summary_lines(const BatchTally& tally);

/// "INPUT: why"; most reasons begin with the name already.
std::string failure_text(const std::string& input, const std::string& why);

/// "1 picture", "2 pictures".
std::string pictures(std::int64_t count);

/// "3 h 20 min", "2 min 5 s", "0.42 s".
std::string duration_text(double seconds);

}  // namespace conv
