# Sources that Highway compiles for several instruction sets, or that name the sets: without SSSE3, which alone
# serves processors of 2006 to 2009 (docs/decisions/0030-vectors-apart.md).
set(conv_disabled_targets HWY_SSSE3)
if(CONV_SANITIZE)
  # Two sets stand for all, emulated vectors and AVX2.
  set(conv_disabled_targets "(HWY_SSSE3|HWY_SSE4|HWY_AVX3|HWY_AVX3_DL)")
endif()
function(conv_simd)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_DEFINITIONS
    "HWY_DISABLED_TARGETS=${conv_disabled_targets}")
  if(CONV_SANITIZE STREQUAL "address")
    # With its checks in everything that is inlined, optimising one of these files takes minutes: 79 s, 3 s as they
    # are. With ThreadSanitizer's 17 s are spent, and tests of wide rows take a tenth of their time.
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -O0)
  endif()
endfunction()
