#pragma once

#include <memory>
#include <string>

#include "files/file_format.hpp"

namespace conv {

/// The whole document of an input that is decoded row by row. Throws what the reader throws, and
/// Error{memory} for what check_declared_size refuses.
ImageDocument read_document(RowFileReader& reader, const std::string& name,
                            const ReadOptions& options);

/// Writes all pages, and the end of the file.
void write_document(const ImageDocument& document, RowFileWriter& writer);

/// A document in memory as an input of rows, which then can seek. The pages go one by one, each
/// when its rows are asked for, or stay to be asked for again.
enum class DocumentPages { go, stay };
std::unique_ptr<RowFileReader> document_rows(ImageDocument document,
                                             DocumentPages pages = DocumentPages::go);

}  // namespace conv
