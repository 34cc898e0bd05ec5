#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "shards/join_parts.hpp"
#include "shards/part_file.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

namespace {

ByteView stored_bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A part of the file "out" that holds texts at their places.
void write_part(const TemporaryFolder& folder, std::int64_t index, std::int64_t count,
                const std::vector<std::pair<std::int64_t, std::string>>& texts,
                const std::string& method = "direct") {
    PartWriter part(folder.file(part_path("out", index, count)));
    part.sink().write("left out");
    part.set_keeping(true);
    for (const auto& [offset, text] : texts) part.sink().write_at(offset, stored_bytes(text));
    part.commit({index, count, {{"input", "in"}, {"method", method}}, {}}, false);
}

std::string join_error(const TemporaryFolder& folder) {
    return error_of([&] { join_parts(folder.file("out"), false); });
}

}  // namespace

TEST_CASE("parts: names are OUTPUT.part-I-of-N and nothing else") {
    CHECK(part_path("a/out.npy", 2, 12) == "a/out.npy.part-2-of-12");
    CHECK(part_of("out.npy.part-2-of-12", "out.npy") ==
          std::pair<std::int64_t, std::int64_t>{2, 12});
    for (const char* other :
         {"out.npy", "out.npy.part-", "out.npy.part-2", "out.npy.part-0-of-2",
          "out.npy.part-3-of-2", "out.npy.part-2-of-12x", "out.npy.part-02-of-3",
          "out.npy.part--of-2", "xout.npy.part-1-of-2", "out.npy.part-1-of-"}) {
        CAPTURE(std::string(other));
        CHECK_FALSE(part_of(other, "out.npy"));
    }
}

TEST_CASE("parts: joined, every byte is at its place, and the parts are gone") {
    const TemporaryFolder folder;
    write_part(folder, 1, 3, {{0, "ab"}, {2, "c"}, {9, "j"}});
    write_part(folder, 3, 3, {});
    write_part(folder, 2, 3, {{6, "ghi"}, {3, "def"}});
    const JoinReport report = join_parts(folder.file("out"), false);
    CHECK(read_bytes(folder.file("out")) == "abcdefghij");
    CHECK(report.parts == 3);
    CHECK(report.bytes == 10);
    CHECK(folder.entries() == 1);
    CHECK(join_parts(folder.file("out"), false).was_joined);
}

TEST_CASE("parts: the same join after one that was killed is harmless") {
    const TemporaryFolder folder;
    const std::vector<std::string> texts = {"ab", "cd", "ef"};
    const auto write_parts = [&](std::initializer_list<std::int64_t> indices) {
        for (const std::int64_t i : indices)
            write_part(folder, i, 3, {{2 * i - 2, texts[static_cast<std::size_t>(i - 1)]}});
    };
    write_parts({1, 2, 3});
    CHECK_FALSE(join_parts(folder.file("out"), false).was_joined);
    write_parts({2, 3});
    const JoinReport report = join_parts(folder.file("out"), false);
    CHECK(report.was_joined);
    CHECK(report.parts == 2);
    CHECK(folder.entries() == 1);
    CHECK(read_bytes(folder.file("out")) == "abcdef");
    // Other parts, or a file that only happens to agree with some, are not taken for a finished
    // one.
    write_part(folder, 2, 3, {{2, "xx"}});
    check_contains(join_error(folder), "parts 1, 3 of 3 are missing");
    write_part(folder, 2, 3, {{2, "cd"}}, "gemm");
    check_contains(join_error(folder), "parts 1, 3 of 3 are missing");
    fs::remove(folder.file("out"));
    write_bytes(folder.file("out"), "abcdef");
    fs::last_write_time(folder.file("out"),
                        fs::file_time_type::clock::now() - std::chrono::hours(1));
    check_contains(join_error(folder), "parts 1, 3 of 3 are missing");
    fs::last_write_time(folder.file("out"), fs::file_time_type::clock::now());
    CHECK(join_parts(folder.file("out"), false).was_joined);
    CHECK(folder.entries() == 1);
    // All parts there: made again, whatever stood there.
    write_part(folder, 2, 3, {{2, "xx"}});
    write_part(folder, 1, 3, {{0, "12"}});
    write_part(folder, 3, 3, {{4, "3"}});
    join_parts(folder.file("out"), false);
    CHECK(read_bytes(folder.file("out")) == "12xx3");
}

TEST_CASE("parts: missing, foreign and mismatched parts are named") {
    const TemporaryFolder folder;
    check_contains(join_error(folder), "has no parts");
    write_part(folder, 1, 3, {{0, "ab"}});
    check_contains(join_error(folder), "out: parts 2, 3 of 3 are missing");
    write_part(folder, 3, 3, {{4, "ef"}});
    check_contains(join_error(folder), "out: part 2 of 3 is missing");
    write_part(folder, 2, 3, {{2, "cd"}}, "gemm");
    check_contains(join_error(folder), "disagree in method: direct and gemm");
    check_contains(join_error(folder), "out.part-1-of-3 and ");
    write_part(folder, 2, 3, {{3, "d"}});
    check_contains(join_error(folder), "do not fit together at byte 2");
    write_part(folder, 2, 3, {{1, "bcd"}});
    check_contains(join_error(folder), "do not fit together");
    write_part(folder, 2, 3, {{2, "cd"}});
    write_part(folder, 1, 2, {{0, "ab"}});
    check_contains(join_error(folder), "has parts of");
    fs::remove(folder.file("out.part-1-of-2"));
    fs::rename(folder.file("out.part-2-of-3"), folder.file("x"));
    fs::copy_file(folder.file("out.part-1-of-3"), folder.file("out.part-2-of-3"));
    check_contains(join_error(folder), "is part 1 of 3, its name says otherwise");
    CHECK_FALSE(fs::exists(folder.file("out")));
}

TEST_CASE("parts: blocks that cannot be put together are refused, whatever the part says") {
    const TemporaryFolder folder;
    const std::string tail =
        R"({"big_tiff":false,"big_endian":false,"pages":[{"tiled":false,"blocks":[1,1,2],)"
        R"("directory":{"fields":[],"children":[]}}]})";
    const auto error_with = [&](const PartBlocks& blocks, const std::string& format) {
        PartWriter part(folder.file(part_path("out", 1, 1)));
        part.set_keeping(true);
        part.sink().write("abcd");
        part.commit({1, 1, {}, {}, blocks, format}, false);
        const std::string error = join_error(folder);
        CHECK_FALSE(fs::exists(folder.file("out")));
        return error;
    };
    check_contains(error_with({16, {{0, {4}}}, tail}, "tiff"), "hold 1 of 2 blocks of page 0");
    check_contains(error_with({16, {{1, {2, 2}}}, tail}, "tiff"), "page 1 of 1");
    check_contains(error_with({16, {{-1, {2, 2}}}, tail}, "tiff"), "page -1 of 1");
    check_contains(error_with({16, {{0, {2, 3}}}, tail}, "tiff"), "is no whole part");
    check_contains(error_with({16, {{0, {2, 2}}}, "{}"}, "tiff"), "what a part says of its TIFF");
    check_contains(error_with({16, {{0, {2, 2}}}, tail}, "png"), "'png' is no format whose parts");
    check_contains(error_with({16, {{0, {2, 2}}}, tail}, "\033"), "is no format whose parts");
}

TEST_CASE("parts: a part that is cut off or no part at all is refused") {
    const TemporaryFolder folder;
    write_part(folder, 1, 1, {{0, "abcdef"}});
    const std::string whole = read_bytes(folder.file("out.part-1-of-1"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        write_bytes(folder.file("out.part-1-of-1"), whole.substr(0, size));
        CAPTURE(size);
        CHECK_FALSE(join_error(folder).empty());
    }
    write_bytes(folder.file("out.part-1-of-1"), std::string(200, 'x'));
    check_contains(join_error(folder), "is no whole part");
    CHECK_FALSE(fs::exists(folder.file("out")));
    write_bytes(folder.file("out.part-1-of-1"), whole);
    const Run joined = run({"join", folder.file("out")});
    CHECK(joined.code == 0);
    check_contains(joined.err, "from 1 part");
    CHECK(read_bytes(folder.file("out")) == "abcdef");
}
