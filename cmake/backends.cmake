# The optional GPU backends: modules that the program loads when a device is asked for, so that it
# starts without their libraries. CONV_WITH_OPENCL and CONV_WITH_CUDA = AUTO (if found), ON, OFF.
set(CONV_WITH_OPENCL AUTO CACHE STRING "The OpenCL backend: AUTO (if found), ON or OFF")
set(CONV_WITH_CUDA AUTO CACHE STRING "The CUDA backend: AUTO (if found), ON or OFF")
set_property(CACHE CONV_WITH_OPENCL CONV_WITH_CUDA PROPERTY STRINGS AUTO ON OFF)

# backend_interface.hpp: what the program and its backends compare before they exchange types.
set(conv_interface_folder ${PROJECT_BINARY_DIR}/generated)
set(conv_interface_header ${conv_interface_folder}/backend_interface.hpp)
add_custom_command(
  OUTPUT ${conv_interface_header}
  COMMAND ${CMAKE_COMMAND} -DLIBRARY=${PROJECT_SOURCE_DIR}/lib -DOUTPUT=${conv_interface_header}
          -DDEPFILE=${conv_interface_header}.d -P ${PROJECT_SOURCE_DIR}/cmake/backend_interface.cmake
  DEPENDS ${PROJECT_SOURCE_DIR}/cmake/backend_interface.cmake
  DEPFILE ${conv_interface_header}.d
  VERBATIM)
add_custom_target(conv_backend_interface DEPENDS ${conv_interface_header})
add_dependencies(conv_objects conv_backend_interface)
set_property(SOURCE lib/devices.cpp PROPERTY INCLUDE_DIRECTORIES ${conv_interface_folder})

# Adds the module conv_NAME. It carries its own copy of what it needs of the library and shows
# nothing but the functions of lib/conv/backend.hpp and lib/gpu/copy_bandwidth.hpp.
function(conv_add_backend name)
  add_library(conv_${name} MODULE ${ARGN})
  set_target_properties(conv_${name} PROPERTIES
    PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/conv-cli"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_link_libraries(conv_${name} PRIVATE conv_modular conv_build_flags)
  target_include_directories(conv_${name} PRIVATE ${conv_interface_folder})
  add_dependencies(conv_${name} conv_backend_interface)
  target_link_options(conv_${name} PRIVATE -Wl,--exclude-libs,ALL ${conv_no_undefined})
  add_dependencies(modules conv_${name})
  install(TARGETS conv_${name} LIBRARY DESTINATION lib/conv-cli COMPONENT ${name})
endfunction()

# Sets WANTED unless the option is OFF; stops where it is none of its three values.
function(conv_backend_wanted option wanted)
  if(NOT ${option} MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "${option} is '${${option}}', use AUTO, ON or OFF")
  endif()
  if(${option} STREQUAL "OFF")
    set(${wanted} FALSE PARENT_SCOPE)
  else()
    set(${wanted} TRUE PARENT_SCOPE)
  endif()
endfunction()

# Says what a backend lacks: an error where it was asked for.
function(conv_backend_missing option reason)
  if(${option} STREQUAL "ON")
    message(FATAL_ERROR "${option}=ON, but ${reason}")
  endif()
  message(STATUS "${option}: left out, ${reason}")
endfunction()

conv_backend_wanted(CONV_WITH_OPENCL wanted)
if(wanted)
  find_package(OpenCL QUIET)
  find_package(CLBlast CONFIG QUIET)
  find_path(CONV_OPENCL_HPP_FOLDER CL/opencl.hpp)
  mark_as_advanced(CONV_OPENCL_HPP_FOLDER)
  if(OpenCL_FOUND AND CLBlast_FOUND AND CONV_OPENCL_HPP_FOLDER)
    add_subdirectory(lib/opencl)
  else()
    conv_backend_missing(CONV_WITH_OPENCL "OpenCL, its C++ header or CLBlast is not there: install \
ocl-icd-opencl-dev, opencl-clhpp-headers and libclblast-dev")
  endif()
endif()

conv_backend_wanted(CONV_WITH_CUDA wanted)
if(wanted)
  # Code for three generations, and an intermediate form that newer ones compile for themselves.
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 90)
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  find_package(CUDAToolkit QUIET)
  find_path(CONV_CUBLAS_FOLDER cublas_v2.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
  mark_as_advanced(CONV_CUBLAS_FOLDER)
  if(CMAKE_CUDA_COMPILER AND CONV_CUBLAS_FOLDER AND TARGET CUDA::cudart_static)
    enable_language(CUDA)
    add_subdirectory(lib/cuda)
  else()
    conv_backend_missing(CONV_WITH_CUDA "nvcc or cuBLAS's header is not there: install the CUDA \
toolkit and put its bin folder on the PATH")
  endif()
endif()
