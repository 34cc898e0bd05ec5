#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel.hpp"

namespace conv {

/// A word that a parameter takes in place of a number, and the number it stands for.
struct BuiltinWord {
    std::string word;
    double value;
};

/// One parameter of a built-in kernel. Every value is a number; words stand for numbers.
struct BuiltinParameter {
    std::string name, summary;
    double minimum = 0, maximum = 0;
    std::string default_text;  ///< as a user would write it; "auto": worked out from the others
    double step = 0;  ///< values are minimum + a multiple of this; 0: any number, 1: whole ones
    std::vector<BuiltinWord> words = {};
};

/// The values of all parameters of one built-in, defaults filled in and ranges checked.
class BuiltinArguments {
public:
    BuiltinArguments(std::string builtin, std::map<std::string, std::optional<double>> values)
        : builtin_(std::move(builtin)), values_(std::move(values)) {}

    /// Whose they are, for errors.
    const std::string& builtin() const { return builtin_; }

    /// The value of a parameter that is not "auto".
    double operator[](const std::string& name) const { return values_.at(name).value(); }
    /// The value of a parameter, or `automatic` where it is "auto".
    double value_or(const std::string& name, double automatic) const {
        return values_.at(name).value_or(automatic);
    }

private:
    std::string builtin_;
    std::map<std::string, std::optional<double>> values_;
};

/// A kernel made by name: `name` or `name:key=value,key=value`.
struct Builtin {
    std::string name, summary;
    std::vector<BuiltinParameter> parameters;
    std::vector<Kernel> (*make)(const BuiltinArguments&);
};

/// The built-in kernels. Adding one is one entry.
const std::vector<Builtin>& builtin_kernels();

/// Whether the parameter takes a value so written.
bool takes_value(const BuiltinParameter& parameter, std::string_view text);

/// Whether the text is a built-in's name, or has the form `word:key=value,...` of one.
bool is_builtin_reference(std::string_view text);

/// Makes the kernel, or kernels, of "gaussian" or "gaussian:sigma=2,size=7". Throws Error{usage}:
/// an unknown name or parameter (with the nearest known one), a value that is no number, out of
/// range or given twice.
std::vector<Kernel> make_builtin(std::string_view reference);

}  // namespace conv
