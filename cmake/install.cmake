# What `cmake --install` puts where: the program with its documents, and the library with its headers,
# its CMake package (find_package(conv), target conv::conv) and conv.pc.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS conv-cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(FILES ${conv_documents_folder}/conv-cli.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
  COMPONENT documents)
install(FILES ${conv_documents_folder}/conv-cli.bash RENAME conv-cli
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${conv_documents_folder}/_conv-cli
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT program)
install(FILES ${conv_documents_folder}/conv-cli.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documents)

# Headers are included as <conv/...>: those of lib/ and lib/conv/ as <conv/X.hpp>, of other folders as
# <conv/FOLDER/X.hpp>.
install(CODE "
  set(source \"${PROJECT_SOURCE_DIR}/lib\")
  set(target \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/conv\")
  include(\"${PROJECT_SOURCE_DIR}/cmake/public_headers.cmake\")"
  COMPONENT library)
install(TARGETS conv EXPORT conv-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# What has been installed above looks for its modules where they are installed too, unless told another
# folder.
function(conv_tell_module_folder component file)
  install(CODE "
    set(FILE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${file}\")
    set(FOLDER \"\${CMAKE_INSTALL_PREFIX}/lib/conv-cli\")
    set(OBJCOPY \"${CMAKE_OBJCOPY}\")
    set(AR \"${CMAKE_AR}\")
    include(\"${PROJECT_SOURCE_DIR}/cmake/module_folder.cmake\")" COMPONENT ${component})
endfunction()
if(NOT CONV_RELOCATABLE AND NOT CONV_MODULE_FOLDER)
  conv_tell_module_folder(program ${CMAKE_INSTALL_BINDIR}/conv-cli)
  conv_tell_module_folder(library ${CMAKE_INSTALL_LIBDIR}/libconv.a)
endif()

set(conv_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/conv)
install(EXPORT conv-targets NAMESPACE conv:: DESTINATION ${conv_package_folder} COMPONENT library)
set(conv_with_fftw OFF)
set(conv_pc_requires "fmt, libhwy, openblas, tbb")
if(TARGET PkgConfig::FFTW)
  set(conv_with_fftw ON)
  string(APPEND conv_pc_requires ", fftw3f, fftw3")
endif()
configure_package_config_file(cmake/conv-config.cmake.in conv-config.cmake
  INSTALL_DESTINATION ${conv_package_folder})
write_basic_package_version_file(conv-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/conv-config.cmake ${PROJECT_BINARY_DIR}/conv-config-version.cmake
  DESTINATION ${conv_package_folder} COMPONENT library)

file(RELATIVE_PATH conv_pc_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" conv_pc_prefix ${conv_pc_prefix})
configure_file(cmake/conv.pc.in conv.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/conv.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT library)
