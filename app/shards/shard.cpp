#include "shards/shard.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "base/error.hpp"
#include "files/file_bytes.hpp"

namespace conv {
namespace {

std::optional<std::int64_t> whole_number(const std::string& text) {
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [at, status] = std::from_chars(text.data(), end, value);
    if (text.empty() || status != std::errc() || at != end || value < 0) return std::nullopt;
    return value;
}

std::optional<std::int64_t> number_of(const Environment& environment, const std::string& name) {
    const auto text = environment(name);
    if (!text) return std::nullopt;
    const auto value = whole_number(*text);
    if (!value) {
        fail(ErrorKind::usage, "{}='{}' is no number from 0, unset it or use --shard I/N", name,
             display_name(*text));
    }
    return value;
}

std::int64_t required_number(const Environment& environment, const std::string& name,
                             const std::string& because) {
    const auto value = number_of(environment, name);
    if (!value) {
        fail(ErrorKind::usage, "{} is set and {} is not, use --shards N or --shard I/N", because,
             name);
    }
    return *value;
}

/// An engine whose processes are numbered by one variable, and counted by another or by --shards.
struct Engine {
    const char* index;
    const char* count;  ///< null: it sets none
    std::int64_t first;
};

constexpr auto kEngines = std::to_array<Engine>({
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", 0},
    {"PMI_RANK", "PMI_SIZE", 0},
    {"AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0},
    {"JOB_COMPLETION_INDEX", nullptr, 0},
    {"PARALLEL_SEQ", nullptr, 1},
});

std::int64_t count_of(const Engine& engine, const ShardOptions& options,
                      const Environment& environment) {
    const auto stated = engine.count ? number_of(environment, engine.count) : std::nullopt;
    if (stated && options.count && *stated != *options.count) {
        fail(ErrorKind::usage, "--shards {} contradicts {}={}, leave one out", *options.count,
             engine.count, *stated);
    }
    if (!stated && !options.count) {
        fail(ErrorKind::usage, "{} does not say how many shards there are, add --shards N",
             engine.index);
    }
    return stated ? *stated : *options.count;
}

std::optional<Shard> shard_of(const Engine& engine, const ShardOptions& options,
                              const Environment& environment) {
    const auto index = number_of(environment, engine.index);
    if (!index) return std::nullopt;
    const std::int64_t count = count_of(engine, options, environment);
    if (*index < engine.first || *index - engine.first >= count) {
        fail(ErrorKind::usage, "{}={} is outside {} to {}, the range of {} shards", engine.index,
             *index, engine.first, count - 1 + engine.first, count);
    }
    const std::string size =
        engine.count && environment(engine.count) ? std::string(" and ") + engine.count : "";
    return Shard{*index - engine.first + 1, count, engine.index + size};
}

/// With --shards a task's number is its shard's: for arrays with holes, and for parts of one.
Shard numbered_slurm_shard(std::int64_t id, const ShardOptions& options) {
    const std::int64_t base = options.base.value_or(1);
    if (id < base || id - base >= *options.count) {
        fail(ErrorKind::usage,
             "SLURM_ARRAY_TASK_ID={} is outside {} to {}, the range of --shards {}{}", id, base,
             *options.count - 1 + base, *options.count,
             id == 0 && base == 1 ? ", for an array that begins at 0 add --shard-base 0" : "");
    }
    return {id - base + 1, *options.count, "SLURM_ARRAY_TASK_ID and --shards"};
}

std::optional<Shard> slurm_shard(const ShardOptions& options, const Environment& environment) {
    const std::string id_name = "SLURM_ARRAY_TASK_ID";
    const auto id = number_of(environment, id_name);
    if (!id) return std::nullopt;
    if (options.count) return numbered_slurm_shard(*id, options);
    if (options.base) {
        fail(ErrorKind::usage, "--shard-base {} needs --shards N", *options.base);
    }
    const auto of_array = [&](const char* what) {
        return required_number(environment, std::string("SLURM_ARRAY_TASK_") + what, id_name);
    };
    const std::int64_t least = of_array("MIN"), most = of_array("MAX"), step = of_array("STEP"),
                       tasks = of_array("COUNT");
    if (step < 1 || most < least || *id < least || *id > most || (*id - least) % step != 0) {
        fail(ErrorKind::usage,
             "SLURM_ARRAY_TASK_ID={} contradicts SLURM_ARRAY_TASK_MIN={}, _MAX={} and _STEP={}, "
             "use --shard I/N",
             *id, least, most, step);
    }
    const std::int64_t count = (most - least) / step + 1;
    if (count != tasks) {
        fail(ErrorKind::usage,
             "SLURM_ARRAY_TASK_COUNT={} tasks do not fill the array from {} to {} in steps of {}: "
             "for an array with holes, or a part of one, say --shards N (shard I is the task's "
             "number; --shard-base 0 where they begin at 0)",
             tasks, least, most, step);
    }
    return Shard{(*id - least) / step + 1, count, "SLURM_ARRAY_TASK_ID, _MIN, _MAX, _STEP"};
}

Shard automatic_shard(const ShardOptions& options, const Environment& environment) {
    std::optional<Shard> found = slurm_shard(options, environment);
    if (options.base && !found) {
        fail(ErrorKind::usage, "--shard-base {} is for SLURM_ARRAY_TASK_ID, which is not set",
             *options.base);
    }
    for (const Engine& engine : kEngines) {
        // An engine without a count is no rival of one that has spoken, but a second one all the
        // same: whichever was meant, the other's processes would do the same work.
        if (found && environment(engine.index) && !engine.count && !options.count) {
            fail(ErrorKind::usage, "{} and {} are both set, say --shard I/N",
                 found->source.substr(0, found->source.find_first_of(", ")), engine.index);
        }
        const std::optional<Shard> other = shard_of(engine, options, environment);
        if (!other) continue;
        if (found && (found->index != other->index || found->count != other->count)) {
            fail(ErrorKind::usage, "{} says shard {}/{} and {} says {}/{}, say --shard I/N",
                 found->source.substr(0, found->source.find_first_of(", ")), found->index,
                 found->count, engine.index, other->index, other->count);
        }
        if (!found) found = other;
    }
    if (!found) {
        fail(ErrorKind::usage,
             "--shard auto finds none of SLURM_ARRAY_TASK_ID, OMPI_COMM_WORLD_RANK, PMI_RANK, "
             "AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX and PARALLEL_SEQ, use --shard I/N");
    }
    return *found;
}

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

Shard read_shard(const ShardOptions& options, const Environment& environment) {
    if (options.count && *options.count < 1) {
        fail(ErrorKind::usage, "--shards {} is too small, use 1 or more", *options.count);
    }
    if (options.base && *options.base != 0 && *options.base != 1) {
        fail(ErrorKind::usage, "--shard-base {} is unknown, use 0 or 1", *options.base);
    }
    if (options.shard == "auto") return automatic_shard(options, environment);
    if (options.count || options.base) {
        fail(ErrorKind::usage, "{} goes with --shard auto alone",
             options.count ? "--shards" : "--shard-base");
    }
    const std::size_t slash = options.shard.find('/');
    const auto part = [&](std::size_t begin, std::size_t end) {
        return slash == std::string::npos ? std::nullopt
                                          : whole_number(options.shard.substr(begin, end));
    };
    const auto index = part(0, slash), count = part(slash + 1, std::string::npos);
    if (!index || !count || *index < 1 || *index > *count) {
        fail(ErrorKind::usage,
             "--shard '{}' is not understood, use I/N with I from 1 to N, or auto",
             display_name(options.shard));
    }
    return {*index, *count, ""};
}

}  // namespace conv
