#include "cpu/tile/core_family.hpp"

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstring>
#include <string>
#endif

namespace conv {

#if defined(__x86_64__)
namespace {

struct Registers {
    unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf) {
    Registers r;
    __get_cpuid_count(leaf, 0, &r.a, &r.b, &r.c, &r.d);
    return r;
}

std::string maker() {
    const Registers r = cpuid(0);
    const unsigned words[] = {r.b, r.d, r.c};
    char text[sizeof words];
    std::memcpy(text, words, sizeof words);
    return {text, sizeof text};
}

/// The base family and, where that is 15, the extended one added.
unsigned family() {
    const unsigned version = cpuid(1).a;
    const unsigned base = version >> 8 & 15;
    return base == 15 ? base + (version >> 20 & 255) : base;
}

}  // namespace

CoreFamily this_core_family() {
    constexpr unsigned kAvx512F = 1U << 16, kAvx512Fp16 = 1U << 23;
    const Registers features = cpuid(7);
    const std::string from = maker();
    if (from == "AuthenticAMD") {
        if (family() == 0x1a) return CoreFamily::zen5;
        if (family() == 0x19 && (features.b & kAvx512F) != 0) return CoreFamily::zen4;
    }
    if (from == "GenuineIntel" && (features.d & kAvx512Fp16) != 0) {
        return CoreFamily::sapphire_rapids;
    }
    return CoreFamily::other;
}
#else
CoreFamily this_core_family() {
    return CoreFamily::other;
}
#endif

}  // namespace conv
