#pragma once

namespace conv {

/// Processor cores that predictions tell apart.
enum class CoreFamily { zen4, zen5, sapphire_rapids, other };

/// That of this processor, as it names itself: AMD's families 19h with AVX-512 and 1Ah, Intel's
/// server cores with AVX512-FP16 (Sapphire, Emerald and Granite Rapids).
CoreFamily this_core_family();

}  // namespace conv
