# Copies the library's public headers from ${source} to ${target}, their includes of each other rewritten
# as <conv/...>. The ways to compute, and what only they use, have no public headers.
file(GLOB_RECURSE headers RELATIVE "${source}" "${source}/*.hpp")
list(FILTER headers EXCLUDE REGEX "^(cpu|cuda|gemm|gpu|opencl|tuning)/|-inl[.]hpp$")
foreach(header IN LISTS headers)
  string(REGEX REPLACE "^conv/" "" place "${header}")
  file(READ "${source}/${header}" text)
  string(REGEX REPLACE "#include \"(conv/)?([^\"]+)\"" "#include <conv/\\2>" text "${text}")
  file(WRITE "${target}/${place}" "${text}")
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${target}/${place}")
endforeach()
message(STATUS "Installing: headers in ${target}")
