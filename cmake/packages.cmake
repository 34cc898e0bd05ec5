# `cpack` makes four Debian packages: the program, its modules for OpenCV's codecs and for OpenCL devices,
# which it recommends, and the library. tools/package.sh configures for /usr, writes what each has in
# /usr/share/doc, and makes them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the conv-cli authors")
set(CPACK_PACKAGE_CONTACT "the conv-cli authors <conv-cli@conv-cli.invalid>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(conv_package_version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)

# One package a component: its NAME and its description, the first line of which is the summary.
function(conv_add_package component name description)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_COMPONENT_${upper}_DESCRIPTION ${description} PARENT_SCOPE)
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} ${component} PARENT_SCOPE)
  set(texts ${PROJECT_BINARY_DIR}/package)
  install(FILES ${texts}/copyright ${texts}/changelog.gz ${texts}/changelog.Debian.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component} EXCLUDE_FROM_ALL
    OPTIONAL)  # tools/package.sh has made them
endfunction()

conv_add_package(program conv-cli "filters images with any convolution kernel
 Filters photographs, microscope stacks, maps and arrays from the shell, one
 file or ten thousand, and keeps what the files carry. Convolution is done as
 matrix multiplication and in other ways, which can be compared and explained.")
install(FILES ${PROJECT_BINARY_DIR}/package/conv-cli.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
  COMPONENT program EXCLUDE_FROM_ALL OPTIONAL)

conv_add_package(opencv conv-cli-opencv "OpenCV's codecs for conv-cli
 The module with which conv-cli reads and writes in OpenCV's way the formats
 that it can also do itself, and draws figures in PNG. It is opened when one is
 asked for.")
set(CPACK_DEBIAN_OPENCV_PACKAGE_RECOMMENDS fonts-dejavu-core)

conv_add_package(library libconv-dev "convolution library of conv-cli (development files)
 The C++20 library that conv-cli is made of: headers, an archive to link, and
 descriptions for CMake and pkg-config.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS OFF)  # its users link, and need more than shared libraries
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS
  "libfmt-dev, libhwy-dev, libopenblas-dev, libtbb-dev, pkg-config")
if(TARGET PkgConfig::FFTW)
  string(APPEND CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS ", libfftw3-dev")
endif()

set(conv_recommended conv-cli-opencv)
if(TARGET conv_opencl)
  conv_add_package(opencl conv-cli-opencl "OpenCL devices for conv-cli
 The module with which conv-cli filters on OpenCL devices (--device opencl). It
 is opened when one is asked for.")
  set(CPACK_DEBIAN_OPENCL_PACKAGE_SUGGESTS opencl-icd)
  list(APPEND conv_recommended conv-cli-opencl)
endif()
# Program and modules exchange types: they are of one build.
list(TRANSFORM conv_recommended APPEND " (= ${conv_package_version})")
list(JOIN conv_recommended ", " CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS)
foreach(module OPENCV OPENCL)
  set(CPACK_DEBIAN_${module}_PACKAGE_DEPENDS "conv-cli (= ${conv_package_version})")
endforeach()
include(CPack)
