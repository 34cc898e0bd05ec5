#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/places.hpp"
#include "support/test_files.hpp"

namespace fs = std::filesystem;
using conv::test::read_bytes;

namespace {

const fs::path kRoot = conv::test::source_folder();

struct SourceFile {
    std::string path;  ///< from the root, as lib/conv/problem.cpp
    std::string text;  ///< without comments
    std::vector<std::string> includes;

    bool is_in(const std::string& folder) const { return path.starts_with(folder + "/"); }
    bool includes_any(const std::string& start) const {
        return std::any_of(includes.begin(), includes.end(),
                           [&](const std::string& include) { return include.starts_with(start); });
    }
};

SourceFile load(const fs::path& file) {
    SourceFile source;
    source.path = fs::relative(file, kRoot).string();
    source.text = std::regex_replace(read_bytes(file.string()), std::regex("//[^\n]*"), "");
    static const std::regex include("#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
    for (std::sregex_iterator at(source.text.begin(), source.text.end(), include), end; at != end;
         ++at) {
        source.includes.push_back((*at)[1]);
    }
    return source;
}

bool is_source(const fs::path& file) {
    static const std::set<std::string> kinds = {".cpp", ".hpp", ".cu", ".cuh"};
    return kinds.contains(file.extension().string());
}

const std::vector<SourceFile>& sources() {
    static const std::vector<SourceFile> all = [] {
        std::vector<SourceFile> found;
        for (const char* top : {"lib", "app", "bench", "tests"}) {
            for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
                if (is_source(entry.path())) found.push_back(load(entry.path()));
            }
        }
        return found;
    }();
    return all;
}

/// Which folders of lib/ a folder of lib/ may include, besides itself.
const std::map<std::string, std::set<std::string>>& allowed_folders() {
    static const std::map<std::string, std::set<std::string>> allowed = {
        {"base", {}},
        {"timing", {"base"}},
        {"tensor", {"base"}},
        {"gemm", {"base", "tensor"}},
        {"conv", {"base", "tensor"}},
        {"kernels", {"base", "tensor"}},
        {"cpu", {"base", "tensor", "conv", "gemm", "kernels"}},
        {"gpu", {"base", "tensor", "conv"}},
        {"opencl", {"base", "tensor", "conv", "gpu"}},
        {"cuda", {"base", "tensor", "conv", "gpu"}},
        {"lowering", {"base", "tensor", "conv"}},
        {"tuning", {"base", "tensor", "conv", "timing"}},
        {"pipeline", {"base", "tensor", "conv", "gemm", "kernels", "timing"}},
    };
    return allowed;
}

/// The folder of a path "folder/file.hpp"; empty for a plain name.
std::string folder_of(const std::string& path) {
    const std::size_t slash = path.find('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string lib_folder(const SourceFile& source) {
    return source.is_in("lib") ? folder_of(source.path.substr(4)) : "";
}

}  // namespace

TEST_CASE("structure: a folder of the library includes only what lies below it") {
    for (const SourceFile& source : sources()) {
        const std::string folder = lib_folder(source);
        if (folder.empty()) continue;
        CAPTURE(source.path);
        REQUIRE_MESSAGE(allowed_folders().contains(folder),
                        "a folder without a line in allowed_folders()");
        for (const std::string& include : source.includes) {
            const std::string target = folder_of(include);
            if (!allowed_folders().contains(target) || target == folder) continue;
            CAPTURE(include);
            CHECK(allowed_folders().at(folder).contains(target));
        }
    }
}

TEST_CASE("structure: a method's wing includes itself, tile/ and what lies below lib/cpu") {
    for (const SourceFile& source : sources()) {
        if (!source.is_in("lib/cpu")) continue;
        const std::string wing = folder_of(source.path.substr(8));
        if (wing.empty()) continue;
        CAPTURE(source.path);
        for (const std::string& include : source.includes) {
            if (!include.starts_with("cpu/")) continue;
            CAPTURE(include);
            const std::string target = folder_of(include.substr(4));
            CHECK((target == wing || target == "tile"));
        }
    }
}

TEST_CASE("structure: only devices.cpp knows the backends, and they do not know each other") {
    for (const SourceFile& source : sources()) {
        if (!source.is_in("lib") || source.path == "lib/devices.cpp") continue;
        for (const std::string backend : {"cpu", "opencl", "cuda"}) {
            if (lib_folder(source) == backend) continue;
            CAPTURE(source.path);
            CHECK_FALSE(source.includes_any(backend + "/"));
        }
        // The headers in lib/ itself are the library's doors.
        const bool above = lib_folder(source) == "pipeline" || lib_folder(source).empty();
        if (!above) CHECK_FALSE(source.includes_any("devices.hpp"));
    }
}

TEST_CASE("structure: the library includes nothing of the program, and app only its files below") {
    for (const SourceFile& source : sources()) {
        CAPTURE(source.path);
        if (source.is_in("lib")) {
            for (const std::string& include : source.includes) {
                CAPTURE(include);
                CHECK_FALSE(folder_of(include) == "files");
                CHECK_FALSE(fs::exists(kRoot / "app" / include));
            }
        }
        if (source.is_in("app/files")) {
            for (const std::string& include : source.includes) {
                CAPTURE(include);
                const bool of_app = fs::exists(kRoot / "app" / include);
                const std::string folder = folder_of(include);
                CHECK((!of_app || folder == "files" || folder == "modules"));
            }
        }
    }
}

TEST_CASE("structure: CLI11, OpenCV and cblas.h stay in their places") {
    static const std::regex cli_files(
        "app/(cli|documents/command_outline|options/.*|compare/compare_options|commands/"
        ".*)\\.[ch]pp|"
        "bench/.*");
    static const std::regex opencv_files(
        "app/files/.*|app/modules/opencv_module\\.cpp|app/drawing/raster_.*|bench/"
        ".*|tests/opencv_oracle_test\\.cpp");
    for (const SourceFile& source : sources()) {
        CAPTURE(source.path);
        if (source.includes_any("CLI/")) CHECK(std::regex_match(source.path, cli_files));
        if (source.includes_any("opencv2/")) CHECK(std::regex_match(source.path, opencv_files));
        if (source.includes_any("cblas"))
            CHECK((source.is_in("lib/gemm") || source.is_in("bench")));
        if (source.includes_any("fftw3"))
            CHECK((source.is_in("lib/cpu/fft") || source.is_in("bench")));
    }
}

TEST_CASE("structure: a codec's library is known in its format's folder alone") {
    static const std::map<std::string, std::string> folders = {
        {"png.h", "app/files/formats/png"},
        {"jpeglib.h", "app/files/formats/jpeg"},
        {"webp/", "app/files/formats/webp"},
        {"OpenEXR/", "app/files/formats/exr"}};
    for (const SourceFile& source : sources()) {
        CAPTURE(source.path);
        for (const auto& [header, folder] : folders) {
            if (source.is_in("tests/support") || !source.includes_any(header)) continue;
            CHECK(source.is_in(folder));
        }
    }
}

TEST_CASE(
    "structure: an output is opened in app/files/output, a module in lib/base, and nowhere else") {
    static const std::regex opens_output(
        "\\b(ofstream|std::fstream|fopen|O_WRONLY|O_RDWR|O_CREAT|mkstemp|mkostemp|rename\\s*\\()");
    static const std::regex opens_module("\\b(dlopen|dlmopen)\\b");
    // Writes to /proc, reads into the void, and what is kept in the cache directory.
    static const std::set<std::string> others = {"app/compare/memory_peak.cpp", "lib/devices.cpp",
                                                 "lib/opencl/program_cache.cpp",
                                                 "app/machine/profile_file.cpp"};
    for (const SourceFile& source : sources()) {
        if (!source.is_in("app") && !source.is_in("lib")) continue;
        CAPTURE(source.path);
        if (!source.is_in("app/files/output") && !others.contains(source.path))
            CHECK_FALSE(std::regex_search(source.text, opens_output));
        if (source.path != "lib/base/module.cpp")
            CHECK_FALSE(std::regex_search(source.text, opens_module));
    }
}

TEST_CASE("structure: the library never prints, exits or reads the environment") {
    static const std::regex forbidden(
        "\\b(std::)?(getenv|secure_getenv|setenv|printf|fprintf|puts|fputs|perror)\\s*\\(|"
        "\\bstd::(cout|cerr|clog)\\b|[^_.>a-z](exit|_Exit|quick_exit|abort|terminate)\\s*\\(|"
        "\\bfmt::print\\b");
    for (const SourceFile& source : sources()) {
        if (!source.is_in("lib")) continue;
        CAPTURE(source.path);
        CHECK_FALSE(source.includes_any("iostream"));
        std::smatch found;
        const bool any = std::regex_search(source.text, found, forbidden);
        CAPTURE(any ? found.str() : "");
        CHECK_FALSE(any);
    }
}

TEST_CASE("structure: main() hands its arguments on and does nothing else") {
    const SourceFile main = load(kRoot / "app" / "main.cpp");
    CHECK(std::count(main.text.begin(), main.text.end(), ';') <= 2);
    for (const SourceFile& source : sources()) {
        if (!source.is_in("app") || source.path == "app/main.cpp") continue;
        CAPTURE(source.path);
        CHECK_FALSE(source.includes_any("iostream"));
    }
}

TEST_CASE("structure: every source is built and every header begins with #pragma once") {
    std::string lists = read_bytes((kRoot / "CMakeLists.txt").string()) +
                        read_bytes((kRoot / "cmake/modules.cmake").string());
    for (const std::string folder : {"tests", "tests/fuzz", "bench", "lib/opencl", "lib/cuda"}) {
        lists += std::regex_replace(read_bytes((kRoot / folder / "CMakeLists.txt").string()),
                                    std::regex("(\\s)([a-z_/0-9]+\\.cpp)"), "$1" + folder + "/$2");
    }
    for (const SourceFile& source : sources()) {
        CAPTURE(source.path);
        // "-inl.hpp" is read once for each instruction set.
        const bool header = (source.path.ends_with(".hpp") || source.path.ends_with(".cuh")) &&
                            !source.path.ends_with("-inl.hpp");
        if (header) CHECK(source.text.starts_with("#pragma once\n"));
        // tests/package is a project of its own, built by package_test.sh.
        if (source.path.ends_with(".cpp") && !source.is_in("tests/package"))
            CHECK(lists.find(source.path) != std::string::npos);
    }
}

TEST_CASE("structure: code for several instruction sets is in the target that leaves some out") {
    const std::string list = read_bytes((kRoot / "CMakeLists.txt").string());
    const std::size_t vectors = list.find("add_library(conv_vectors");
    REQUIRE(vectors != std::string::npos);
    for (const SourceFile& source : sources()) {
        CAPTURE(source.path);
        if (!source.is_in("lib") || !source.includes_any("hwy/foreach_target.h")) continue;
        CHECK(list.rfind(source.path) > vectors);
    }
}

TEST_CASE("structure: no folder or file is called after what it is not about") {
    static const std::regex vague("(.*/)?(utils?|common|helpers?|misc|old)(\\.[a-z]+)?");
    for (const SourceFile& source : sources()) {
        CAPTURE(source.path);
        CHECK_FALSE(std::regex_match(source.path, vague));
        CHECK_FALSE(std::regex_match(fs::path(source.path).parent_path().string(), vague));
    }
}
