#pragma once

#include <string>
#include <vector>

#include "tensor/sample_type.hpp"

namespace conv::test {

/// A file that must be refused, and what the error says.
struct Damaged {
    std::string name;
    std::string bytes;
    std::string words;  ///< of the error
};

/// Every file must be refused by the program in one line that names it and its fault, with exit
/// code 1, quickly, without the memory that it claims to need, and leave an old output as it was.
void check_refused(const std::vector<Damaged>& files);

/// The bytes of a good file in a format.
std::string good(const std::string& extension, SampleType type = SampleType::u8,
                 std::int64_t channels = 3);
std::string cut(const std::string& bytes, std::size_t removed);
std::string half(const std::string& bytes);
std::string changed(std::string bytes, std::size_t at, const std::string& with);
std::string replaced(std::string bytes, const std::string& from, const std::string& to);

}  // namespace conv::test
