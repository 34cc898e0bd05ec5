#include "shards/part_file.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

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
    for (const auto& [name, value] : header.plan) json["plan"][name] = value;
    json["segments"] = Json::array();
    for (const PartSegment& segment : header.segments)
        json["segments"].push_back({segment.offset, segment.bytes});
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

PartHeader parse_header(const std::string& text, const std::string& name) {
    try {
        const Json json = Json::parse(text);
        if (json.at("schema") != kSchema)
            fail(ErrorKind::input, "{}: is a part of another version", name);
        PartHeader header;
        header.index = json.at("index");
        header.count = json.at("count");
        for (const auto& [field, value] : json.at("plan").items())
            header.plan.emplace_back(field, value);
        for (const Json& segment : json.at("segments"))
            header.segments.push_back({segment.at(0), segment.at(1)});
        return header;
    } catch (const Json::exception&) {
        fail(ErrorKind::input, "{}: is no whole part, make it again", name);
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
    const auto refuse = [&name] {
        fail(ErrorKind::input, "{}: is no whole part, make it again", name);
    };
    const auto text_at = [&](std::int64_t offset, std::size_t count) {
        std::string text(count, '\0');
        if (source_->read_at(offset, reinterpret_cast<std::uint8_t*>(text.data()), count) != count)
            refuse();
        return text;
    };
    const std::int64_t size = source_->size().value_or(0);
    constexpr auto kLeast = static_cast<std::int64_t>(kMark.size() + kPlaceDigits);
    if (size < kLeast || text_at(0, kMark.size()) != kMark) refuse();
    const std::int64_t end = size - static_cast<std::int64_t>(kPlaceDigits);
    const std::string digits = text_at(end, kPlaceDigits);
    std::int64_t place = 0;
    const auto [at, status] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
    if (status != std::errc() || at != digits.data() + digits.size() || place > end ||
        place < static_cast<std::int64_t>(kMark.size()))
        refuse();
    header_ = parse_header(text_at(place, static_cast<std::size_t>(end - place)), name);
    std::int64_t held = static_cast<std::int64_t>(kMark.size());
    for (const PartSegment& segment : header_.segments) {
        if (segment.offset < 0 || segment.bytes < 0 || segment.bytes > place) refuse();
        held += segment.bytes;
    }
    if (held != place) refuse();
}

void PartReader::read(const std::function<void(std::int64_t offset, ByteView bytes)>& take) const {
    constexpr std::int64_t kBlock = std::int64_t{1} << 20;
    std::vector<std::uint8_t> block(static_cast<std::size_t>(kBlock));
    std::int64_t at = static_cast<std::int64_t>(kMark.size());
    for (const PartSegment& segment : header_.segments) {
        for (std::int64_t done = 0; done < segment.bytes;) {
            const auto count = static_cast<std::size_t>(std::min(kBlock, segment.bytes - done));
            if (source_->read_at(at, block.data(), count) != count)
                fail(ErrorKind::input, "{}: was cut off while it was read", source_->name());
            take(segment.offset + done, {block.data(), count});
            done += static_cast<std::int64_t>(count);
            at += static_cast<std::int64_t>(count);
        }
    }
}

}  // namespace conv
