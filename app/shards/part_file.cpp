#include "shards/part_file.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.hpp"
#include "files/whole_json.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

/// A part is the mark, the segments' bytes, the header as JSON, and where the header begins.
constexpr std::string_view kMark = "conv-cli part 1\n";
constexpr std::size_t kPlaceDigits = 16;
constexpr const char* kSchema = "conv-cli/part/1";

std::optional<std::int64_t> number_from_1(std::string_view text) {
    std::int64_t value = 0;
    const auto [at, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = status == std::errc() && at == text.data() + text.size();
    return whole && value >= 1 && text.front() != '0' ? std::optional(value) : std::nullopt;
}

std::string header_text(const PartHeader& header) {
    Json json{{"schema", kSchema}, {"index", header.index}, {"count", header.count}};
    json["plan"] = Json::object();
    for (const auto& [name, value] : header.plan) json["plan"][name] = value;
    json["segments"] = Json::array();
    for (const PartSegment& segment : header.segments)
        json["segments"].push_back({segment.offset, segment.bytes});
    if (header.blocks) {
        json["format"] = header.format;
        json["begin"] = header.blocks->begin;
        json["tail"] = header.blocks->tail;
        json["runs"] = Json::array();
        for (const BlockRun& run : header.blocks->runs)
            json["runs"].push_back({run.page, run.block_bytes});
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The blocks of a part that holds `bytes`; nothing where they do not fit.
std::optional<PartBlocks> parse_blocks(const Json& json, std::int64_t bytes) {
    PartBlocks blocks{json.at("begin"), {}, json.at("tail")};
    for (const Json& run : json.at("runs")) {
        blocks.runs.push_back({run.at(0), run.at(1)});
        for (const std::int64_t size : blocks.runs.back().block_bytes) {
            if (size < 1 || size > bytes) return std::nullopt;
            bytes -= size;
        }
    }
    return bytes == 0 ? std::optional(std::move(blocks)) : std::nullopt;
}

[[noreturn]] void throw_no_part(const std::string& name) {
    fail(ErrorKind::input, "{}: is no whole part, make it again", name);
}

/// The header of a part that holds `bytes`.
PartHeader parse_header(const std::string& text, std::int64_t bytes, const std::string& name) {
    try {
        const Json json = parse_whole_json<Json>(text);
        if (json.at("schema") != kSchema)
            fail(ErrorKind::input, "{}: is a part of another version", name);
        PartHeader header;
        header.index = json.at("index");
        header.count = json.at("count");
        for (const auto& [field, value] : json.at("plan").items())
            header.plan.emplace_back(field, value);
        std::int64_t left = bytes;
        for (const Json& segment : json.at("segments")) {
            header.segments.push_back({segment.at(0), segment.at(1)});
            const PartSegment& last = header.segments.back();
            if (last.offset < 0 || last.bytes < 0 || last.bytes > left) throw_no_part(name);
            left -= last.bytes;
        }
        if (left != 0) throw_no_part(name);
        if (!json.contains("format")) return header;  // each byte has its place
        header.format = json.at("format");
        header.blocks = parse_blocks(json, bytes);
        if (!header.blocks) throw_no_part(name);
        return header;
    } catch (const Json::exception&) {
        throw_no_part(name);
    }
}

void read_bytes_of(const ByteSource& part, std::int64_t first, std::int64_t count,
                   const std::function<void(ByteView bytes)>& take) {
    constexpr std::int64_t kPiece = std::int64_t{1} << 20;
    std::vector<std::uint8_t> piece(static_cast<std::size_t>(std::min(kPiece, count)));
    for (std::int64_t done = 0; done < count;) {
        const auto size = static_cast<std::size_t>(std::min(kPiece, count - done));
        const std::int64_t at = static_cast<std::int64_t>(kMark.size()) + first + done;
        if (part.read_at(at, piece.data(), size) != size)
            fail(ErrorKind::input, "{}: was cut off while it was read", part.name());
        take({piece.data(), size});
        done += static_cast<std::int64_t>(size);
    }
}

}  // namespace

std::string part_path(const std::string& output, std::int64_t index, std::int64_t count) {
    return fmt::format("{}.part-{}-of-{}", output, index, count);
}

std::optional<std::pair<std::int64_t, std::int64_t>> part_of(std::string_view file_name,
                                                             std::string_view output_name) {
    constexpr std::string_view kPart = ".part-", kOf = "-of-";
    if (!file_name.starts_with(output_name)) return std::nullopt;
    file_name.remove_prefix(output_name.size());
    if (!file_name.starts_with(kPart)) return std::nullopt;
    file_name.remove_prefix(kPart.size());
    const std::size_t of = file_name.find(kOf);
    if (of == std::string_view::npos || of == 0 || of + kOf.size() == file_name.size())
        return std::nullopt;
    const auto index = number_from_1(file_name.substr(0, of));
    const auto count = number_from_1(file_name.substr(of + kOf.size()));
    if (!index || !count || *index > *count) return std::nullopt;
    return std::pair{*index, *count};
}

std::int64_t bytes_of(const BlockRun& run) {
    return std::accumulate(run.block_bytes.begin(), run.block_bytes.end(), std::int64_t{0});
}

PartWriter::PartWriter(const std::string& path)
    : name_(display_name(path)),
      file_(path, name_),
      payload_(file_.descriptor(), name_),
      sink_([this](std::int64_t offset, ByteView bytes) { take(offset, bytes); }) {
    payload_.write(kMark);
}

void PartWriter::take(std::int64_t offset, ByteView bytes) {
    if (!keeping_ || bytes.empty()) return;
    const auto count = static_cast<std::int64_t>(bytes.size());
    if (!segments_.empty() && segments_.back().offset + segments_.back().bytes == offset)
        segments_.back().bytes += count;
    else
        segments_.push_back({offset, count});
    payload_.write(bytes);
}

void PartWriter::commit(PartHeader header, bool sync) {
    header.segments = segments_;
    const std::int64_t place = payload_.position();
    payload_.write(header_text(header));
    payload_.write(fmt::format("{:0{}}", place, kPlaceDigits));
    file_.finish(sync);
    file_.commit(sync);
}

PartReader::PartReader(const std::string& path)
    : path_(path), source_(std::make_unique<ByteSource>(path)) {
    const std::string& name = source_->name();
    const auto text_at = [&](std::int64_t offset, std::size_t count) {
        std::string text(count, '\0');
        if (source_->read_at(offset, reinterpret_cast<std::uint8_t*>(text.data()), count) != count)
            throw_no_part(name);
        return text;
    };
    const std::int64_t size = source_->size().value_or(0);
    constexpr auto kLeast = static_cast<std::int64_t>(kMark.size() + kPlaceDigits);
    if (size < kLeast || text_at(0, kMark.size()) != kMark) throw_no_part(name);
    const std::int64_t end = size - static_cast<std::int64_t>(kPlaceDigits);
    const std::string digits = text_at(end, kPlaceDigits);
    std::int64_t place = 0;
    const auto [at, status] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
    if (status != std::errc() || at != digits.data() + digits.size() || place > end ||
        place < static_cast<std::int64_t>(kMark.size()))
        throw_no_part(name);
    header_ = parse_header(text_at(place, static_cast<std::size_t>(end - place)),
                           place - static_cast<std::int64_t>(kMark.size()), name);
}

void PartReader::read(const std::function<void(std::int64_t offset, ByteView bytes)>& take) const {
    std::int64_t first = 0;
    for (const PartSegment& segment : header_.segments) {
        std::int64_t offset = segment.offset;
        read_bytes_of(*source_, first, segment.bytes, [&](ByteView bytes) {
            take(offset, bytes);
            offset += static_cast<std::int64_t>(bytes.size());
        });
        first += segment.bytes;
    }
}

void read_held(const std::string& path, std::int64_t first, std::int64_t count,
               const std::function<void(ByteView bytes)>& take) {
    read_bytes_of(ByteSource(path), first, count, take);
}

}  // namespace conv
