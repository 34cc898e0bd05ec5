# The manual page and the shell completions, written by the program's own declarations.
add_executable(conv_documents tools/documents/main.cpp)
target_compile_definitions(conv_documents PRIVATE CONV_VERSION="${PROJECT_VERSION}")
target_link_libraries(conv_documents PRIVATE conv_app conv_build_flags)

set(conv_documents_folder ${PROJECT_BINARY_DIR}/documents)
set(conv_document_files conv-cli.1 conv-cli.bash conv-cli.fish _conv-cli)
list(TRANSFORM conv_document_files PREPEND ${conv_documents_folder}/)
file(MAKE_DIRECTORY ${conv_documents_folder})
add_custom_command(
  OUTPUT ${conv_document_files}
  COMMAND conv_documents ${conv_documents_folder}
  DEPENDS conv_documents
  COMMENT "Writing the manual page and the shell completions"
  VERBATIM)
add_custom_target(documents ALL DEPENDS ${conv_document_files})
