#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "machine/machine_state.hpp"
#include "support/sanitized.hpp"
#include "support/test_files.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

namespace {

/// A root folder in which `file` under sys/fs/cgroup has `text`, and the process is in `group`.
void write_group(const TemporaryFolder& root, const std::string& group, const std::string& file,
                 const std::string& text) {
    for (const auto& [path, bytes] :
         {std::pair(fs::path("proc/self/cgroup"), group), {"sys/fs/cgroup/" + file, text}}) {
        const fs::path whole = root.file("") / path;
        fs::create_directories(whole.parent_path());
        write_bytes(whole.string(), bytes);
    }
}

}  // namespace

TEST_CASE("machine: a quota of processor time is the smallest of the groups around the process") {
    const TemporaryFolder root;
    CHECK_FALSE(cpu_quota(root.file("")).has_value());
    write_group(root, "0::/a/b\n", "a/b/cpu.max", "max 100000\n");
    CHECK_FALSE(cpu_quota(root.file("")).has_value());
    write_group(root, "0::/a/b\n", "a/cpu.max", "150000 100000\n");
    CHECK(cpu_quota(root.file("")) == 1.5);
    write_group(root, "0::/a/b\n", "cpu.max", "400000 100000\n");
    CHECK(cpu_quota(root.file("")) == 1.5);
    write_group(root, "0::/a/b\n", "a/b/cpu.max", "50000 100000\n");
    CHECK(cpu_quota(root.file("")) == 0.5);
}

TEST_CASE("machine: a quota of the first version of control groups is read too, -1 is none") {
    const TemporaryFolder root;
    const std::string groups = "3:memory:/m\n2:cpu,cpuacct:/job\n0::/\n";
    write_group(root, groups, "cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
    write_group(root, groups, "cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
    CHECK_FALSE(cpu_quota(root.file("")).has_value());
    write_group(root, groups, "cpu,cpuacct/job/cpu.cfs_quota_us", "250000\n");
    CHECK(cpu_quota(root.file("")) == 2.5);
}

TEST_CASE("machine: its text and its JSON say what is known and leave out what is not") {
    const MachineState all{"Chip", 8, 2, 1.5, 0.25, MachineLimits{2, 5e10, 2e10, "AVX2"}};
    CHECK(machine_text(all) ==
          "Chip, 2 of 8 cores allowed, quota of 1.5 cores, load 0.2\n"
          "limits, just measured with 2 threads: 50 GMAC/s, 20 GB/s copied");
    const MachineState little{"Chip", 8, 8, {}, {}, {}};
    CHECK(machine_text(little) ==
          "Chip, 8 of 8 cores allowed, load unknown\n"
          "limits not measured: there is no memory for it");
    CHECK(machine_json(little).dump() == R"({"cores":8,"allowed_cores":8})");
    CHECK(machine_json(all)["limit_gigamacs_per_second"] == 50.0);
}

TEST_CASE("machine: this one has limits, and no more cores than it has") {
    const MachineState here = machine_state(1);
    CHECK(here.allowed_cores <= here.cores);
    REQUIRE(here.limits);
    CHECK(here.limits->macs_per_second > (is_sanitized() ? 1e6 : 1e8));
    CHECK(here.limits->copied_bytes_per_second > 1e8);
}
