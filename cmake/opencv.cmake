# The OpenCV modules that are used, as targets opencv_NAME. Debian keeps OpenCVConfig.cmake and opencv4.pc
# in libopencv-dev alone, with every other module (docs/decisions/0019): so headers and libraries are
# looked for here.
find_path(CONV_OPENCV_FOLDER opencv2/core.hpp PATH_SUFFIXES opencv4)
mark_as_advanced(CONV_OPENCV_FOLDER)
foreach(module core imgproc imgcodecs)
  find_library(CONV_OPENCV_${module} opencv_${module})
  mark_as_advanced(CONV_OPENCV_${module})
  if(NOT CONV_OPENCV_${module} OR NOT EXISTS ${CONV_OPENCV_FOLDER}/opencv2/${module}.hpp)
    message(FATAL_ERROR "OpenCV's ${module} is not there, install libopencv-${module}-dev")
  endif()
  add_library(opencv_${module} SHARED IMPORTED)
  set_target_properties(opencv_${module} PROPERTIES
    IMPORTED_LOCATION ${CONV_OPENCV_${module}}
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${CONV_OPENCV_FOLDER}
    INTERFACE_INCLUDE_DIRECTORIES ${CONV_OPENCV_FOLDER})
endforeach()
target_link_libraries(opencv_imgproc INTERFACE opencv_core)
target_link_libraries(opencv_imgcodecs INTERFACE opencv_imgproc)
