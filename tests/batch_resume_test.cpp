#include <doctest/doctest.h>

#include <filesystem>
#include <random>
#include <set>
#include <sstream>

#include "batch/merge_reports.hpp"
#include "batch/progress.hpp"
#include "support/batch_pictures.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

TEST_CASE("batch: --resume skips what is the same and makes again what is not") {
    const Pictures pictures(4);
    CHECK(done_and_skipped(pictures.batch({"--json"})) == Counts{4, 0});
    CHECK(done_and_skipped(pictures.batch({"--json"})) == Counts{4, 0});
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{0, 4});
    // What has no influence on the pictures, is skipped all the same.
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume", "--threads", "2", "--sync"})) ==
          Counts{0, 4});
    // The input: equal, not newer.
    const auto time = fs::last_write_time(pictures.path("in/0.png"));
    fs::last_write_time(pictures.path("in/0.png"), time - std::chrono::hours(1));
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{1, 3});
    // The output.
    write_bytes(pictures.path("out/1.png"), "cut");
    fs::remove(pictures.path("out/2.png"));
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{2, 2});
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{0, 4});
    // Options and kernel; and the younger of two lines counts.
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume", "--border", "wrap"})) ==
          Counts{4, 0});
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{4, 0});
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"}, "sharpen")) == Counts{4, 0});
}

TEST_CASE("batch: only whole lines of a manifest count") {
    const Pictures pictures(4);
    CHECK(done_and_skipped(pictures.batch({"--json"})) == Counts{4, 0});
    REQUIRE(pictures.outputs(true).size() == 1);
    const std::string manifest = pictures.path("out/" + pictures.outputs(true)[0]);
    const std::string lines = read_bytes(manifest);
    write_bytes(manifest, "{}\nnull\n[1]\n\xff\n" + lines.substr(0, lines.size() - 1));
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{1, 3});
}

TEST_CASE("batch: a manifest with changed bytes skips or makes again, nothing else") {
    const Pictures pictures(3);
    REQUIRE(pictures.batch().code == 0);
    const std::string path = pictures.path("out/" + pictures.outputs(true).at(0));
    const std::string whole = read_bytes(path);
    std::mt19937 random(20266);
    std::set<std::size_t> skipped;
    for (int i = 0; i < 300; ++i) {
        std::string bytes = whole;
        for (int changes = i % 20 + 1; changes > 0; --changes) {
            constexpr std::string_view kBytes = "0129-.[]{}\",:eE \n\xff";
            bytes[random() % bytes.size()] = kBytes[random() % kBytes.size()];
        }
        write_bytes(path, bytes);
        const Run planned = pictures.batch({"--resume", "--dry-run"});
        CAPTURE(planned.err);
        CHECK(planned.code == 0);
        std::size_t skips = 0;
        std::istringstream lines(planned.out);
        for (std::string line; std::getline(lines, line);) {
            skips += line.starts_with("skip ");
            CHECK((line.starts_with("skip ") || line.starts_with("make ")));
        }
        skipped.insert(skips);
    }
    CHECK(skipped.size() > 1);  // some lines count still, some do not
}

TEST_CASE("batch: a manifest knows names that are no UTF-8") {
    const Pictures pictures(1);
    fs::rename(pictures.path("in/0.png"), pictures.path("in/\xff\xfe.png"));
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{1, 0});
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume"})) == Counts{0, 1});
}

TEST_CASE("batch: shards of any count make the whole, and resume each other's") {
    const Pictures pictures(5);
    int done = 0;
    for (const char* shard : {"1/3", "2/3", "3/3"})
        done += done_and_skipped(pictures.batch({"--json", "--shard", shard})).first;
    CHECK(done == 5);
    CHECK(pictures.outputs().size() == 5);
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume", "--shard", "2/2"})) ==
          Counts{0, 2});
    CHECK(done_and_skipped(pictures.batch({"--json", "--resume", "--shard", "9/9"})) ==
          Counts{0, 0});
}

TEST_CASE("batch: --dry-run prints what would be made, skipped and refused, and makes nothing") {
    const Pictures pictures(2);
    const Run dry = pictures.batch({"--dry-run"});
    CHECK(dry.code == 0);
    CHECK(dry.out == "make " + pictures.path("in/0.png") + " -> " + pictures.path("out/0.png") +
                         "\nmake " + pictures.path("in/1.png") + " -> " +
                         pictures.path("out/1.png") + "\n");
    CHECK_FALSE(fs::exists(pictures.path("out")));
    CHECK(pictures.batch({"-q"}).code == 0);
    CHECK(pictures.batch({"--dry-run", "--resume"}).out.starts_with("skip "));
    const Run refused = run(
        {"batch", "--dry-run", "-k", "box", "-o", pictures.path("out/x.png"), pictures.path("in")});
    CHECK(refused.code == 2);
    check_contains(refused.out, "make ");
    check_contains(refused.out, "refuse " + pictures.path("in/1.png"));
}

TEST_CASE("batch: reports of shards are joined, the best record of each picture kept") {
    const Pictures pictures(4);
    const std::string broken = pictures.path("in/2.png"), whole = read_bytes(broken);
    write_bytes(broken, "x");
    const std::string report = pictures.path("r-{shard}.jsonl");
    CHECK(pictures.batch({"-q", "--report", report, "--shard", "1/2"}).code == 1);
    CHECK(pictures.batch({"-q", "--report", report, "--shard", "2/2"}).code == 0);
    write_bytes(broken, whole);
    CHECK(pictures.batch({"-q", "--report", report, "--shard", "1/2", "--resume"}).code == 0);
    write_bytes(pictures.path("torn.jsonl"), "{\"schema\":\"conv-cli/batch/1\",\"ind");
    const Run merged = run({"batch", "--merge-reports", pictures.path("r-2.jsonl"),
                            pictures.path("r-1.jsonl"), pictures.path("torn.jsonl")});
    CHECK(merged.code == 0);
    check_contains(merged.err, "4 pictures done, 0 skipped, 0 failed; 1 torn or foreign lines");
    std::istringstream lines(merged.out);
    int index = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto record = nlohmann::json::parse(line);
        CHECK(record["index"] == ++index);
        CHECK(record["status"] == "done");
    }
    CHECK(index == 4);
    CHECK(run({"batch", "-q", "--merge-reports", "--report", pictures.path("all.jsonl"),
               pictures.path("r-1.jsonl")})
              .code == 0);
    CHECK(pictures.report("all.jsonl").size() == 2);
    CHECK(run({"batch", "--merge-reports", pictures.path("none.jsonl")}).code == 1);
}
