#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/command_line.hpp"
#include "support/filtering.hpp"

namespace conv::test {

/// A folder with pictures in `in`, and batches from there to `out`.
class Pictures {
public:
    explicit Pictures(int count = 0) {
        std::filesystem::create_directory(path("in"));
        for (int i = 0; i < count; ++i)
            write_image(path("in/" + std::to_string(i) + ".png"),
                        document_of(sample_picture(SampleType::u8, 3, 5 + i, 9)));
    }
    std::string path(const std::string& name) const { return folder.file(name); }
    /// `batch -k KERNEL -o out/{name}` with more options, of the folder `in`.
    Run batch(std::vector<std::string> options = {}, const std::string& kernel = "box") const {
        std::vector<std::string> words{"batch", "-k", kernel, "-o", path("out/{name}")};
        words.insert(words.end(), options.begin(), options.end());
        words.push_back(path("in"));
        return run(words);
    }
    /// The names in `out` besides the manifests, sorted.
    std::vector<std::string> outputs(bool manifests = false) const {
        std::vector<std::string> names;
        if (!std::filesystem::exists(path("out"))) return names;
        for (const auto& entry : std::filesystem::directory_iterator(path("out"))) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("conv-cli-manifest-") == manifests) names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    std::vector<nlohmann::json> report(const std::string& name) const {
        std::istringstream lines(read_bytes(path(name)));
        std::vector<nlohmann::json> records;
        for (std::string line; std::getline(lines, line);)
            records.push_back(nlohmann::json::parse(line));
        return records;
    }

    TemporaryFolder folder;
};

/// How many of a run's pictures were made and skipped, from its JSON summary.
inline std::pair<int, int> done_and_skipped(const Run& result) {
    CAPTURE(result.err);
    REQUIRE_FALSE(result.out.empty());
    return {json_of(result)["done"], json_of(result)["skipped"]};
}

using Counts = std::pair<int, int>;

}  // namespace conv::test
