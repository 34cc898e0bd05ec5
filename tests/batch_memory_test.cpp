#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/resident_memory.hpp"
#include "batch/memory_shares.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

constexpr std::int64_t kMega = std::int64_t{1} << 20;

}  // namespace

TEST_CASE("batch memory: as many pictures at a time as get a useful share") {
    CHECK(pictures_at_once(4, 100, std::nullopt) == 4);
    CHECK(pictures_at_once(4, 3, std::nullopt) == 3);
    CHECK(pictures_at_once(4, 0, std::nullopt) == 1);
    CHECK(pictures_at_once(4, 100, 1) == 1);
    const std::int64_t base = base_memory_bytes();
    CHECK(pictures_at_once(8, 100, base + 1000 * kMega) == 8);
    const int few = pictures_at_once(8, 100, base + 56 * kMega);
    CHECK(few >= 1);
    CHECK(few <= 3);
}

TEST_CASE("batch memory: shares are even, and one that is too small is made up for alone") {
    const std::int64_t base = base_memory_bytes(), most = base + 400 * kMega;
    MemoryShares shares(most, 4);
    std::vector<std::int64_t> given;
    const auto filter = [&](const std::optional<MemoryShare>& share) {
        given.push_back(share->most);
        if (share->most < most) fail(ErrorKind::memory, "too little");
        return FileReport{};
    };
    shares.with_share(filter);
    REQUIRE(given.size() == 2);
    CHECK(given[0] > base + 99 * kMega);
    CHECK(given[0] < base + 105 * kMega);
    CHECK(given[1] == most);
    // Other errors, and what all of the memory is too little for, go through.
    CHECK_THROWS_AS(
        shares.with_share([](const auto&) -> FileReport { fail(ErrorKind::input, "damaged"); }),
        Error);
    int calls = 0;
    CHECK_THROWS_AS(shares.with_share([&](const auto&) -> FileReport {
        ++calls;
        fail(ErrorKind::memory, "too little");
    }),
                    Error);
    CHECK(calls == 2);
}

TEST_CASE("batch memory: while one picture has all of it, no other is under way") {
    MemoryShares shares(base_memory_bytes() + 400 * kMega, 4);
    std::atomic<int> under_way = 0, alone = 0, overlaps = 0;
    const auto filter = [&](bool large) {
        return [&, large](const std::optional<MemoryShare>& share) {
            const bool all = share->most > base_memory_bytes() + 200 * kMega;
            if (large && !all) fail(ErrorKind::memory, "too little");
            if (++under_way > 1 && alone > 0) ++overlaps;
            if (all && ++alone && under_way > 1) ++overlaps;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (all) --alone;
            --under_way;
            return FileReport{};
        };
    };
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 20; ++i) shares.with_share(filter((i + thread) % 3 == 0));
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(overlaps == 0);
}

TEST_CASE("batch memory: what is made within --max-memory is what apply makes") {
    const TemporaryFolder folder;
    std::vector<std::string> names;
    for (const char* format : {"png", "jpg", "tif", "ppm", "webp", "bmp"}) {
        for (int i = 0; i < 3; ++i) {
            names.push_back("p" + std::to_string(i) + "." + format);
            const std::string kind = std::string(format) == "jpg"   ? "jpeg"
                                     : std::string(format) == "tif" ? "tiff"
                                                                    : format;
            write_image(folder.file(names.back()),
                        document_of(sample_picture(SampleType::u8, 3, 60 + 40 * i, 90),
                                    kind == "ppm" ? "pnm" : kind));
        }
    }
    const std::string memory = std::to_string((base_memory_bytes() / kMega) + 150) + "M";
    std::vector<std::string> words{
        "batch",     "-q", "-k", "gaussian:sigma=5",       "--max-memory", memory,
        "--threads", "3",  "-o", folder.file("out/{name}")};
    for (const std::string& name : names) words.push_back(folder.file(name));
    const Run batch = run(words);
    CAPTURE(batch.err);
    REQUIRE(batch.code == 0);
    for (const std::string& name : names) {
        CAPTURE(name);
        const Run single = apply({"-q", "-k", "gaussian:sigma=5", "--max-memory", memory},
                                 folder.file(name), folder.file("single-" + name));
        REQUIRE(single.code == 0);
        CHECK(
            (read_bytes(folder.file("out/" + name)) == read_bytes(folder.file("single-" + name))));
    }
}
