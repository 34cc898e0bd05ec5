#pragma once

namespace conv {

/// Seconds that the calling thread has run so far: what work on one thread takes is measured with
/// it on a machine that others use too, whose waiting does not count. Others still share caches and
/// memory.
double thread_seconds();

}  // namespace conv
