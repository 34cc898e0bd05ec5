#include "kernels/opencv_storage.hpp"

#include <fmt/format.h>

#include <utility>

namespace conv {
namespace {

constexpr std::size_t kDeepest = 16;  // a matrix needs 3; deeper text is hostile

}  // namespace

void StorageCollector::require_room(std::size_t levels, std::string_view place) const {
    if (frames_.size() + levels >= kDeepest) {
        fail_at(source_, place, fmt::format("nested deeper than {} levels", kDeepest));
    }
}

void StorageCollector::open(std::string_view key, std::string_view place) {
    require_room(0, place);
    frames_.push_back({{key, {}}, {}, {}});
}

void StorageCollector::set_type(std::string_view type) {
    frames_.back().type = type;
}

void StorageCollector::add(std::string_view token) {
    frames_.back().value.tokens.push_back(token);
}

void StorageCollector::close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    for (const StorageField& field : frame.fields) {
        if (field.key == "type_id" && field.tokens.size() == 1) frame.type = field.tokens[0];
    }
    if (frame.type == "opencv-matrix" || frame.type == "opencv-nd-matrix") {
        matrices_.push_back({frame.value.key, frame.type, std::move(frame.fields)});
    } else if (!frames_.empty()) {
        frames_.back().fields.push_back(std::move(frame.value));
    }
}

}  // namespace conv
