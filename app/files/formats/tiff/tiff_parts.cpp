#include "files/formats/tiff/tiff_parts.hpp"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/size.hpp"
#include "files/whole_json.hpp"

namespace conv {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kPartAlignment = 8;

Json directory_json(const TiffDirectory& directory) {
    Json json{{"fields", Json::array()}, {"children", Json::array()}};
    for (const auto& [tag, field] : directory.fields)
        json["fields"].push_back({tag, field.type, field.count, field.bytes});
    for (const auto& [tag, child] : directory.children)
        json["children"].push_back({tag, directory_json(child)});
    return json;
}

TiffDirectory directory_of(const Json& json) {
    TiffDirectory directory;
    for (const Json& field : json.at("fields"))
        directory.fields[field.at(0)] = {field.at(1), field.at(2), field.at(3)};
    for (const Json& child : json.at("children"))
        directory.children[child.at(0)] = directory_of(child.at(1));
    return directory;
}

void add_block_table(const TiffPageTail& page, const TiffBlockTable& table,
                     const DirectoryWriter& writer, TiffDirectory& directory) {
    const bool tiled = page.grid.tiled;
    directory.fields[tiled ? TIFFTAG_TILEOFFSETS : TIFFTAG_STRIPOFFSETS] =
        writer.offsets(table.offsets);
    directory.fields[tiled ? TIFFTAG_TILEBYTECOUNTS : TIFFTAG_STRIPBYTECOUNTS] =
        writer.offsets(table.sizes);
}

/// Throws where the runs are not all blocks of all pages.
void check_block_counts(const TiffTail& tail, const std::vector<BlockRun>& runs) {
    std::vector<std::int64_t> held(tail.pages.size());
    for (const BlockRun& run : runs) {
        const auto page = static_cast<std::size_t>(run.page);
        if (run.page < 0 || page >= held.size())
            fail(ErrorKind::input, "a part holds page {} of {}, make it again", run.page,
                 held.size());
        held[page] += static_cast<std::int64_t>(run.block_bytes.size());
    }
    for (std::size_t page = 0; page < held.size(); ++page) {
        const std::int64_t count = tail.pages[page].grid.count();
        if (held[page] == count) continue;
        fail(ErrorKind::input, "the parts hold {} of {} blocks of page {}, make them again",
             held[page], count, page);
    }
}

std::int64_t align(ByteSink& sink) {
    const std::int64_t at = round_up(sink.position(), kPartAlignment);
    sink.write(std::vector<std::uint8_t>(static_cast<std::size_t>(at - sink.position())));
    return at;
}

}  // namespace

std::size_t TiffGrid::number_at(std::int64_t position) const {
    const std::int64_t row = position / (planes * across), plane = position / across % planes;
    return static_cast<std::size_t>((plane * down + row) * across + position % across);
}

void write_tiff_tail(TiffTail tail, const std::vector<TiffBlockTable>& tables, ByteSink& sink) {
    const DirectoryWriter writer(tail.big_tiff, tail.big_endian);
    const auto first = static_cast<std::uint64_t>(align(sink));
    std::uint64_t at = first;
    for (std::size_t i = 0; i < tail.pages.size(); ++i) {
        TiffDirectory& directory = tail.pages[i].directory;
        add_block_table(tail.pages[i], tables[i], writer, directory);
        std::vector<std::uint8_t> bytes = writer.directory(directory, at);
        at += bytes.size();
        const std::vector<std::uint8_t> next = writer.offset(i + 1 == tail.pages.size() ? 0 : at);
        std::copy(next.begin(), next.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(writer.next_place(directory)));
        sink.write(bytes);
    }
    sink.write_at(0, writer.header(first));
}

std::string tiff_tail_text(const TiffTail& tail) {
    Json json{{"big_tiff", tail.big_tiff}, {"big_endian", tail.big_endian}};
    json["pages"] = Json::array();
    for (const auto& [grid, directory] : tail.pages) {
        json["pages"].push_back({{"tiled", grid.tiled},
                                 {"blocks", {grid.planes, grid.across, grid.down}},
                                 {"directory", directory_json(directory)}});
    }
    return json.dump();
}

TiffTail parse_tiff_tail(const std::string& text) {
    try {
        const Json json = parse_whole_json<Json>(text);
        TiffTail tail{json.at("big_tiff"), json.at("big_endian"), {}};
        for (const Json& page : json.at("pages")) {
            const Json& blocks = page.at("blocks");
            // 32 bits each, so that count() cannot overflow where they lie.
            const std::array<std::uint32_t, 3> sizes = {blocks.at(0), blocks.at(1), blocks.at(2)};
            tail.pages.push_back({{page.at("tiled"), sizes[0], sizes[1], sizes[2]},
                                  directory_of(page.at("directory"))});
        }
        return tail;
    } catch (const Json::exception&) {
        fail(ErrorKind::input, "what a part says of its TIFF is damaged, make it again");
    }
}

void join_tiff(const std::string& tail_text, const std::vector<BlockRun>& runs, const CopyRun& copy,
               ByteSink& sink) {
    TiffTail tail = parse_tiff_tail(tail_text);
    check_block_counts(tail, runs);
    std::vector<TiffBlockTable> tables;
    for (const TiffPageTail& page : tail.pages) tables.emplace_back(page.grid.count());
    std::vector<std::int64_t> taken(tables.size());  // blocks of each page
    sink.write(std::vector<std::uint8_t>(kTiffHeaderRoom));
    for (std::size_t run = 0; run < runs.size(); ++run) {
        const auto page = static_cast<std::size_t>(runs[run].page);
        auto at = static_cast<std::uint64_t>(sink.position());
        for (const std::int64_t bytes : runs[run].block_bytes) {
            const std::size_t number = tail.pages[page].grid.number_at(taken[page]++);
            tables[page].offsets[number] = at;
            tables[page].sizes[number] = static_cast<std::uint64_t>(bytes);
            at += static_cast<std::uint64_t>(bytes);
        }
        copy(run);
    }
    write_tiff_tail(std::move(tail), tables, sink);
}

}  // namespace conv
