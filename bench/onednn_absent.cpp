#include "onednn_peers.hpp"

namespace conv::bench {

void add_onednn_peers(const Operands&, int, Field& field) {
    field.refusals.push_back({"oneDNN", onednn_version()});
}

std::string onednn_version() {
    return "not found when the benchmark was built (libdnnl-dev)";
}

}  // namespace conv::bench
