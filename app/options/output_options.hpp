#pragma once

#include <string>

#include "files/codec.hpp"
#include "files/image_document.hpp"

namespace CLI {
class App;
}

namespace conv {

/// The options that say how outputs are written and what is said about it, as typed: declared once,
/// shared by every subcommand that writes filtered pictures.
struct OutputOptions {
    WriteOptions write;
    std::string metadata = "keep", quality = "keep";
    std::string codec_word = "auto";
    bool verbose = false, quiet = false, json = false;

    /// `write` with all that was typed.
    WriteOptions write_options() const;
    Codec codec() const;
};

/// Declares the options on a subcommand.
void add_output_options(CLI::App& command, OutputOptions& options);

}  // namespace conv
