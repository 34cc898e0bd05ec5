#include "files/output/abandoned_files.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "files/output/temporary_name.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

namespace {

/// The number of a process that has ended and been waited for.
long dead_process() {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    REQUIRE(child > 0);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    return child;
}

std::string name_of(const std::string& host, long process) {
    return fmt::format(".conv-cli-{}-{}-0123456789abcdef.tmp", host, process);
}

/// A folder with what a killed run of this host has left, and a picture.
struct Left {
    Left() {
        write_bytes(path(debris), "half");
        write_image(path("in.ppm"), document_of(sample_picture(SampleType::u8, 3, 9, 9), "pnm"));
    }
    std::string path(const std::string& name) const { return folder.file(name); }

    TemporaryFolder folder;
    std::string debris = name_of(this_temporary_owner().host, dead_process());
};

}  // namespace

TEST_CASE("abandoned files: those of dead processes of this host go, others after a day") {
    const TemporaryFolder folder;
    const std::string host = this_temporary_owner().host;
    const std::string dead = name_of(host, dead_process()), living = name_of(host, getpid());
    const std::string fresh = name_of("elsewhere", 7), old = name_of("elsewhere", 8);
    for (const std::string& name : {dead, living, fresh, old, std::string("in.png")})
        write_bytes(folder.file(name), "x");
    fs::last_write_time(folder.file(old),
                        fs::file_time_type::clock::now() - std::chrono::hours(25));
    const std::vector<std::string> lines = remove_abandoned_files(folder.file(""));
    REQUIRE(lines.size() == 1);
    check_contains(lines[0], folder.file(dead));
    check_contains(lines[0], folder.file(old));
    CHECK_FALSE(fs::exists(folder.file(dead)));
    CHECK_FALSE(fs::exists(folder.file(old)));
    for (const std::string& name : {living, fresh, std::string("in.png")})
        CHECK(fs::exists(folder.file(name)));
    CHECK(remove_abandoned_files(folder.file("")).empty());
}

TEST_CASE("abandoned files: apply leaves them alone") {
    const Left left;
    CHECK(apply({"-k", "box"}, left.path("in.ppm"), left.path("out.ppm")).code == 0);
    CHECK(fs::exists(left.path(left.debris)));
}

TEST_CASE("abandoned files: batch, a shard and join remove them beside their outputs, and say so") {
    const Left batch;
    const Run made =
        run({"batch", "-k", "box", "-o", batch.path("{stem}-out.ppm"), batch.path("in.ppm")});
    CHECK(made.code == 0);
    check_contains(made.err,
                   "note: removed what killed runs had left: " + batch.path(batch.debris));
    CHECK_FALSE(fs::exists(batch.path(batch.debris)));

    const Left shard;
    const Run part =
        apply({"-k", "box", "--shard", "1/1"}, shard.path("in.ppm"), shard.path("out.ppm"));
    CHECK(part.code == 0);
    check_contains(part.err, shard.debris);
    CHECK_FALSE(fs::exists(shard.path(shard.debris)));

    write_bytes(shard.path(shard.debris), "half");
    const Run joined = run({"join", shard.path("out.ppm")});
    CHECK(joined.code == 0);
    check_contains(joined.err, shard.debris);
    CHECK_FALSE(fs::exists(shard.path(shard.debris)));
}
