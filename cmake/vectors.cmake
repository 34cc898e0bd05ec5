# Sources that Highway compiles for several instruction sets, or that name the sets: without SSSE3, which alone
# serves processors of 2006 to 2009 (docs/decisions/0030-vectors-apart.md).
function(conv_simd)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_DEFINITIONS HWY_DISABLED_TARGETS=HWY_SSSE3)
endfunction()
