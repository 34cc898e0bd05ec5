#include "batch/real_path.hpp"

#include "base/error.hpp"
#include "files/file_bytes.hpp"

namespace conv {

namespace fs = std::filesystem;

fs::path real_path(const fs::path& path) {
    fs::path followed = path;
    constexpr int kLongestChain = 40;  // as the kernel
    std::error_code error;
    for (int link = 0; link < kLongestChain && fs::is_symlink(followed, error); ++link) {
        const fs::path next = fs::read_symlink(followed, error);
        if (error) break;
        followed = next.is_absolute() ? next : followed.parent_path() / next;
    }
    fs::path found = fs::weakly_canonical(fs::absolute(followed, error), error);
    return error ? followed.lexically_normal() : found;
}

bool is_below(const fs::path& path, const fs::path& folder) {
    const fs::path relative = path.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

void make_folder(const std::filesystem::path& folder) {
    fs::path made;
    for (const fs::path& name : folder) {
        made /= name;
        std::error_code error, ignored;
        if (fs::is_directory(made, ignored)) continue;
        fs::create_directory(made, error);
        if (!error || fs::is_directory(made, ignored))
            continue;  // another process may have made it
        fail(ErrorKind::input, "{}: the folder cannot be made: {}", display_name(made.string()),
             error == std::errc::file_exists ? "a file has this name" : error.message());
    }
}

}  // namespace conv
