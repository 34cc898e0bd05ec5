#include "batch/batch_plan.hpp"

#include <filesystem>
#include <unordered_map>

#include "base/error.hpp"
#include "batch/real_path.hpp"
#include "files/file_bytes.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

/// Paths without links in their folders; each folder is asked about once.
class RealPaths {
public:
    /// The path with its folder real, whether the file exists or not.
    std::string in_real_folder(const std::string& path) {
        const fs::path named(path);
        const std::string folder = named.parent_path().string();
        const auto [at, is_new] = folders_.try_emplace(folder);
        if (is_new) at->second = real_path(folder.empty() ? "." : folder);
        return at->second / named.filename();
    }

private:
    std::unordered_map<std::string, fs::path> folders_;
};

/// Every input by its real path, and who writes what.
class Conflicts {
public:
    Conflicts(const InputQuery& query, const std::vector<BatchInput>& inputs, bool in_place)
        : query_(query), inputs_(inputs), in_place_(in_place) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            by_path_.try_emplace(paths_.in_real_folder(inputs[i].path), i);
            by_path_.try_emplace(real_path(inputs[i].path).string(), i);
        }
        if (!query.output_folder.empty()) output_folder_ = real_path(query.output_folder);
        std::error_code ignored;
        for (const std::string& argument : query.arguments) {
            if (fs::is_directory(argument, ignored)) searched_.push_back(real_path(argument));
        }
    }

    /// Why the output at `index` must not be written; empty for none. To be asked once for each
    /// item, in order.
    std::string of_output(std::size_t index, const std::string& output) {
        const std::string target = paths_.in_real_folder(output);
        const auto [taken, is_new] = outputs_.try_emplace(target, index);
        if (!is_new) {
            return fmt::format(
                "{} would be written by {} too, use {{dir}} or {{index}} in --output",
                display_name(output), display_name(inputs_[taken->second].path));
        }
        if (const auto input = by_path_.find(target); input != by_path_.end())
            return of_replaced_input(index, input->second, output);
        return of_searched_folder(target, output);
    }
    /// The same for what only this part's items are asked: where links lead to.
    std::string of_links(std::size_t index, const std::string& output, const fs::path& folder) {
        const fs::path target = real_path(output);
        if (!is_below(target, folder)) {
            return fmt::format("{} leads out of {} through a link, to {}", display_name(output),
                               display_name(folder.string()), display_name(target.string()));
        }
        const auto input = by_path_.find(target.string());
        return input == by_path_.end() ? "" : of_replaced_input(index, input->second, output);
    }

private:
    std::string of_replaced_input(std::size_t index, std::size_t input,
                                  const std::string& output) const {
        if (input != index) {
            return fmt::format("{} would replace the input {}", display_name(output),
                               display_name(inputs_[input].path));
        }
        if (in_place_) return {};
        return fmt::format("{} would replace its input, use --in-place or another --output",
                           display_name(output));
    }
    std::string of_searched_folder(const fs::path& target, const std::string& output) const {
        for (const fs::path& folder : searched_) {
            const bool found =
                query_.recursive ? is_below(target, folder) : target.parent_path() == folder;
            if (!found || !is_searched_for(target.filename().string(), query_)) continue;
            if (output_folder_ != folder && is_below(output_folder_, folder)) continue;
            return fmt::format(
                "{} would be an input of the next run over {}, write to a folder of its own or say "
                "with --match which files are inputs",
                display_name(output), display_name(folder.string()));
        }
        return {};
    }

    const InputQuery& query_;
    const std::vector<BatchInput>& inputs_;
    const bool in_place_;
    RealPaths paths_;
    std::unordered_map<std::string, std::size_t> by_path_, outputs_;
    std::vector<fs::path> searched_;
    fs::path output_folder_;
};

}  // namespace

BatchPlan plan_batch(const InputQuery& query, const std::vector<BatchInput>& inputs,
                     const std::optional<OutputPattern>& pattern, bool in_place,
                     const Shard& shard) {
    BatchPlan plan;
    plan.listed = static_cast<std::int64_t>(inputs.size());
    if (pattern) plan.folder = pattern->folder();
    const fs::path folder = real_path(plan.folder);
    Conflicts conflicts(query, inputs, in_place);
    for (std::int64_t index = 0; index < plan.listed; ++index) {
        const auto i = static_cast<std::size_t>(index);
        BatchItem item{index, inputs[i].path, inputs[i].path, {}};
        if (pattern) item.output = pattern->path_for(inputs[i], index, plan.listed);
        item.refusal = conflicts.of_output(i, item.output);
        if (!shard.takes(index)) continue;
        if (item.refusal.empty() && pattern)
            item.refusal = conflicts.of_links(i, item.output, folder);
        plan.items.push_back(std::move(item));
    }
    return plan;
}

}  // namespace conv
