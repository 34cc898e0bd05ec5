#pragma once

#include <mutex>
#include <vector>

#include "conv/problem.hpp"
#include "tensor/image.hpp"

namespace conv {

/// Gives the memory of a page's rows back to the system as soon as no block of output rows can need
/// them any more, so that input and result together take little more than one picture. Only for
/// owned samples that nobody reads afterwards; borrowed ones stay as they are. Thread-safe.
class SpentRows {
public:
    /// Blocks of `block_rows` output rows will be reported, each once.
    SpentRows(const Image& page, const Problem& problem, std::int64_t block_rows);

    /// A page whose bottom needs its top again (wrap), or whose rows are not one after the other,
    /// keeps everything.
    static bool possible(const Image& page, const Problem& problem);

    void block_finished(std::int64_t first_row);

private:
    const Image& page_;
    const Problem& problem_;
    std::int64_t block_rows_;
    std::mutex mutex_;
    std::vector<bool> finished_;
    std::size_t all_before_ = 0;  ///< blocks before this one are finished
    std::int64_t released_ = 0;   ///< rows before this one are given back
};

}  // namespace conv
