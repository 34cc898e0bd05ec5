#include "files/output/whole_file.hpp"

#include "files/file_bytes.hpp"
#include "files/output/byte_sink.hpp"
#include "files/output/output_file.hpp"
#include "files/output/pending_file.hpp"

namespace conv {

void write_whole_file(const std::string& path, const std::string& bytes) {
    check_output_path(path, {});
    PendingFile file(path, display_name(path));
    write_all(file.descriptor(),
              {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
              display_name(path));
    file.finish(false);
    file.commit(false);
}

}  // namespace conv
