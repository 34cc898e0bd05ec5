#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "compare/compare_kernels.hpp"
#include "compare/comparison_report.hpp"
#include "files/image_document.hpp"
#include "machine/machine_state.hpp"
#include "options/device_choice.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// What the options say about measuring. Throws Error{usage} for a method that no device has.
CompareRules compare_rules(const CompareOptions& options, std::span<const Device> devices);

/// A comparison under way: what was asked for, what was read, and what came out.
struct CompareRun {
    const CompareOptions& options;
    const DeviceChoice& chosen;
    FilterSettings settings;
    ImageDocument input;
    MachineState machine;
    std::vector<NamedKernels> kernels;
    std::vector<SweepStep> steps;
    std::vector<std::string> notes;

    bool is_chain() const { return !options.filter.then.empty(); }
    /// Of all steps; those of a chain are linked.
    std::vector<FilterStage> stages() const;
    bool interrupted() const { return !steps.empty() && steps.back().comparison.interrupted; }
    std::vector<int> thread_list() const {
        return options.threads.empty() ? std::vector<int>{resolve_threads(0)} : options.threads;
    }
    /// Of one step; of all where it is the whole chain.
    std::vector<Kernel> kernels_of(std::size_t step) const;
    std::string text(std::optional<std::size_t> width) const;
    /// Of a volume the slices are compared that one slice of the result is made from.
    void take_slab();
    /// Measures every step, and the whole chain; says on a terminal what it is at.
    void measure(std::ostream& err);
    /// --plot, --write and --diff.
    void write_files();
    void print(std::ostream& out) const;
    /// Throws Error{internal} where a method is outside of its error bound.
    void judge() const;
};

}  // namespace conv
