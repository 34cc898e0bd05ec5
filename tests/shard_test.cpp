#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "base/parallel.hpp"
#include "options/thread_count.hpp"
#include "shards/shard.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

using Variables = std::map<std::string, std::string>;

Shard automatic(const Variables& variables, std::optional<std::int64_t> count = {},
                std::optional<std::int64_t> base = {}) {
    return read_shard({"auto", count, base}, [&](const std::string& name) {
        const auto at = variables.find(name);
        return at == variables.end() ? std::nullopt : std::optional(at->second);
    });
}

std::string automatic_error(const Variables& variables, std::optional<std::int64_t> count = {},
                            std::optional<std::int64_t> base = {}) {
    return error_of([&] { automatic(variables, count, base); });
}

std::string text_of(const Shard& shard) {
    return std::to_string(shard.index) + "/" + std::to_string(shard.count);
}

Variables slurm(const std::string& id, const std::string& least, const std::string& most,
                const std::string& step, const std::string& count) {
    return {{"SLURM_ARRAY_TASK_ID", id},
            {"SLURM_ARRAY_TASK_MIN", least},
            {"SLURM_ARRAY_TASK_MAX", most},
            {"SLURM_ARRAY_TASK_STEP", step},
            {"SLURM_ARRAY_TASK_COUNT", count}};
}

}  // namespace

TEST_CASE("shard: I/N is read, and nothing else") {
    const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
    CHECK(text_of(read_shard({"2/3", {}, {}}, nothing)) == "2/3");
    for (const char* bad :
         {"0/3", "4/3", "a/3", "1/", "/3", "1", "", "1/3/5", "-1/3", "1/0", " 1/2"}) {
        CAPTURE(std::string(bad));
        check_contains(error_of([&] { read_shard({bad, {}, {}}, nothing); }), "use I/N");
    }
    check_contains(error_of([&] { read_shard({"1/3", 3, {}}, nothing); }), "--shards goes with");
}

TEST_CASE("shard: each engine's numbering becomes 1 to N") {
    CHECK(text_of(automatic(slurm("0", "0", "9", "1", "10"))) == "1/10");
    CHECK(text_of(automatic(slurm("7", "1", "9", "2", "5"))) == "4/5");
    CHECK(text_of(automatic({{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "4"}})) ==
          "4/4");
    CHECK(text_of(automatic({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}})) == "1/2");
    CHECK(text_of(automatic({{"AWS_BATCH_JOB_ARRAY_INDEX", "1"}}, 5)) == "2/5");
    CHECK(text_of(automatic(
              {{"AWS_BATCH_JOB_ARRAY_INDEX", "1"}, {"AWS_BATCH_JOB_ARRAY_SIZE", "3"}})) == "2/3");
    CHECK(text_of(automatic({{"JOB_COMPLETION_INDEX", "0"}}, 3)) == "1/3");
    CHECK(text_of(automatic({{"PARALLEL_SEQ", "3"}}, 3)) == "3/3");
    CHECK(automatic({{"PARALLEL_SEQ", "3"}}, 3).source == "PARALLEL_SEQ");
    // Two that agree: Open MPI below a launcher that speaks PMI.
    CHECK(text_of(automatic({{"OMPI_COMM_WORLD_RANK", "1"},
                             {"OMPI_COMM_WORLD_SIZE", "2"},
                             {"PMI_RANK", "1"},
                             {"PMI_SIZE", "2"}})) == "2/2");
}

TEST_CASE("shard: a Slurm array with holes, or a part of one, needs --shards") {
    check_contains(automatic_error(slurm("5", "1", "9", "1", "3")),
                   "SLURM_ARRAY_TASK_COUNT=3 tasks do not fill the array");
    CHECK(text_of(automatic(slurm("5", "1", "9", "1", "3"), 9)) == "5/9");
    CHECK(text_of(automatic(slurm("0", "0", "8", "1", "3"), 9, 0)) == "1/9");
    check_contains(automatic_error(slurm("0", "0", "8", "1", "9"), 9), "add --shard-base 0");
    check_contains(automatic_error(slurm("10", "1", "10", "1", "10"), 9), "outside 1 to 9");
    check_contains(automatic_error(slurm("1", "1", "9", "1", "9"), {}, 0), "needs --shards");
}

TEST_CASE("shard: a variable that is no number or out of range is named") {
    for (const char* bad : {"x", "", "1.5", "-1", "99999999999999999999"}) {
        CAPTURE(std::string(bad));
        check_contains(automatic_error({{"PARALLEL_SEQ", bad}}, 3), "PARALLEL_SEQ=");
        check_contains(automatic_error(slurm("1", "1", "2", bad, "2")), "SLURM_ARRAY_TASK_STEP=");
    }
    check_contains(automatic_error({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "2"}}),
                   "OMPI_COMM_WORLD_RANK=2 is outside 0 to 1");
    check_contains(automatic_error({{"PARALLEL_SEQ", "4"}}, 3), "PARALLEL_SEQ=4");
    check_contains(automatic_error({{"PARALLEL_SEQ", "0"}}, 3), "PARALLEL_SEQ=0");
    check_contains(automatic_error(slurm("4", "1", "9", "2", "5")), "contradicts");
    check_contains(automatic_error(slurm("1", "1", "9", "0", "5")), "contradicts");
}

TEST_CASE("shard: none, a count that is missing, and engines that differ are errors") {
    check_contains(automatic_error({}), "finds none of SLURM_ARRAY_TASK_ID");
    check_contains(automatic_error({{"JOB_COMPLETION_INDEX", "0"}}), "add --shards N");
    check_contains(automatic_error({{"OMPI_COMM_WORLD_RANK", "0"}}), "add --shards N");
    check_contains(
        automatic_error({{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "2"}}, 3),
        "--shards 3 contradicts OMPI_COMM_WORLD_SIZE=2");
    Variables both = slurm("1", "1", "2", "1", "2");
    both["PMI_RANK"] = "1";
    both["PMI_SIZE"] = "4";
    check_contains(automatic_error(both),
                   "SLURM_ARRAY_TASK_ID says shard 1/2 and PMI_RANK says 2/4");
    Variables nested = slurm("1", "1", "2", "1", "2");
    nested["PARALLEL_SEQ"] = "1";
    check_contains(automatic_error(nested), "SLURM_ARRAY_TASK_ID and PARALLEL_SEQ are both set");
    Variables missing = slurm("1", "1", "2", "1", "2");
    missing.erase("SLURM_ARRAY_TASK_MAX");
    check_contains(automatic_error(missing), "SLURM_ARRAY_TASK_MAX is not");
    check_contains(automatic_error({{"PARALLEL_SEQ", "1"}}, 3, 0), "--shard-base 0");
}

TEST_CASE("shard: threads are --threads, or what Slurm gives a task") {
    const char* name = "SLURM_CPUS_PER_TASK";
    unsetenv(name);
    CHECK(thread_count(7) == 7);
    CHECK(thread_count(0) == hardware_threads());
    setenv(name, "1", 1);
    CHECK(thread_count(0) == 1);
    CHECK(thread_count(7) == 7);
    setenv(name, "100000", 1);
    CHECK(thread_count(0) == hardware_threads());
    for (const char* bad : {"x", "0", "", "2.5", "-1"}) {
        CAPTURE(std::string(bad));
        setenv(name, bad, 1);
        check_contains(error_of([] { thread_count(0); }), "SLURM_CPUS_PER_TASK=");
        CHECK(thread_count(7) == 7);
    }
    unsetenv(name);
}
