#pragma once

#include "contender.hpp"

namespace conv::bench {

/// Adds what `method` is made of, each run alone on one thread:
/// - "METHOD/sgemm": exactly the sgemm calls of one run, on the same addresses, one after the
///   other, nothing in between. What a method takes longer than this is its own overhead.
/// - "METHOD warm": a whole run on a workspace that is already there. What the method takes longer
///   than this is booking fresh memory and the page faults that come with it.
/// - "im2col/columns": writing the column matrix from a padded float picture into fresh memory, as
///   a run of im2col gets it, and "im2col/columns warm": into memory that is already there.
void add_method_parts(const std::string& method, const Offer& offer, const Operands& operands,
                      Field& field);

}  // namespace conv::bench
