#pragma once

#include <string_view>
#include <vector>

#include "kernels/source_text.hpp"

namespace conv {

/// A named value of a FileStorage text: its scalars, in order, still as tokens.
struct StorageField {
    std::string_view key;
    std::vector<std::string_view> tokens;
};

/// A matrix of a FileStorage text, not yet checked.
struct StorageMatrix {
    std::string_view name;
    std::string_view type;  ///< "opencv-matrix" or "opencv-nd-matrix"
    std::vector<StorageField> fields;
};

/// Collects the matrices of a FileStorage text while a reader walks through it; holds one frame for
/// each open value and refuses more than 16.
class StorageCollector {
public:
    explicit StorageCollector(const SourceText& source) : source_(source) {}

    /// Throws Error{usage} where the text is nested too deep for `levels` more inside the open
    /// value.
    void require_room(std::size_t levels, std::string_view place) const;
    /// Starts a value; `place` is where, for messages.
    void open(std::string_view key, std::string_view place);
    /// The type that the open value states: "opencv-matrix".
    void set_type(std::string_view type);
    /// One scalar of the open value.
    void add(std::string_view token);
    /// Ends the open value.
    void close();

    std::size_t depth() const { return frames_.size(); }
    std::string_view open_key() const { return frames_.back().value.key; }
    std::vector<StorageMatrix> take_matrices() { return std::move(matrices_); }

private:
    struct Frame {
        StorageField value;
        std::string_view type;
        std::vector<StorageField> fields;
    };

    const SourceText& source_;
    std::vector<Frame> frames_;
    std::vector<StorageMatrix> matrices_;
};

/// The matrices of a JSON, XML or YAML text in the subset that FileStorage writes. Throw
/// Error{usage} with its place.
std::vector<StorageMatrix> read_storage_json(const SourceText& source);
std::vector<StorageMatrix> read_storage_xml(const SourceText& source);
std::vector<StorageMatrix> read_storage_yaml(const SourceText& source);

}  // namespace conv
