#include <iostream>

#include "cli.hpp"

int main(int argc, char** argv) {
    return conv::run_cli({argv + 1, argv + argc}, std::cout, std::cerr);
}
