#pragma once

#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli.hpp"
#include "files/image_file.hpp"
#include "support/places.hpp"

namespace conv::test {

/// What a command line gave back.
struct Run {
    int code = 0;
    std::string out, err;
};

inline Run run(const std::vector<std::string>& arguments) {
    std::ostringstream out, err;
    Run result;
    result.code = run_cli(arguments, out, err);
    result.out = out.str();
    result.err = err.str();
    return result;
}

inline std::string sample(const std::string& name) {
    return source_folder() + "/sample_images/" + name;
}

/// `apply` with the options in front of INPUT and OUTPUT.
inline Run apply(std::vector<std::string> options, const std::string& input,
                 const std::string& output) {
    options.insert(options.begin(), "apply");
    options.insert(options.end(), {input, output});
    return run(options);
}

inline Image first_page(const std::string& path) {
    return read_image(path).pages.at(0);
}

inline bool is_one_error_line(const std::string& err) {
    return err.starts_with("conv-cli: error: ") && err.find('\n') + 1 == err.size();
}

inline std::vector<std::string> words_of(const std::string& line) {
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
}

inline nlohmann::json json_of(const Run& result) {
    return nlohmann::json::parse(result.out);
}

}  // namespace conv::test
