#include "kernels/kernel_reference.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.hpp"

namespace {

using conv::KernelReferenceKind;
using conv::resolve_kernel_reference;

/// A folder of its own, made the working folder, and removed at the end.
class WorkingFolder {
public:
    WorkingFolder() : before_(std::filesystem::current_path()) {
        std::string pattern = (std::filesystem::temp_directory_path() / "conv-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        std::filesystem::current_path(folder_);
    }
    ~WorkingFolder() {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }
    void add_file(const std::string& name) const { std::ofstream(folder_ / name) << "1\n"; }

private:
    std::filesystem::path before_, folder_;
};

std::string reference_error(const std::string& argument) {
    try {
        resolve_kernel_reference(argument);
    } catch (const conv::Error& error) {
        CHECK(error.kind() == conv::ErrorKind::usage);
        return error.what();
    }
    return "no error";
}

void check_error(const std::string& argument, const std::string& words) {
    const std::string message = reference_error(argument);
    CAPTURE(message);
    CHECK(message.find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("kernel reference: a file comes before text, a built-in before text") {
    const WorkingFolder folder;
    folder.add_file("k.txt");
    folder.add_file("1 2 3");
    folder.add_file("f.yml");
    CHECK(resolve_kernel_reference("-").kind == KernelReferenceKind::standard_input);
    CHECK(resolve_kernel_reference("k.txt").kind == KernelReferenceKind::file);
    CHECK(resolve_kernel_reference("1 2 3").kind == KernelReferenceKind::file);
    CHECK(resolve_kernel_reference("gaussian:sigma=2").kind == KernelReferenceKind::builtin);
    const auto member = resolve_kernel_reference("f.yml#blur");
    CHECK(member.kind == KernelReferenceKind::file);
    CHECK(member.value == "f.yml");
    CHECK(member.member == "blur");
}

TEST_CASE("kernel reference: a word that is a file and a built-in is refused") {
    const WorkingFolder folder;
    folder.add_file("sobel");
    check_error("sobel", "'./sobel' is the file");
    CHECK(resolve_kernel_reference("./sobel").kind == KernelReferenceKind::file);
    CHECK(resolve_kernel_reference("sobel:direction=y").kind == KernelReferenceKind::builtin);
}

TEST_CASE("kernel reference: every kind of kernel text is told from a missing file") {
    for (const char* text :
         {"1", "1/9", "-1 0 1", "0 -1 0; -1 5 -1; 0 -1 0", "1,2,x", "3x3: 1", "(1,2;3,4)",
          "Blur:0x1", "FreiChen:1", "[[1,2],[3,4]]", "{{1},{2}}", "[1 2; 3 4]",
          "\xE2\x88\x92"
          "1 0 1",
          "%YAML:1.0", "", "# c\n1 2", "shape: 1 1\n1"}) {
        CAPTURE(text);
        CHECK(resolve_kernel_reference(text).kind == KernelReferenceKind::text);
    }
}

TEST_CASE("kernel reference: names that ImageMagick and the built-ins share are refused") {
    check_error("gaussian:2", "the built-in is 'gaussian:sigma=2'");
    check_error("gaussian:2", "--kernel-format imagemagick");
    check_error("Gaussian", "the built-in is 'gaussian'");
    check_error("Gaussian:0x2", "the built-in is 'gaussian:sigma=2'");
    check_error("disk:5", "'disk:radius=5'");
    check_error("sobel:y", "'sobel:direction=y'");
    check_error("laplacian:0", "the built-in is 'laplacian:connectivity=4'");
    check_error("laplacian:8", "the built-in is 'laplacian:connectivity=8'");
    check_error("blur", "is a name of ImageMagick's");
    for (const char* text : {"Gaussian", "gaussian:2", "blur", "Laplacian:1", "sobel:90"}) {
        CAPTURE(text);
        CHECK(resolve_kernel_reference(text, "imagemagick").kind == KernelReferenceKind::text);
    }
}

TEST_CASE("kernel reference: what is nothing is refused, naming a near built-in") {
    check_error("gausian", "(did you mean 'gaussian'?)");
    check_error("k.txt", "'k.txt' is no file, no built-in kernel and no kernel text");
    check_error("3x3.txt", "is no file");
    check_error("./kernels/k.txt", "is no file");
    check_error("box:3", "the built-in is 'box:size=3'");
    check_error(std::filesystem::temp_directory_path().string(), "is a directory");
}
