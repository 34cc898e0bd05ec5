#include "options/output_options.hpp"

#include <CLI/CLI.hpp>

namespace conv {

WriteOptions OutputOptions::write_options() const {
    WriteOptions all = write;
    all.keep_metadata = metadata == "keep";
    return all;
}

void add_output_options(CLI::App& command, OutputOptions& o) {
    command.add_option("--metadata", o.metadata, "keep (ICC, EXIF, resolution) or strip")
        ->type_name("M")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"keep", "strip"}));
    command
        .add_flag("--overwrite,!--no-overwrite", o.write.overwrite,
                  "replace an existing output (the default), or refuse to")
        ->group("Output");
    command.add_flag("--sync", o.write.sync, "force the output to disk")->group("Output");
    command.add_option("--quality", o.write.quality, "of JPEG and WebP, 1 to 100")
        ->type_name("Q")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::Range(1, 100));
    command.add_option("--png-compression", o.write.png_compression, "0 (none) to 9 (smallest)")
        ->type_name("N")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::Range(0, 9));
    command.add_option("--tiff-compression", o.write.tiff_compression, "none, lzw or deflate")
        ->type_name("C")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"none", "lzw", "deflate"}));
    command.add_flag("-v,--verbose", o.verbose, "name every decision taken, on stderr")
        ->group("Output");
    command.add_flag("-q,--quiet", o.quiet, "only errors on stderr")->group("Output");
    command.add_flag("--json", o.json, "one JSON document on stdout")->group("Output");
}

}  // namespace conv
