#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/byte_source.hpp"
#include "files/output/byte_sink.hpp"
#include "files/output/pending_file.hpp"
#include "files/row_file.hpp"

namespace conv {

/// Bytes of the whole file that one part holds.
struct PartSegment {
    std::int64_t offset = 0, bytes = 0;
};

/// What a part says of itself. All but `index` and `segments` must be the same in all parts of one
/// file: it is what decides every byte of it.
struct PartHeader {
    std::int64_t index = 1, count = 1;
    /// Names and values: output, input and its size and time, options, kernel, version, method,
    /// problem, rows of a block, rows of a cut.
    std::vector<std::pair<std::string, std::string>> plan;
    std::vector<PartSegment> segments;  ///< in the order in which they were written
    /// Absent: the segments say where in the file the bytes belong. Else the file is put together
    /// by its format, as FileFormat::join, and all bytes are blocks.
    std::optional<PartBlocks> blocks = {};
    std::string format = {};
};

/// "OUTPUT.part-I-of-N".
std::string part_path(const std::string& output, std::int64_t index, std::int64_t count);

/// I and N of a file name "NAME.part-I-of-N" where NAME is `output`'s; else nothing.
std::optional<std::pair<std::int64_t, std::int64_t>> part_of(std::string_view file_name,
                                                             std::string_view output_name);

/// Bytes of blocks.
std::int64_t bytes_of(const BlockRun& run);

/// Writes one part: takes what an encoder of the whole file writes, wherever, and keeps it with its
/// place. The part appears when it is complete.
class PartWriter {
public:
    /// Throws Error{input} where the part cannot be written.
    explicit PartWriter(const std::string& path);

    /// What an encoder writes to. Must not outlive this object.
    ByteSink& sink() { return sink_; }
    /// Whether what is written is this part's; else it is left out.
    void set_keeping(bool keeping) { keeping_ = keeping; }
    /// Writes the header, whose segments are filled in, and makes the part appear.
    void commit(PartHeader header, bool sync);

private:
    void take(std::int64_t offset, ByteView bytes);

    std::string name_;
    PendingFile file_;
    ByteSink payload_, sink_;
    bool keeping_ = false;
    std::vector<PartSegment> segments_;
};

/// A part that is complete.
class PartReader {
public:
    /// Throws Error{input} for a file that is no part, or not a whole one.
    explicit PartReader(const std::string& path);

    const std::string& path() const { return path_; }
    const PartHeader& header() const { return header_; }
    /// Calls `take` with all bytes and where in the whole file they belong.
    void read(const std::function<void(std::int64_t offset, ByteView bytes)>& take) const;

private:
    std::string path_;
    std::unique_ptr<ByteSource> source_;
    PartHeader header_;
};

/// Calls `take` with `count` of the bytes that a part holds from its `first` on, without a look at
/// its header.
void read_held(const std::string& path, std::int64_t first, std::int64_t count,
               const std::function<void(ByteView bytes)>& take);

}  // namespace conv
