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

namespace {

void write_mixed(const std::string& folder, int i) {
    constexpr std::array kFormats = {"png", "jpg", "tif", "ppm", "npy", "webp", "bmp", "pfm"};
    const std::string format = kFormats[static_cast<std::size_t>(i) % kFormats.size()];
    SampleType type = SampleType::u8;
    if (format == "pfm" || (format == "npy" && i % 3 == 0)) type = SampleType::f32;
    if ((format == "png" || format == "tif") && i % 3 == 1) type = SampleType::u16;
    const bool alpha = format == "png" && i % 5 == 0;
    const std::int64_t channels = format == "ppm" || format == "bmp" || i % 2 == 0 ? 3 : 1;
    Image picture = sample_picture(type, channels + alpha, 1 + i % 37, 1 + i * 7 % 41, alpha);
    if (format == "npy") picture = planar_copy(picture);
    ImageDocument document = document_of(picture, format);
    if (format == "npy") document.array_rank = channels == 1 ? 2 : 3;
    if (format == "tif" && i % 4 == 2) document.pages.push_back(document.pages[0]);
    write_image(folder + "/p" + std::to_string(i) + "." + format, document);
}

}  // namespace

TEST_CASE("batch: 200 mixed files come out byte for byte as apply writes them") {
    const Pictures pictures;
    fs::create_directory(pictures.path("single"));
    for (int i = 0; i < 200; ++i) write_mixed(pictures.path("in"), i);
    write_bytes(pictures.path("in/broken.png"), read_bytes(sample("scene.png")).substr(0, 3000));
    const Run all = pictures.batch({"--threads", "3", "-q"}, "gaussian:sigma=1.5");
    CHECK(all.code == 1);
    check_contains(all.err, "broken.png: ");
    CHECK(pictures.outputs().size() == 200);
    for (const std::string& name : pictures.outputs()) {
        CAPTURE(name);
        REQUIRE(apply({"-q", "-k", "gaussian:sigma=1.5"}, pictures.path("in/" + name),
                      pictures.path("single/" + name))
                    .code == 0);
        CHECK(read_bytes(pictures.path("out/" + name)) ==
              read_bytes(pictures.path("single/" + name)));
    }
}

TEST_CASE("batch: maps, pages, folders and other formats have their places in the pattern") {
    const Pictures pictures(2);
    fs::create_directories(pictures.path("in/deep/er"));
    fs::copy_file(pictures.path("in/0.png"), pictures.path("in/deep/er/0.png"));
    const Run all = run({"batch", "-q", "-k", "sobel", "-k", "box", "--recursive", "-o",
                         pictures.path("out/{dir}/{index}-{stem}-{k}.tif"), pictures.path("in")});
    CHECK(all.err.empty());
    CHECK(all.code == 0);
    for (const char* name : {"1-0-0.tif", "1-0-1.tif", "2-1-0.tif", "2-1-1.tif",
                             "deep/er/3-0-0.tif", "deep/er/3-0-1.tif"}) {
        CAPTURE(std::string(name));
        CHECK(fs::exists(pictures.path(std::string("out/") + name)));
    }
}

TEST_CASE("batch: in place, every output replaces its input") {
    const Pictures pictures(3);
    CHECK(run({"batch", "-q", "-k", "box:size=3", "--in-place", pictures.path("in")}).code == 0);
    const Image once = first_page(pictures.path("in/1.png"));
    CHECK(difference(once, sample_picture(SampleType::u8, 3, 6, 9)) > 0);
    CHECK(run({"batch", "-k", "box", "--in-place", "--resume", pictures.path("in")}).code == 2);
    CHECK(difference(first_page(pictures.path("in/1.png")), once) == 0);
}

TEST_CASE("batch: wrong usage is refused before anything is made") {
    const Pictures pictures(2);
    const std::string in = pictures.path("in"), out = pictures.path("out/{stem}.png");
    write_image(pictures.path("0.jpg"),
                document_of(sample_picture(SampleType::u8, 3, 5, 5), "jpeg"));
    const auto check_refused = [&](const std::vector<std::string>& words, const char* message) {
        CAPTURE(std::string(message));
        std::vector<std::string> all{"batch"};
        all.insert(all.end(), words.begin(), words.end());
        const Run result = run(all);
        CHECK(result.code == 2);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, message);
        CHECK_FALSE(fs::exists(pictures.path("out")));
    };
    check_refused({"-k", "box", "-o", out}, "batch takes INPUT...");
    check_refused({"-o", out, in}, "--kernel is required");
    check_refused({"-k", "box", in}, "--output is required");
    check_refused({"-k", "box", "-o", pictures.path("out/{what}"), in}, "{what} is unknown");
    check_refused({"-k", "box", "-o", out, in, pictures.path("0.jpg")}, "in/0.png too");
    check_refused({"-k", "box", "-o", pictures.path("out/a.png"), in}, "in/0.png too");
    check_refused({"-k", "box", "-o", pictures.path("in/{name}"), in}, "use --in-place");
    check_refused({"-k", "box", "-o", out, "--progress", "fast", in}, "use auto, bar, plain");
    check_refused({"-k", "box", "-o", out, "--shard", "3/2", in}, "use I/N");
    check_refused({"-k", "box", "-o", out, "--shards", "2", in}, "--shards goes with --shard auto");
    check_refused({"-k", "-", "-o", out, "-"}, "standard input can be read once");
    check_refused({"-k", "0 x", "-o", out, in}, "'x' is not a number");
    check_refused(
        {"-k", "box", "-o", out, "--report", pictures.path("r.jsonl"), "--shard", "1/2", in},
        "put {shard} into its name");
}

TEST_CASE("batch: failures are named with their reason, and the others are made") {
    const Pictures pictures(3);
    write_bytes(pictures.path("in/1.png"), "not a picture");
    const Run result = pictures.batch({"--report", pictures.path("r.jsonl")});
    CHECK(result.code == 1);
    check_contains(result.err, "conv-cli: batch: 2 pictures done, 1 failed in ");
    check_contains(result.err, "conv-cli: batch: failed: " + pictures.path("in/1.png") +
                                   ": is no image file of a known format");
    CHECK(pictures.outputs() == std::vector<std::string>{"0.png", "2.png"});
    const auto records = pictures.report("r.jsonl");
    REQUIRE(records.size() == 3);
    for (const auto& record : records) {
        CHECK(record["schema"] == "conv-cli/batch/1");
        const bool failed = record["input"] == pictures.path("in/1.png");
        CHECK(record["status"] == (failed ? "failed" : "done"));
        CHECK(record.contains("error") == failed);
        if (failed) continue;
        CHECK(record["width"] == 9);
        CHECK(record["outputs"].size() == 1);
        CHECK(record["seconds"].contains("filter"));
        CHECK(record["lost"]["above"] == 0);
    }
    CHECK(pictures.batch({"--stop-on-error", "--threads", "1"}).code == 1);
    const Run stopped = pictures.batch({"--stop-on-error", "--threads", "1", "--json"});
    CHECK(json_of(stopped)["done"] == 1);
    CHECK(json_of(stopped)["failures"].size() == 1);
}

TEST_CASE("batch: of damaged pictures among good ones each is named, and all good ones are made") {
    const Pictures pictures;
    std::vector<std::string> good, bad;
    for (int i = 0; i < 8; ++i) write_mixed(pictures.path("in"), i);
    for (const auto& entry : fs::directory_iterator(pictures.path("in")))
        good.push_back(entry.path().filename().string());
    for (const std::string& name : good) {
        const std::string bytes = read_bytes(pictures.path("in/" + name));
        for (const std::string damage : {"empty", "cut", "short", "text", "nothing"}) {
            bad.push_back(damage + "-" + name);
            const std::string path = pictures.path("in/" + bad.back());
            if (damage == "empty") write_bytes(path, "");
            if (damage == "cut") write_bytes(path, bytes.substr(0, bytes.size() / 2));
            if (damage == "short") write_bytes(path, bytes.substr(0, 12));
            if (damage == "text") write_bytes(path, "no picture at all");
            if (damage == "nothing") fs::create_symlink("nowhere", path);
        }
    }
    std::sort(good.begin(), good.end());
    const Run result = pictures.batch({"--json", "--threads", "2", "--match", "*.*"});
    CHECK(result.code == 1);
    CHECK(pictures.outputs() == good);
    CHECK(json_of(result)["done"] == good.size());
    CHECK(json_of(result)["failed"] == bad.size());
    for (const std::string& name : bad) check_contains(result.err, pictures.path("in/" + name));
}

TEST_CASE("batch: a folder that cannot be made is one line, and odd ways to it are made") {
    const Pictures pictures(2);
    write_bytes(pictures.path("file"), "x");
    const std::string in = pictures.path("in");
    const Run refused = run({"batch", "-k", "box", "-o", pictures.path("file/x/{name}"), in});
    CHECK(refused.code == 1);
    CHECK(refused.err == "conv-cli: error: " + pictures.path("file") +
                             ": the folder cannot be made: a file has this name\n");
    CHECK(run({"batch", "-q", "-k", "box", "-o", pictures.path("new/../out/{name}"), in}).code ==
          0);
    CHECK(pictures.outputs().size() == 2);
}

TEST_CASE("batch: a kernel that clips is said in one line over all files") {
    const Pictures pictures(4);
    const Run result = pictures.batch({}, "2 0 0");
    CHECK(result.code == 0);
    check_contains(result.err, "of all values were lost to clamping");
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 2);
    CHECK(pictures.batch({"-q"}, "2 0 0").err.empty());
}

TEST_CASE("batch: progress as a bar is taken away, plain and JSON are lines") {
    const Pictures pictures(3);
    const Run bar = pictures.batch({"--progress", "bar"});
    check_contains(bar.err, "\r[########################] 3/3, ");
    check_contains(bar.err,
                   "\r\x1b[K"
                   "conv-cli: batch: 3 pictures done");
    const Run plain = pictures.batch({"--progress", "plain"});
    CHECK(plain.err.find('\r') == std::string::npos);
    check_contains(plain.err, "conv-cli: batch: 3/3, ");
    const Run json = pictures.batch({"--progress", "json"});
    const std::string first = json.err.substr(0, json.err.find('\n'));
    CHECK(nlohmann::json::parse(first)["schema"] == "conv-cli/batch-progress/1");
    CHECK(pictures.batch({"--progress", "bar", "-q"}).err.empty());
}

TEST_CASE("batch: docs/json.md names every field of its documents") {
    const std::string text = read_bytes(source_folder() + "/docs/json.md");
    const Pictures pictures(2);
    write_bytes(pictures.path("in/x.png"), "x");
    const Run result = pictures.batch({"--report", pictures.path("r.jsonl"), "--json"});
    std::vector<nlohmann::json> documents = pictures.report("r.jsonl");
    documents.push_back(json_of(result));
    for (const auto& line : pictures.report("out/" + pictures.outputs(true).at(0)))
        documents.push_back(line);
    const std::string progress = pictures.batch({"--progress", "json"}).err;
    documents.push_back(nlohmann::json::parse(progress.substr(0, progress.find('\n'))));
    for (const auto& document : documents) {
        check_contains(text, "## " + document.at("schema").get<std::string>());
        for (const auto& [field, value] : document.items()) {
            if (field != "schema") check_contains(text, "`" + field + "`");
            if (!value.is_object()) continue;
            for (const auto& part : value.items()) check_contains(text, "`" + part.key() + "`");
        }
    }
}

TEST_CASE("progress: a line tells speed, time left and failures, and fits the terminal") {
    BatchTally tally;
    tally.total = 200;
    tally.done = 45;
    tally.failed = 5;
    tally.bytes = 100'000'000;
    tally.seconds = 25;
    const std::string text = progress_text(tally, 100);
    CHECK(text ==
          "[######..................] 50/200, 5 failed, 2 pictures/s, 4 MB/s, 1 min 15 s left");
    CHECK(progress_text(tally, 60) == "50/200, 5 failed, 2 pictures/s, 4 MB/s, 1 min 15 s left");
    CHECK(progress_text(tally, 20).size() < 20);
    CHECK(duration_text(7300) == "2 h 1 min");
}
