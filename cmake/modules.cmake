# The program's modules: OpenBLAS and OpenCV, opened when they are needed, so that it starts without
# them. Program and module exchange C++ types, so both carry a hash of the headers that declare them.
# COMPONENT: the part of an installation that has it (cmake/packages.cmake).
function(conv_add_module name component headers)
  set(texts "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE}")
  foreach(header IN LISTS headers)
    file(SHA256 ${PROJECT_SOURCE_DIR}/${header} hash)
    string(APPEND texts " ${hash}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
  endforeach()
  string(SHA256 hash "${texts}")
  string(TOUPPER ${name} upper)
  set_property(SOURCE app/modules/${name}_module.cpp app/modules/open_${name}.cpp
    APPEND PROPERTY COMPILE_DEFINITIONS "CONV_${upper}_INTERFACE=\"${name} ${hash}\"")

  add_library(conv_${name} MODULE ${ARGN})
  set_target_properties(conv_${name} PROPERTIES
    PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/conv-cli"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(conv_${name} PRIVATE app lib)
  target_link_libraries(conv_${name} PRIVATE conv_build_flags fmt::fmt)
  target_link_options(conv_${name} PRIVATE -Wl,--exclude-libs,ALL ${conv_no_undefined})
  add_dependencies(modules conv_${name})
  install(TARGETS conv_${name} LIBRARY DESTINATION lib/conv-cli COMPONENT ${component})
endfunction()

conv_add_module(openblas program "lib/gemm/openblas.hpp;lib/gemm/sgemm.hpp"
  app/modules/openblas_module.cpp lib/gemm/openblas_calls.cpp)
target_link_libraries(conv_openblas PRIVATE PkgConfig::OPENBLAS)

conv_add_module(opencv opencv
  "app/modules/opencv_functions.hpp;app/drawing/canvas.hpp;lib/base/error.hpp;lib/tensor/image.hpp;lib/tensor/samples.hpp;lib/tensor/sample_type.hpp;lib/tensor/shape.hpp"
  app/modules/opencv_module.cpp app/drawing/raster_canvas.cpp app/drawing/raster_letters.cpp
  lib/tensor/samples.cpp lib/base/pages.cpp lib/base/size.cpp)
find_package(Freetype REQUIRED)
target_link_libraries(conv_opencv PRIVATE opencv_core opencv_imgcodecs opencv_imgproc Freetype::Freetype)
