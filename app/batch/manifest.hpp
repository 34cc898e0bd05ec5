#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch/batch_plan.hpp"
#include "files/file_stamp.hpp"
#include "files/output/append_file.hpp"
#include "options/run_identity.hpp"

namespace conv {

/// Which outputs in a folder were made from which inputs, and how: lines that processes append to
/// files of their own beside the outputs, `conv-cli-manifest-HOST-PID-RANDOM.jsonl`. No locks: fit
/// for network file systems.
class Manifest {
public:
    /// Writes nothing yet.
    Manifest(std::string folder, RunIdentity identity);

    /// Reads the lines of all processes. Torn and foreign lines are ignored. Of several lines for
    /// one output the youngest counts. Throws Error{input} for files that cannot be read.
    void read();
    /// Whether the item's outputs were made by such a run from the input as it is now, and have the
    /// size that they had then.
    bool holds(const BatchItem& item) const;
    /// Says that they have been, to be called after the outputs have appeared. `input` is what the
    /// input was before it was read. Throws Error{input} where the line cannot be written.
    void add(const BatchItem& item, const FileStamp& input,
             const std::vector<std::string>& outputs);

private:
    struct Entry {
        RunIdentity identity;
        FileStamp input;
        std::int64_t made_ns = 0;
        std::vector<std::pair<std::string, std::int64_t>> outputs;  ///< paths and sizes
    };
    void read_file(const std::string& path);
    void read_line(const std::string& line);
    std::string key_of(const BatchItem& item) const;

    std::string folder_;
    RunIdentity identity_;
    std::unordered_map<std::string, Entry> entries_;
    std::unique_ptr<AppendFile> file_;
};

}  // namespace conv
