#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "batch/batch_plan.hpp"
#include "filtering/filter_file.hpp"

namespace conv {

enum class Outcome { done, skipped, failed };

const char* outcome_word(Outcome outcome);

/// What became of one picture of a batch.
struct BatchRecord {
    const BatchItem* item = nullptr;
    Outcome outcome = Outcome::failed;
    std::string error;                 ///< of a failed one
    bool wrong_usage = false;          ///< it would fail whatever the file
    std::optional<FileReport> report;  ///< of a picture that is done
    std::int64_t input_bytes = 0;
    std::string lost_line;  ///< what the command `apply` would say about values lost; mostly empty
};

/// One line of --report, schema conv-cli/batch/1.
nlohmann::ordered_json record_json(const BatchRecord& record);

}  // namespace conv
