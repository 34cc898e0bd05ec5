#include "batch/real_path.hpp"

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

}  // namespace conv
