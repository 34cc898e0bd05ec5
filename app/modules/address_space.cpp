#include "modules/address_space.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

#include <vector>

namespace conv {

bool address_space_is_limited() {
    for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
        rlimit limit = {};
        if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) return true;
    }
    return false;
}

int possible_mappings(std::int64_t bytes, int most) {
    const auto size = static_cast<std::size_t>(bytes);
    std::vector<void*> made;
    while (static_cast<int>(made.size()) < most) {
        void* mapping = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapping == MAP_FAILED) break;
        made.push_back(mapping);
    }
    for (void* mapping : made) munmap(mapping, size);
    return static_cast<int>(made.size());
}

}  // namespace conv
