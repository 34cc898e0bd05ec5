#include "commands/kernel_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "base/error.hpp"
#include "drawing/canvas.hpp"
#include "files/image_file.hpp"
#include "files/output/output_file.hpp"
#include "files/output/whole_file.hpp"
#include "kernel_pictures/gallery.hpp"
#include "kernel_pictures/kernel_picture.hpp"
#include "kernel_pictures/test_card.hpp"
#include "kernels/analysis.hpp"
#include "kernels/builtin.hpp"
#include "kernels/kernel_text.hpp"
#include "kernels/kernel_values.hpp"
#include "options/drawing_option.hpp"
#include "options/kernel_source.hpp"
#include "options/option_words.hpp"
#include "results/kernel_json.hpp"
#include "tensor/npy.hpp"
#include "text/builtin_list_text.hpp"
#include "text/json_text.hpp"
#include "text/kernel_values_text.hpp"
#include "text/terminal.hpp"
#include "text/text_table.hpp"
#include "text/wrapping.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

struct KernelOptions {
    std::string argument, output, format, input_format = "auto", picture, input;
    std::vector<std::string> files;
    std::int64_t only = -1;  ///< of several kernels; -1: all
    bool json = false, quiet = false;
    Ground ground = Ground::white;
};

/// The kernels of the argument, or the one that --only names.
std::vector<Kernel> chosen_kernels(const KernelOptions& o) {
    std::vector<Kernel> kernels = load_kernels(o.argument, o.input_format);
    const auto count = static_cast<std::int64_t>(kernels.size());
    if (o.only < 0) return kernels;
    if (o.only >= count) {
        fail(ErrorKind::usage, "--only {}: {} has {}, use 0 to {}", o.only, o.argument,
             counted(count, "kernel"), count - 1);
    }
    return {kernels[static_cast<std::size_t>(o.only)]};
}

Json parameter_json(const BuiltinParameter& parameter) {
    Json json{{"name", parameter.name},
              {"summary", parameter.summary},
              {"minimum", parameter.minimum},
              {"maximum", parameter.maximum},
              {"default", parameter.default_text}};
    for (const BuiltinWord& word : parameter.words) json["words"].push_back(word.word);
    return json;
}

Json kernel_json(const Kernel& kernel) {
    const KernelProperties properties = analyse_kernel(kernel);
    Json json{{"name", kernel.name}, {"format", kernel.format}};
    if (kernel.rank == 4) json["K"] = kernel.K;
    if (kernel.rank >= 3) json["C"] = kernel.C;
    json["R"] = kernel.R;
    json["S"] = kernel.S;
    json["scale"] = kernel.scale;
    json["bias"] = kernel.bias;
    if (kernel.anchor) json["anchor"] = {kernel.anchor->x, kernel.anchor->y};
    json["sum"] = properties.sum;
    json["absolute_sum"] = properties.absolute_sum;
    json["zero_sum"] = properties.zero_sum;
    json["rank"] = properties.rank;
    json["separable"] = properties.separable;
    json["point_symmetric"] = properties.point_symmetric;
    json["values"] = kernel.values;
    return json;
}

std::string sizes_text(const Kernel& kernel) {
    std::string sizes = fmt::format("{} rows x {} columns", kernel.R, kernel.S);
    if (kernel.rank == 3) sizes = fmt::format("{} channels x ", kernel.C) + sizes;
    if (kernel.rank == 4)
        sizes = fmt::format("{} kernels x {} channels x ", kernel.K, kernel.C) + sizes;
    return sizes;
}

void print_kernel(std::ostream& out, const Kernel& kernel, std::optional<std::size_t> width) {
    const KernelProperties p = analyse_kernel(kernel);
    out << fmt::format("{}: {}, {}\n", printable_line(kernel.name), kernel.format,
                       sizes_text(kernel));
    write_kernel_values(out, kernel, width);
    if (kernel.scale != 1) out << fmt::format("scale {:g}\n", kernel.scale);
    if (!kernel.bias.empty()) out << fmt::format("bias {:g}\n", fmt::join(kernel.bias, ", "));
    if (kernel.anchor) out << fmt::format("anchor {},{}\n", kernel.anchor->x, kernel.anchor->y);
    out << fmt::format("sum {:g}{}, sum of absolute values {:g}, rank {}{}{}\n", p.sum,
                       p.zero_sum ? " (zero-sum)" : "", p.absolute_sum, p.rank,
                       p.separable ? ", separable" : "", p.point_symmetric ? ", symmetric" : "");
}

void write_gallery(const KernelOptions& o, std::ostream& err) {
    constexpr std::int64_t kTestCard = 288;
    named("--gallery", [&] { check_drawing_name(o.picture); });
    const Image picture =
        o.input.empty() ? test_card(kTestCard) : read_image(o.input).pages.front();
    write_notes(
        err, write_whole_file(drawing_path(o.picture), draw_gallery(picture, o.picture, o.ground)));
}

void run_list(const KernelOptions& o, std::ostream& out, std::ostream& err) {
    if (!o.picture.empty()) write_gallery(o, err);
    Json json{{"schema", "conv-cli/kernel-list/1"}, {"kernels", Json::array()}};
    for (const Builtin& builtin : builtin_kernels()) {
        Json entry{
            {"name", builtin.name}, {"summary", builtin.summary}, {"parameters", Json::array()}};
        for (const BuiltinParameter& parameter : builtin.parameters) {
            entry["parameters"].push_back(parameter_json(parameter));
        }
        json["kernels"].push_back(std::move(entry));
    }
    if (o.json) {
        out << json_text(json);
    } else if (!o.quiet) {
        out << builtin_list_text(terminal_width(out));
    }
}

void run_show(const KernelOptions& o, std::ostream& out, std::ostream& err) {
    if (!o.picture.empty()) named("--image", [&] { check_drawing_name(o.picture); });
    const std::vector<Kernel> kernels = chosen_kernels(o);
    if (!o.picture.empty()) {
        write_notes(err, write_whole_file(drawing_path(o.picture),
                                          draw_kernels(kernels, o.picture, o.ground)));
    }
    if (o.json) {
        Json json{{"schema", "conv-cli/kernel-show/1"}, {"kernels", Json::array()}};
        for (const Kernel& kernel : kernels) json["kernels"].push_back(kernel_json(kernel));
        out << json_text(json);
        return;
    }
    if (o.quiet) return;
    std::ostringstream text;
    const std::optional<std::size_t> width = terminal_width(out);
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        if (i > 0) text << '\n';
        print_kernel(text, kernels[i], width);
    }
    out << fitted(text.str(), width);
}

/// The text format that an output name asks for, where --to does not say it.
std::string format_of_name(const std::string& path) {
    const std::string extension = std::filesystem::path(path).extension().string();
    for (const auto& [known, format] : {std::pair{".npy", "npy"},
                                        {".mat", "vips"},
                                        {".yml", "opencv"},
                                        {".yaml", "opencv"},
                                        {".xml", "opencv"},
                                        {".json", "opencv"},
                                        {".txt", "plain"}}) {
        if (extension == known) return format;
    }
    fail(ErrorKind::usage,
         "'{}' does not say the kernel format, use --to plain, vips, imagemagick, "
         "gmic, opencv or npy",
         printable_line(path));
}

/// The weights as a float64 array, R S, C R S or K C R S: every bit of them.
std::string npy_bytes(const Kernel& kernel) {
    require_default_anchor(kernel, "a .npy array");
    require_no_bias(kernel, "a .npy array");
    const std::vector<double> values = scaled_values(kernel);
    const std::array<std::int64_t, 4> dims{kernel.K, kernel.C, kernel.R, kernel.S};
    std::string bytes =
        npy_header(NpyElement::f64, std::span(dims).last(static_cast<std::size_t>(kernel.rank)));
    return bytes.append(reinterpret_cast<const char*>(values.data()),
                        values.size() * sizeof(double));
}

/// Several 2-D kernels of one size as one K x 1 x R x S bank, for formats that hold banks.
Kernel as_bank(const std::vector<Kernel>& kernels) {
    Kernel bank = kernels.front();
    for (std::size_t k = 1; k < kernels.size(); ++k) {
        const Kernel& kernel = kernels[k];
        if (kernel.rank != 2 || bank.rank == 3 || kernel.R != bank.R || kernel.S != bank.S ||
            kernel.anchor != bank.anchor || kernel.scale != bank.scale) {
            fail(ErrorKind::usage,
                 "{} kernels of different sizes or scales do not make one bank, use --only 0 to {} "
                 "for each",
                 kernels.size(), kernels.size() - 1);
        }
        bank.rank = 4;
        ++bank.K;
        bank.values.insert(bank.values.end(), kernel.values.begin(), kernel.values.end());
    }
    return bank;
}

void run_convert(const KernelOptions& o, std::ostream& out, std::ostream& err) {
    if (o.json && o.output == "-") {
        fail(ErrorKind::usage, "--json and the kernel cannot both go to standard output, name OUT");
    }
    const Kernel kernel = as_bank(chosen_kernels(o));
    const std::string format = !o.format.empty() ? o.format
                               : o.output == "-" ? std::string("plain")
                                                 : format_of_name(o.output);
    const std::string bytes =
        format == "npy" ? npy_bytes(kernel)
                        : named("--to", [&] { return write_kernel_text(kernel, format); });
    if (o.output == "-") {
        if (format == "npy") check_output_path(o.output, {});
        out << bytes;
        return;
    }
    if (o.json) {
        out << json_text({{"schema", "conv-cli/kernel-convert/1"},
                          {"kernels", kernels_json({kernel})},
                          {"outputs", {o.output}},
                          {"format", format}});
    }
    write_notes(err, write_whole_file(o.output, bytes, format != "npy"));
}

/// Reads every file and reports each; a bad one does not stop the others.
void run_check(const KernelOptions& o, std::ostream& out, std::ostream& err) {
    Json json{{"schema", "conv-cli/kernel-check/1"}, {"files", Json::array()}};
    std::size_t bad = 0;
    for (const std::string& file : o.files) {
        try {
            for (const Kernel& kernel : load_kernels(file, o.input_format)) {
                if (!o.json)
                    out << fmt::format("{}: good, {}, {}\n", printable_line(file), kernel.format,
                                       sizes_text(kernel));
                json["files"].push_back(
                    {{"file", file}, {"good", true}, {"format", kernel.format}});
            }
        } catch (const Error& error) {
            ++bad;
            if (!o.json) err << fmt::format("conv-cli: {}\n", printable_line(error.what()));
            json["files"].push_back({{"file", file}, {"good", false}, {"error", error.what()}});
        }
    }
    if (o.json) out << json_text(json);
    if (bad > 0) {
        fail(ErrorKind::usage, "{} of {} {} bad, see above", bad,
             counted(static_cast<std::int64_t>(o.files.size()), "kernel file"),
             bad == 1 ? "is" : "are");
    }
}

}  // namespace

void add_kernel_command(CLI::App& app, std::ostream& out, std::ostream& err) {
    const auto o = std::make_shared<KernelOptions>();
    CLI::App* command = app.add_subcommand("kernel", "List, show, convert and check kernels");
    command->require_subcommand(1);
    command->footer("Example: conv-cli kernel show gaussian:sigma=2");
    CLI::App* list = command->add_subcommand("list", "The built-in kernels and their parameters");
    CLI::Option* gallery =
        list->add_option("--gallery", o->picture,
                         "draw them all, as .png or .svg, applied to one picture")
            ->type_name("FILE");
    list->add_option("--input", o->input, "that picture (default: a test card)")
        ->type_name("IMAGE")
        ->needs(gallery);
    add_dark_flag(*list, o->ground, gallery);
    list->footer("Example: conv-cli kernel list --gallery gallery.png --input photo.jpg");
    list->callback([o, &out, &err] { run_list(*o, out, err); });

    CLI::App* show = command->add_subcommand("show", "One kernel as numbers, and as a picture");
    show->add_option("KERNEL", o->argument, "a file, a built-in, numbers or -")
        ->required()
        ->check(offered_kernels());
    CLI::Option* image =
        show->add_option("--image", o->picture,
                         "draw it, as .png or .svg: a heat map and its frequency response")
            ->type_name("FILE");
    add_dark_flag(*show, o->ground, image);
    show->footer("Example: conv-cli kernel show gaussian:sigma=1");
    show->callback([o, &out, &err] { run_show(*o, out, err); });

    CLI::App* convert =
        command->add_subcommand("convert", "Write a kernel in another tool's format");
    convert->add_option("KERNEL", o->argument, "a file, a built-in, numbers or -")
        ->required()
        ->check(offered_kernels());
    convert->add_option("OUT", o->output, "the file to write, or -")->required();
    convert
        ->add_option("--to", o->format,
                     "plain, vips, imagemagick, gmic, opencv or npy (default: by "
                     "OUT's extension)")
        ->type_name("F")
        ->check(offered_words({"plain", "vips", "imagemagick", "gmic", "opencv", "npy"},
                              OtherValues::text));
    convert->footer("Example: conv-cli kernel convert gaussian:sigma=2 gaussian.npy");
    convert->callback([o, &out, &err] { run_convert(*o, out, err); });

    CLI::App* check =
        command->add_subcommand("check", "Say of each file whether it is a good kernel");
    check->add_option("FILES", o->files, "kernel files")->required();
    check->footer("Example: conv-cli kernel check kernels/*.txt");
    check->callback([o, &out, &err] { run_check(*o, out, err); });

    for (CLI::App* sub : {list, show, convert, check}) {
        sub->add_flag("--json", o->json, "one JSON document on stdout");
    }
    for (CLI::App* sub : {list, show}) sub->add_flag("-q,--quiet", o->quiet, "no text on stdout");
    for (CLI::App* sub : {show, convert}) {
        sub->add_option("--only", o->only, "of several kernels the one with this number, from 0")
            ->type_name("N")
            ->check(CLI::NonNegativeNumber);
    }
    for (CLI::App* sub : {show, convert, check}) {
        sub->add_option("--kernel-format", o->input_format,
                        fmt::format("how to read it: {}", fmt::join(kernel_format_words(), " ")))
            ->type_name("F")
            ->capture_default_str()
            ->check(CLI::IsMember(kernel_format_words()));
    }
}

}  // namespace conv
