#include "batch/batch_record.hpp"

#include <nlohmann/json.hpp>

namespace conv {

const char* outcome_word(Outcome outcome) {
    switch (outcome) {
        case Outcome::done:
            return "done";
        case Outcome::skipped:
            return "skipped";
        case Outcome::failed:
            break;
    }
    return "failed";
}

nlohmann::ordered_json record_json(const BatchRecord& record) {
    nlohmann::ordered_json json{{"schema", "conv-cli/batch/1"},
                                {"index", record.item->index + 1},
                                {"status", outcome_word(record.outcome)},
                                {"input", record.item->input},
                                {"input_bytes", record.input_bytes}};
    if (record.outcome == Outcome::failed) json["error"] = record.error;
    if (!record.report) return json;
    const FileReport& report = *record.report;
    const InputSummary& in = report.input;
    json["outputs"] = report.outputs;
    json["format"] = in.format;
    json["width"] = in.first.shape.W;
    json["height"] = in.first.shape.H;
    json["channels"] = in.first.shape.C;
    json["pages"] = in.pages;
    json["depth"] = sample_type_name(report.settings.depth);
    json["device"] = report.filter.choice.device->name;
    json["method"] = report.filter.choice.method->name;
    json["seconds"] = {{"read", report.seconds.read},
                       {"filter", report.seconds.filter},
                       {"write", report.seconds.write},
                       {"wall", report.seconds.wall}};
    json["values"] = report.filter.values;
    json["lost"] = {{"below", report.filter.lost.below}, {"above", report.filter.lost.above}};
    json["notes"] = report.notes;
    return json;
}

}  // namespace conv
