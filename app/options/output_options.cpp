#include "options/output_options.hpp"

#include <CLI/CLI.hpp>

namespace conv {
namespace {

/// What is wrong with a value of --quality; empty where nothing is.
std::string quality_fault(const std::string& value) {
    int quality = 0;
    const bool is_number = CLI::detail::lexical_cast(value, quality);
    if (value == "keep" || (is_number && quality >= 1 && quality <= 100)) return "";
    return "Value " + value + " is neither keep nor 1 to 100";
}

}  // namespace

WriteOptions OutputOptions::write_options() const {
    WriteOptions all = write;
    all.keep_metadata = metadata == "keep";
    if (quality != "keep") all.quality = std::stoi(quality);
    return all;
}

Codec OutputOptions::codec() const {
    if (codec_word == "rows") return Codec::rows;
    return codec_word == "opencv" ? Codec::opencv : Codec::automatic;
}

void add_output_options(CLI::App& command, OutputOptions& o) {
    command
        .add_option("--metadata", o.metadata,
                    "keep (profile, EXIF, XMP, IPTC, text, resolution, ...) or strip")
        ->type_name("M")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"keep", "strip"}));
    command
        .add_option("--codec", o.codec_word,
                    "who decodes and encodes: rows (row by row), opencv (whole pictures), auto: "
                    "rows where there are any")
        ->type_name("C")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"auto", "rows", "opencv"}));
    command
        .add_flag("--overwrite,!--no-overwrite", o.write.overwrite,
                  "replace an existing output (the default), or refuse to")
        ->group("Output");
    command
        .add_flag("--spool", o.write.spool,
                  "hold back what goes to a pipe or device until it is complete")
        ->group("Output");
    command.add_flag("--sync", o.write.sync, "force the output to disk")->group("Output");
    command
        .add_option("--quality", o.quality,
                    "of JPEG and WebP, 1 to 100; keep: a JPEG's own tables, a WebP's losslessness, "
                    "95 for other inputs")
        ->type_name("Q|keep")
        ->group("Output")
        ->capture_default_str()
        ->check(quality_fault);
    command
        .add_option("--subsampling", o.write.subsampling,
                    "of JPEG's colours: 444, 422, 420, or keep: a JPEG's own, 444 for other "
                    "inputs. Progressive JPEGs stay progressive")
        ->type_name("S")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"keep", "444", "422", "420"}));
    command.add_flag("--lossless", o.write.lossless, "WebP that keeps every sample")
        ->group("Output");
    command
        .add_option("--png-compression", o.write.png_compression,
                    "0 (none), 1 to 4 (fast: runs alone), 5 to 9 (smaller, slower)")
        ->type_name("N")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::Range(0, 9));
    command
        .add_option("--tiff-compression", o.write.tiff_compression,
                    "keep (the input's; lzw from other formats), none, lzw, deflate or zstd")
        ->type_name("C")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"keep", "none", "lzw", "deflate", "zstd"}));
    command
        .add_option("--tiff-layout", o.write.tiff_layout,
                    "keep (the input's; strips from other formats), strips or tiles")
        ->type_name("L")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"keep", "strips", "tiles"}));
    CLI::Option* verbose =
        command.add_flag("-v,--verbose", o.verbose, "name every decision taken, on stderr");
    verbose->group("Output");
    command.add_flag("-q,--quiet", o.quiet, "only errors on stderr")
        ->excludes(verbose)
        ->group("Output");
    command.add_flag("--json", o.json, "one JSON document on stdout")->group("Output");
}

}  // namespace conv
