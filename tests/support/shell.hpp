#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/command_line.hpp"
#include "support/places.hpp"
#include "support/test_files.hpp"

namespace conv::test {

/// Runs shell lines in a folder of its own, where $program is conv-cli and in.png a picture.
class Shell {
public:
    Shell() {
        std::filesystem::copy_file(source_folder() + "/sample_images/scene.png",
                                   folder.file("in.png"));
    }

    /// The exit code of bash.
    int run(const std::string& lines) const {
        write_bytes(folder.file("script"), lines);
        const std::string command = "cd '" + folder.file("") + "' && program='" + program_path() +
                                    "' bash script 2>stderr </dev/null";
        const int status = std::system(command.c_str());
        REQUIRE(WIFEXITED(status));
        return WEXITSTATUS(status);
    }
    std::string error() const { return read_bytes(folder.file("stderr")); }
    std::string output() const { return read_bytes(folder.file("out")); }
    Image picture(const std::string& name) const {
        return read_image(folder.file(name)).pages.at(0);
    }
    bool has_temporary_file() const {
        const auto entries = std::filesystem::directory_iterator(folder.file(""));
        return std::any_of(begin(entries), end(entries), [](const auto& entry) {
            return entry.path().filename().string().starts_with(".conv-cli-");
        });
    }

    TemporaryFolder folder;
};

}  // namespace conv::test
