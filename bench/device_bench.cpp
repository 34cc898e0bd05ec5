#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <regex>

#include "backend_interface.hpp"
#include "base/error.hpp"
#include "base/module.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"
#include "conv/convolve.hpp"
#include "conv/device_planner.hpp"
#include "devices.hpp"
#include "gpu/copy_bandwidth.hpp"
#include "integer_table.hpp"
#include "operands.hpp"
#include "pipeline/sum_verification.hpp"
#include "timing/timing.hpp"

namespace conv::bench {
namespace {

struct Options {
    std::string device = "opencl:0", rows = "^(?!tiny)";
    int repeats = 10;
    bool integers = false, list = false;
};

/// The rows of the benchmark, and one picture large enough to keep a device busy.
std::vector<BenchRow> device_rows(const std::string& pattern) {
    std::vector<BenchRow> rows;
    for (const int size : {3, 5, 7, 11, 15}) {
        const std::string text =
            fmt::format("n1c1h8192w8192_k1r{0}s{0}_p{1}_breflect101", size, size / 2);
        rows.push_back({fmt::format("plane-8192-f32-{0}x{0}", size), parse_problem(text),
                        SampleType::f32, KernelKind::random});
    }
    for (BenchRow& row : bench_rows()) rows.push_back(std::move(row));
    const std::regex wanted(pattern);
    std::erase_if(rows, [&](const BenchRow& row) { return !std::regex_search(row.name, wanted); });
    if (rows.empty()) fail(ErrorKind::usage, "no row matches '{}'", pattern);
    return rows;
}

/// Seconds of one run: the device's own, and from call to result.
struct RunTimes {
    DeviceTimes device;
    double whole = 0;
};

double middle(std::vector<double> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

template <typename Part>
double median_of(const std::vector<RunTimes>& runs, const Part& part) {
    std::vector<double> values;
    for (const RunTimes& run : runs) values.push_back(part(run));
    return middle(std::move(values));
}

/// A method at work on a row.
class Contest {
public:
    Contest(const Device& device, const Method& method, Offer offer, const Operands& operands)
        : choice_{&method, "", {}, &device, std::move(offer)},
          operands_(operands),
          plan_(choice_.offer.prepare()),
          as_bytes_(operands.row().type == SampleType::u8 && plan_.run_u8),
          result_(operands.result_count()),
          bytes_(as_bytes_ ? operands.result_count() : 0) {}

    /// 8-bit samples come back as such, as they do in filtering.
    bool as_bytes() const { return as_bytes_; }

    /// One strip at a time, so that the device's times are of one strip each. A block that was
    /// counted says how many there are in it.
    DeviceTimes run_alone() {
        const std::int64_t P = operands_.problem().P(), block = std::min(plan_.block_rows, P);
        DeviceTimes before = plan_.device_times();
        compute(operands_.source(), {0, block});
        const std::int64_t strip = ceil_div(block, plan_.device_times().strips - before.strips);
        before = plan_.device_times();
        for (std::int64_t first = 0; first < P; first += strip) {
            compute(operands_.source(), {first, std::min(strip, P - first)});
        }
        const DeviceTimes after = plan_.device_times();
        return {after.upload - before.upload, after.compute - before.compute,
                after.download - before.download};
    }
    /// As the program does, strips overlapping; seconds from call to result.
    double run_whole() {
        const double start = steady_seconds();
        BlockLoop(plan_, operands_.problem(), 0)
            .for_each(operands_.source(),
                      [&](const Block& block) { compute(block.src, block.rows); });
        return steady_seconds() - start;
    }
    /// Throws Error{device} where the sums differ from the processor's, or igemm's bytes at all.
    void verify(const Device& processor) {
        const Problem& p = operands_.problem();
        if (choice_.method->name == "igemm") return verify_bytes(processor);
        const SumVerification reference(processor, choice_, p, operands_.weights());
        plan_.run(operands_.source(), {0, p.P()}, destination(result_), nullptr);
        reference.check(operands_.source(), {0, p.P()}, destination(result_));
        reference.finish();
    }

private:
    void verify_bytes(const Device& processor) {
        const Problem& p = operands_.problem();
        const Offer offer = find_method(processor, "igemm").offer(p, operands_.weights());
        const PlanResults wanted = run_plan(offer.prepare(), p, operands_.source());
        if (run_plan(plan_, p, operands_.source()).bytes == wanted.bytes) return;
        fail(ErrorKind::device, "the bytes are not those of the processor's igemm");
    }
    template <typename T>
    TensorView<T> destination(AlignedBuffer<T>& values) const {
        const Shape shape = operands_.problem().dst_shape();
        return {values.data(), shape, row_strides(shape)};
    }
    void compute(const Source& source, RowRange rows) {
        if (as_bytes_) {
            plan_.run_u8(source, rows, destination(bytes_).rows(rows.first, rows.count), nullptr);
        } else {
            plan_.run(source, rows, destination(result_).rows(rows.first, rows.count), nullptr);
        }
    }

    Choice choice_;
    const Operands& operands_;
    Plan plan_;
    bool as_bytes_;
    AlignedBuffer<float> result_;
    AlignedBuffer<std::uint8_t> bytes_;
};

void print_row(const Operands& operands, const Method& method, const std::vector<RunTimes>& runs,
               double copy_bandwidth, std::size_t result_size) {
    const Problem& p = operands.problem();
    const double compute = median_of(runs, [](const RunTimes& r) { return r.device.compute; });
    // What a method must at least move within the device: samples in, results out.
    const auto samples = static_cast<double>(p.N * p.C) * static_cast<double>(p.H * p.W);
    const double bytes =
        samples * static_cast<double>(sample_bytes(operands.row().type)) +
        static_cast<double>(operands.result_count()) * static_cast<double>(result_size);
    fmt::print("| {} | {} | {:.3f} | {:.1f} | {:.1f} | {:.0f} | {:.3f} | {:.3f} | {:.3f} |\n",
               operands.row().name, method.name, compute * 1e3, p.macs() / compute / 1e9,
               bytes / compute / 1e9, 100 * bytes / compute / copy_bandwidth,
               median_of(runs, [](const RunTimes& r) { return r.device.upload; }) * 1e3,
               median_of(runs, [](const RunTimes& r) { return r.device.download; }) * 1e3,
               median_of(runs, [](const RunTimes& r) { return r.whole; }) * 1e3);
    std::fflush(stdout);
}

const Device& wanted_device(const Devices& devices, const std::string& name) {
    const Device* device = find_device(devices.found, name);
    if (device != nullptr && device != &devices.found.front()) return *device;
    std::string reasons;
    for (const auto& absent : devices.absent) reasons += "; " + absent.name + ": " + absent.reason;
    fail(ErrorKind::device, "device {} is not there{}", name, reasons);
}

/// Asks the backend's module, which has been opened.
double copy_bandwidth(const std::string& device) {
    const std::string backend = device.substr(0, device.find(':'));
    void* module =
        open_module(find_module("conv_" + backend + ".so"), kBackendBuild, kBackendInterface);
    const auto measure =
        reinterpret_cast<gpu::CopyBandwidth>(module_function(module, gpu::kCopyBandwidth));
    return measure(device.c_str());
}

/// Prints what device and processor must agree in; the number of answers that differ, and of rows
/// without one by igemm.
int run_integers(const Device& device, const Device& processor) {
    fmt::print(
        "Whole numbers: sums and bytes of {} held against the processor's, bit for bit.\n\n"
        "| problem | denominator | method | values | different |\n|---|---:|---|---:|---:|\n",
        device.name);
    int failures = 0;
    for (const IntegerRow& row : integer_rows()) {
        bool whole = false;
        for (const IntegerAnswer& answer : integer_answers(device, processor, row)) {
            fmt::print("| {} | {} | {} | {} | {} |\n", row.problem, row.denominator, answer.method,
                       answer.values, answer.different);
            failures += answer.different > 0;
            whole = whole || answer.method == "igemm";
        }
        failures += !whole;
    }
    return failures;
}

/// Runs everything; the number of methods that failed or were wrong.
int run(const Options& options) {
    const Devices devices = open_devices(backend_names());
    const Device* device = &wanted_device(devices, options.device);
    if (options.integers) return run_integers(*device, devices.found.front());
    const double bandwidth = copy_bandwidth(device->name);
    fmt::print("Device {}: {}.\nCopies within its memory: {:.1f} GB/s, read and written.\n\n",
               device->name, device->description, bandwidth / 1e9);
    fmt::print(
        "Medians of {} runs. Compute, upload and download by device events, one strip at a "
        "time; the whole from call to result, strips overlapping.\n\n",
        options.repeats);
    fmt::print(
        "| row | method | compute ms | GMAC/s | GB/s | % copy | upload ms | download ms | "
        "whole ms |\n|---|---|---|---|---|---|---|---|---|\n");
    int failures = 0;
    for (const BenchRow& row : device_rows(options.rows)) {
        const Operands operands(row);
        for (const Method& method : device->methods) {
            Offer offer = method.offer(row.problem, operands.weights());
            if (!offer.can_run()) continue;
            try {
                Contest contest(*device, method, std::move(offer), operands);
                contest.run_whole();
                contest.verify(devices.found.front());
                std::vector<RunTimes> runs;
                for (int i = 0; i < options.repeats; ++i)
                    runs.push_back({contest.run_alone(), contest.run_whole()});
                print_row(operands, method, runs, bandwidth,
                          contest.as_bytes() ? 1 : sizeof(float));
            } catch (const Error& error) {
                fmt::print(stderr, "FAIL {} {}: {}\n", row.name, method.name, error.what());
                ++failures;
            }
        }
    }
    return failures;
}

void print_rows(const std::string& pattern) {
    for (const BenchRow& row : device_rows(pattern)) {
        fmt::print("{} {} {}\n", row.name, format_problem(row.problem), sample_type_name(row.type));
    }
}

int run_device_bench(int argc, char** argv) {
    CLI::App app(
        "Times the methods of an OpenCL or CUDA device, compute and transfers apart,\n"
        "after checking their results.",
        "conv_device_bench");
    Options options;
    constexpr std::size_t kNames = 20;  // columns; with the texts the help has 80
    app.get_formatter()->column_width(kNames);
    app.add_option("--device", options.device,
                   fmt::format("as conv-cli's --device (default {})", options.device))
        ->option_text("D");
    app.add_option("--rows", options.rows,
                   "rows whose name this regular expression finds (default:\nall but the tiny)")
        ->option_text("REGEX");
    app.add_option("--repeat", options.repeats, fmt::format("runs (default {})", options.repeats))
        ->option_text("N")
        ->check(CLI::Range(1, 100000));
    app.add_flag("--integers", options.integers,
                 "only hold whole-number problems against the processor,\nbit for bit");
    app.add_flag("--list", options.list, "print the rows: name, problem, samples' type");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "conv_device_bench: error: {}, see --help\n", error.what());
        return 2;
    }
    if (options.list) {
        print_rows(options.rows);
        return 0;
    }
    return run(options) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace conv::bench

int main(int argc, char** argv) {
    try {
        return conv::bench::run_device_bench(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "conv_device_bench: error: {}\n", error.what());
        return 1;
    }
}
