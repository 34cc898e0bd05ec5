// The manifests of a folder: whatever lines stand in them, reading ends, and what it believes of an
// output is asked of the file system.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/error.hpp"
#include "batch/manifest.hpp"

namespace {

/// A folder of this process alone, removed when it ends.
class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / "conv-fuzz-XXXXXX") {
        if (mkdtemp(path_.data()) == nullptr) std::abort();
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Folder folder;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::ofstream(folder.path() + "/conv-cli-manifest-host-1-00000000.jsonl", std::ios::binary)
        << text;
    conv::Manifest manifest(folder.path(), {"options", "kernel", "0"});
    try {
        manifest.read();
    } catch (const conv::Error& error) {
        if (error.kind() == conv::ErrorKind::internal) throw;
        return 0;
    }
    conv::BatchItem item;
    item.input = folder.path() + "/in.png";
    item.output = folder.path() + "/out.png";
    if (manifest.holds(item)) std::abort();  // there are no such files
    return 0;
}
