#include "support/damaged_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>

#include "base/resident_memory.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "support/test_files.hpp"

namespace conv::test {
namespace {

/// Peak resident bytes since begin() beside what was resident then.
class PeakMemory {
public:
    void begin() {
        std::ofstream("/proc/self/clear_refs") << "5";
        before_ = resident_bytes();
    }
    std::int64_t grown() const { return peak_resident_bytes() - before_; }

private:
    std::int64_t before_ = 0;
};

}  // namespace

void check_refused(const std::vector<Damaged>& files) {
    constexpr double kMostSeconds = 5;
    constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;
    const TemporaryFolder folder;
    const std::string path = folder.file("given"), output = folder.file("old.png");
    PeakMemory memory;
    for (const Damaged& file : files) {
        CAPTURE(file.name);
        write_bytes(path, file.bytes);
        write_bytes(output, "an old output");
        memory.begin();
        const auto start = std::chrono::steady_clock::now();
        const Run result = apply({"-k", "identity", "--depth", "u8"}, path, output);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        CAPTURE(result.err);
        CHECK(result.code == 1);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, path + ": ");
        check_contains(result.err, file.words);
        CHECK(read_bytes(output) == "an old output");
        CHECK(folder.entries() == 2);
        CHECK(seconds.count() < kMostSeconds);
        CHECK(memory.grown() < kMostBytes);
    }
}

std::string good(const std::string& extension, SampleType type, std::int64_t channels) {
    const TemporaryFolder folder;
    write_image(folder.file("a." + extension), document_of(sample_picture(type, channels, 60, 80)));
    return read_bytes(folder.file("a." + extension));
}

std::string cut(const std::string& bytes, std::size_t removed) {
    return bytes.substr(0, bytes.size() - removed);
}

std::string half(const std::string& bytes) {
    return bytes.substr(0, bytes.size() / 2);
}

std::string changed(std::string bytes, std::size_t at, const std::string& with) {
    return bytes.replace(at, with.size(), with);
}

std::string replaced(std::string bytes, const std::string& from, const std::string& to) {
    return bytes.replace(bytes.find(from), from.size(), to);
}

}  // namespace conv::test
