# Run at build time: writes OUTPUT, a header with a hash over conv/backend.hpp and all headers of the
# library that it includes, directly or not: the types that the program and its backends exchange.
# DEPFILE tells the build which they are, so that it runs again when one of them changes.
cmake_minimum_required(VERSION 3.25)

set(waiting conv/backend.hpp)
set(headers "")
while(waiting)
  list(POP_FRONT waiting header)
  if(header IN_LIST headers)
    continue()
  endif()
  list(APPEND headers ${header})
  file(STRINGS "${LIBRARY}/${header}" includes REGEX "^#include \"")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included "${line}")
    list(APPEND waiting ${included})
  endforeach()
endwhile()

list(SORT headers)
set(hashes "")
set(places "")
foreach(header IN LISTS headers)
  file(SHA256 "${LIBRARY}/${header}" hash)
  string(APPEND hashes "${header} ${hash}\n")
  string(REPLACE " " "\\ " place "${LIBRARY}/${header}")
  string(APPEND places " ${place}")
endforeach()
string(SHA256 interface "${hashes}")

file(WRITE "${OUTPUT}" "#pragma once

namespace conv {

/// What program and backends must have seen alike: a hash over the headers of the types that they
/// exchange, made by the build, and the compiler.
inline constexpr const char* kBackendInterface = \"conv-cli backend ${interface}, \" __VERSION__;

}  // namespace conv
")
file(WRITE "${DEPFILE}" "${OUTPUT}:${places}\n")
