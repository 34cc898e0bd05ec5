#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <vector>

#include "support/shell.hpp"

using namespace conv::test;

namespace {

/// When a strip went up and came down, in the device's nanoseconds; it is computed in between.
struct Strip {
    int thread;
    std::uint64_t up_first, up_last, down_first, down_last;

    bool computes_at(std::uint64_t time) const { return up_last <= time && time < down_first; }
    bool meets(const Strip& other) const {
        return up_first < other.down_last && other.up_first < down_last;
    }
};

/// The strips of a trace: a thread asks for both ends of upload, of compute and of download.
std::vector<Strip> read_strips(const std::string& path) {
    std::map<int, std::vector<std::uint64_t>> times;
    std::ifstream file(path);
    std::uint64_t time = 0;
    for (int thread = 0; file >> thread >> time;) times[thread].push_back(time);
    std::vector<Strip> strips;
    constexpr std::size_t kTimes = 6;
    for (const auto& [thread, all] : times) {
        CHECK(all.size() % kTimes == 0);
        for (std::size_t i = 0; i + kTimes <= all.size(); i += kTimes) {
            strips.push_back({thread, all[i], all[i + 1], all[i + 4], all[i + 5]});
        }
    }
    return strips;
}

/// Pairs of strips of which the test holds.
template <typename Test>
int count_pairs(const std::vector<Strip>& strips, Test test) {
    int count = 0;
    for (const Strip& a : strips) {
        for (const Strip& b : strips) count += &a != &b && test(a, b) ? 1 : 0;
    }
    return count;
}

std::string traced(const std::string& name) {
    return "export CONV_OPENCL_TRACE=" + name + " LD_PRELOAD='" + failing_opencl_path() + "'\n";
}

constexpr const char* kPicture =
    "{ printf 'P5\\n2000 3000\\n255\\n'; head -c 6000000 /dev/zero; } > large.pgm\n";

}  // namespace

TEST_CASE("opencl: while one band of a picture is computed another goes up or comes down") {
    const Shell shell;
    const std::string run =
        "\"$program\" apply --device opencl --method direct --threads 1 -k box:size=9 large.pgm "
        "o.pgm";
    if (shell.run(kPicture + traced("trace") + run) != 0) {
        MESSAGE("no OpenCL device: skipped, " << shell.error());
        return;
    }
    const std::vector<Strip> strips = read_strips(shell.folder.file("trace"));
    CHECK(strips.size() >= 8);
    const int up = count_pairs(
        strips, [](const Strip& a, const Strip& b) { return a.computes_at(b.up_first); });
    const int down = count_pairs(
        strips, [](const Strip& a, const Strip& b) { return a.computes_at(b.down_first); });
    MESSAGE(strips.size() << " strips, " << up << " went up and " << down
                          << " came down while another was computed");
    CHECK(up > 0);
    CHECK(down > 0);
}

TEST_CASE("opencl: pictures of a batch are on the device at the same time") {
    const Shell shell;
    const std::string run =
        "cp large.pgm second.pgm\n"
        "\"$program\" batch -q --device opencl --method direct --threads 2 -k box:size=9 -o "
        "'out/{name}' large.pgm second.pgm";
    if (shell.run(kPicture + traced("trace") + run) != 0) {
        MESSAGE("no OpenCL device: skipped, " << shell.error());
        return;
    }
    const std::vector<Strip> strips = read_strips(shell.folder.file("trace"));
    const int together = count_pairs(
        strips, [](const Strip& a, const Strip& b) { return a.thread != b.thread && a.meets(b); });
    MESSAGE(strips.size() << " strips, " << together << " pairs of two pictures met");
    CHECK(together > 0);
}
