#include "files/output/whole_file.hpp"

#include "files/output/output_file.hpp"

namespace conv {

std::vector<std::string> write_whole_file(const std::string& path, const std::string& bytes,
                                          bool text) {
    OutputFiles outputs;
    outputs.add_bytes(path, bytes, text);
    outputs.commit();
    return outputs.notes();
}

}  // namespace conv
