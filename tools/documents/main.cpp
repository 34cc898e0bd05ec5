// Writes the manual page and the shell completions of conv-cli into the folder named.

#include <cstdio>
#include <fstream>
#include <utility>

#include "cli.hpp"
#include "documents/completions.hpp"
#include "documents/man_page.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("use: conv_documents FOLDER\n", stderr);
        return 2;
    }
    const conv::CommandOutline program = conv::command_line_outline();
    for (const auto& [name, text] : {std::pair{"conv-cli.1", conv::man_page(program, CONV_VERSION)},
                                     {"conv-cli.bash", conv::bash_completion(program)},
                                     {"conv-cli.fish", conv::fish_completion(program)},
                                     {"_conv-cli", conv::zsh_completion(program)}}) {
        const std::string path = std::string(argv[1]) + "/" + name;
        std::ofstream file(path);
        file << text;
        file.close();
        if (!file) {
            std::fprintf(stderr, "conv_documents: error: %s: cannot be written\n", path.c_str());
            return 1;
        }
    }
    return 0;
}
