#include <doctest/doctest.h>

#include <filesystem>

#include "shards/join_parts.hpp"
#include "shards/part_file.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

namespace {

ByteView bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A part of the file "out" that holds texts at their places.
void write_part(const TemporaryFolder& folder, std::int64_t index, std::int64_t count,
                const std::vector<std::pair<std::int64_t, std::string>>& texts,
                const std::string& method = "direct") {
    PartWriter part(folder.file(part_path("out", index, count)));
    part.sink().write("left out");
    part.set_keeping(true);
    for (const auto& [offset, text] : texts) part.sink().write_at(offset, bytes_of(text));
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
    write_bytes(folder.file("out"), "abcdef");
    write_part(folder, 2, 3, {{2, "cd"}});
    write_part(folder, 3, 3, {{4, "ef"}});
    const JoinReport report = join_parts(folder.file("out"), false);
    CHECK(report.was_joined);
    CHECK(report.parts == 2);
    CHECK(folder.entries() == 1);
    CHECK(read_bytes(folder.file("out")) == "abcdef");
    // An old file is not taken for a finished one.
    write_part(folder, 2, 3, {{2, "xx"}});
    check_contains(join_error(folder), "parts 1, 3 of 3 are missing");
    CHECK(folder.entries() == 2);
    // All parts there: made again, whatever stood there.
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
