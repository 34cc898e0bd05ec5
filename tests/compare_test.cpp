#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "cli.hpp"
#include "compare/comparison_report.hpp"
#include "compare/verification.hpp"
#include "devices.hpp"
#include "kernels/builtin.hpp"
#include "support/test_devices.hpp"
#include "support/test_files.hpp"

using namespace conv;
using Json = nlohmann::json;

namespace {

struct Outcome {
    int code;
    std::string out, err;
};

Outcome run_compare(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    arguments.insert(arguments.begin(), "compare");
    const int code = run_cli(std::move(arguments), out, err);
    return {code, out.str(), err.str()};
}

/// A picture of noise as a file, so that sums are rounded.
std::string noise_file(const test::TemporaryFolder& folder) {
    const std::string path = folder.file("noise.png");
    Image picture = Image::interleaved(SampleType::u8, 3, 31, 40);
    std::mt19937 generator(1);
    std::generate_n(picture.data<std::uint8_t>(), 31 * 40 * 3,
                    [&] { return static_cast<std::uint8_t>(generator()); });
    ImageDocument document;
    document.pages.push_back(std::move(picture));
    OutputFiles files;
    files.add(path, std::move(document), {});
    files.commit();
    return path;
}

const Json& result_of(const Json& json, const std::string& method) {
    for (const Json& result : json["steps"][0]["results"]) {
        if (result["method"] == method) return result;
    }
    FAIL("no result of " << method);
    return json;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("compare: every method of the device is a result, measured or refused with its reason") {
    const test::TemporaryFolder folder;
    const Outcome compared =
        run_compare({"-k", "gaussian:sigma=1", "--repeat", "2", "--json", noise_file(folder)});
    CAPTURE(compared.err);
    REQUIRE(compared.code == 0);
    CHECK(compared.err.empty());
    const Json json = Json::parse(compared.out);
    const Device device = open_devices().found.front();
    CHECK(json["steps"][0]["results"].size() == device.methods.size());
    for (const Json& result : json["steps"][0]["results"]) {
        CAPTURE(result.dump());
        if (result.contains("refused")) {
            CHECK(!result["refused"].get<std::string>().empty());
            continue;
        }
        CHECK(result["seconds"]["median"] > 0.0);
        CHECK(result["seconds"]["samples"] >= 2);
        CHECK(result["within_bound"] == true);
        CHECK(result["max_error"] <= result["allowed_error"]);
        CHECK(result["megapixels_per_second"] > 0.0);
        CHECK(result["speedup_over_fastest_other"] > 0.0);
    }
    CHECK(result_of(json, "naive")["max_error"] == 0.0);
    CHECK(result_of(json, "im2col")["workspace_bytes"] > 7 * 7 * 31 * 40 * 4);
    CHECK(json["steps"][0]["verified_against"] == "naive, every sample");
}

TEST_CASE("compare: the table shows a refused method's reason and each method that ran") {
    const test::TemporaryFolder folder;
    const auto [code, out, err] =
        run_compare({"-k", "box:size=5", "--methods", "naive,gemm,winograd", "--threads", "1,2",
                     "--repeat", "1", noise_file(folder)});
    REQUIRE(code == 0);
    CHECK(out.find("winograd: not run, ") != std::string::npos);
    CHECK(count(out, "\ngemm ") == 2);
    CHECK(count(out, "\nim2col ") == 0);
    CHECK(out.find("against naive, every sample") != std::string::npos);
}

TEST_CASE("compare: a method outside --tolerance ends in exit code 1, after the table") {
    const test::TemporaryFolder folder;
    const auto [code, out, err] =
        run_compare({"-k", "gaussian:sigma=2", "--methods", "naive,im2col", "--tolerance", "0",
                     noise_file(folder)});
    CHECK(code == 1);
    CHECK(out.find("OUTSIDE") != std::string::npos);
    CHECK(err.find("im2col with kernel gaussian:sigma=2 is off by") != std::string::npos);
}

TEST_CASE("compare: csv has one line a method and as many fields in each") {
    const test::TemporaryFolder folder;
    const auto [code, out, err] = run_compare({"-k", "gaussian:sigma=2,size=5", "--methods",
                                               "naive,winograd", "--csv", noise_file(folder)});
    REQUIRE(code == 0);
    std::istringstream lines(out);
    std::string head, naive, winograd, rest;
    std::getline(lines, head);
    std::getline(lines, naive);
    std::getline(lines, winograd);
    CHECK(!std::getline(lines, rest));
    CHECK(head.starts_with("kernel,size,problem,device,method,threads,refused,median_seconds"));
    CHECK(naive.starts_with("\"gaussian:sigma=2,size=5\",,n3c1h31w40_k1r5s5"));
    // The kernel's name and the refusal hold a comma each, in quotes.
    CHECK(count(naive, ",") == count(head, ",") + 1);
    CHECK(count(winograd, ",") == count(head, ",") + 2);
}

TEST_CASE("compare: a sweep measures every size and draws one line a method") {
    const test::TemporaryFolder folder;
    const std::string plot = folder.file("sweep.svg");
    const Outcome compared =
        run_compare({"-k", "gaussian:sigma=1", "--methods", "gemm,direct", "--sweep", "sizes=3,5,9",
                     "--json", "--plot", plot, noise_file(folder)});
    CAPTURE(compared.err);
    REQUIRE(compared.code == 0);
    const Json json = Json::parse(compared.out);
    REQUIRE(json["steps"].size() == 3);
    CHECK(json["steps"][2]["size"] == 9);
    CHECK(json["steps"][2]["problem"].get<std::string>().find("r9s9") != std::string::npos);
    std::ifstream file(plot);
    const std::string svg{std::istreambuf_iterator<char>(file), {}};
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(count(svg, "stroke-width=\"1.8\"") == 2);
    CHECK(count(svg, ">gemm</text>") == 1);
    CHECK(svg.find("<title>gaussian:sigma=1 of 3 to 9 pixels on ") != std::string::npos);
}

TEST_CASE("compare: the plot names methods, units and the problem") {
    const test::TemporaryFolder folder;
    const std::string plot = folder.file("bars.svg");
    REQUIRE(
        run_compare({"-k", "box", "--methods", "naive,gemm", "--plot", plot, noise_file(folder)})
            .code == 0);
    std::ifstream file(plot);
    const std::string svg{std::istreambuf_iterator<char>(file), {}};
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(count(svg, ">gemm</text>") == 2);
    CHECK(svg.find("milliseconds") != std::string::npos);
    CHECK(svg.find("MiB") != std::string::npos);
    CHECK(svg.find("n3c1h31w40_k1r3s3") != std::string::npos);
}

TEST_CASE("compare: --write gives each method's picture, --diff their differences") {
    const test::TemporaryFolder folder;
    const std::string input = noise_file(folder);
    const Outcome compared = run_compare(
        {"-k", "gaussian:sigma=2", "--methods", "naive,im2col", "--repeat", "1", "--write",
         folder.file("out-{method}.png"), "--diff", folder.file("diff.tif"), input});
    CAPTURE(compared.err);
    REQUIRE(compared.code == 0);
    const ImageDocument naive = read_image(folder.file("out-naive.png"));
    const ImageDocument im2col = read_image(folder.file("out-im2col.png"));
    CHECK(naive.pages.front().shape == im2col.pages.front().shape);
    const ImageDocument difference = read_image(folder.file("diff.tif"));
    const Image& page = difference.pages.front();
    CHECK(page.shape == Shape{1, 1, 31, 40});
    const auto* samples = page.data<std::uint8_t>();
    CHECK(*std::max_element(samples, samples + 31 * 40) == 255);
    CHECK(compared.out.find("the largest difference of any method from naive, times") !=
          std::string::npos);
}

TEST_CASE("compare: --diff as a drawing has a scale in the samples' units") {
    const test::TemporaryFolder folder;
    const std::string file = folder.file("diff.svg");
    const Outcome drawn = run_compare({"-k", "gaussian:sigma=2", "--methods", "naive,im2col",
                                       "--repeat", "1", "--diff", file, noise_file(folder)});
    CAPTURE(drawn.err);
    REQUIRE(drawn.code == 0);
    const std::string svg = test::read_bytes(file);
    CHECK(svg.find("Largest difference from naive") != std::string::npos);
    const std::size_t at = svg.find("<desc>Black is 0, white ");
    REQUIRE(at != std::string::npos);
    const double white = std::stod(svg.substr(at + 24));
    CHECK(white > 0);
    CHECK(white < 1e-3);
    CHECK(svg.find(fmt::format(">{:.3g}</text>", white)) != std::string::npos);
}

TEST_CASE("compare: what cannot be done is refused before anything runs") {
    const test::TemporaryFolder folder;
    const std::string input = noise_file(folder);
    const auto refusal = [&](std::vector<std::string> arguments) {
        arguments.push_back(input);
        const Outcome outcome = run_compare(arguments);
        CHECK(outcome.code == 2);
        CHECK(outcome.out.empty());
        return outcome.err;
    };
    CHECK(refusal({"-k", "box", "--methods", "fastest"}).find("naive") != std::string::npos);
    CHECK(refusal({"-k", "box", "--plot", "x.pdf"}).find(".svg or .png") != std::string::npos);
    CHECK(refusal({"-k", "box", "--write", "x.png"}).find("{method}") != std::string::npos);
    CHECK(refusal({"-k", "1 1", "--sweep", "sizes=3"}).find("built-in") != std::string::npos);
    CHECK(refusal({"-k", "sharpen", "--sweep", "sizes=3"})
              .find("--sweep sizes=: sharpen has no parameter size, use one of box") !=
          std::string::npos);
    CHECK(refusal({"-k", "box", "--sweep", "3,5"}).find("sizes=3,5") != std::string::npos);
    CHECK(refusal({"-k", "box", "-k", "-", "-k", "-"}).find("standard input") != std::string::npos);
    CHECK(refusal({"-k", "box", "--dark"}).find("--dark is for drawings") != std::string::npos);
    CHECK(refusal({"-k", "box", "--json", "--csv"}).find("--csv") != std::string::npos);
}

TEST_CASE("compare: a stop leaves what was measured, with the rest marked as not run") {
    Image picture = Image::interleaved(SampleType::u8, 1, 64, 64);
    std::fill_n(picture.data<std::uint8_t>(), 64 * 64, std::uint8_t{7});
    const FilterSettings settings;
    const Subject subject(picture, make_bank(make_builtin("box"), settings), settings);
    CompareRules rules;
    rules.methods = {"naive", "gemm", "direct"};
    rules.threads = {1};
    bool stop = false;
    rules.stopped = [&] { return stop; };
    rules.progress = [&](const std::string& doing) { stop = doing.starts_with("direct"); };
    const Devices devices = open_devices();
    const Comparison comparison =
        compare_methods(devices.found, devices.found.front(), subject, rules);
    CHECK(comparison.interrupted);
    CHECK(comparison.results[1].ran);
    CHECK(comparison.results[1].time.count == 1);
    CHECK(!comparison.results[2].ran);
    const std::string table = comparison_table({"box", 0, comparison});
    CHECK(table.find("\ngemm ") != std::string::npos);
    CHECK(table.find("\ndirect ") == std::string::npos);
}

TEST_CASE("verification: wrong sums are found on sampled rows as they are everywhere") {
    // 1300 x 1300 outputs of 45 x 45 products are predicted to take over 10 s by the definition.
    Image picture = Image::interleaved(SampleType::u8, 1, 1300, 1300);
    std::mt19937 generator(1);
    std::generate_n(picture.data<std::uint8_t>(), 1300 * 1300,
                    [&] { return static_cast<std::uint8_t>(generator()); });
    const FilterSettings settings;
    const Subject subject(picture, make_bank(make_builtin("gaussian:sigma=7,size=45"), settings),
                          settings);
    const Device device = open_devices().found.front();
    Offers offers(subject);
    REQUIRE(oracle_seconds(offers.of(device.methods.front()), subject) > kLongestOracle);
    const auto never = [] { return false; };
    const Verification truth(device, subject, offers, std::nullopt, never);
    CHECK(truth.description().find("random rows") != std::string::npos);
    const Method& method = find_method(device, "separable");
    const Plan plan = offers.of(method).prepare();
    Sums sums(subject, plan.block_rows);
    run_plan(subject, plan, 2, sums, never);
    const double factor = offers.of(method).error_factor;
    CHECK(truth.check(sums, factor).ratio <= 1);
    sums.picture(0)(0, 0, 700, 650) += 1;
    CHECK(truth.check(sums, factor).ratio > 1);
}

TEST_CASE("compare: --device auto times the methods of every device, their parts apart") {
    const test::TemporaryFolder folder;
    const Outcome compared = run_compare({"-k", "gaussian:sigma=1", "--repeat", "1", "--device",
                                          "auto", "--json", noise_file(folder)});
    CAPTURE(compared.err);
    REQUIRE(compared.code == 0);
    const Json json = Json::parse(compared.out);
    std::size_t methods = 0;
    for (const Device& device : conv::test::test_devices().found) {
        methods += device.methods.size();
    }
    CHECK(json["steps"][0]["results"].size() == methods);
    std::map<std::string, int> ran;
    for (const Json& result : json["steps"][0]["results"]) {
        CAPTURE(result.dump());
        const bool on_device = result["device"] != "cpu" && !result.contains("refused");
        CHECK(result.contains("device_seconds") == on_device);
        if (!on_device) continue;
        ++ran[result["device"]];
        CHECK(result["within_bound"] == true);
        CHECK(result["device_seconds"]["compute"] > 0.0);
        CHECK(result["speedup_over_fastest_other"] > 0.0);
    }
    for (const Device& device : conv::test::test_devices().found) {
        CAPTURE(device.name);
        if (device.name != "cpu") CHECK(ran[device.name] >= 3);
    }
}

TEST_CASE("compare: a device that is missing is an error, a method that it lacks a usage error") {
    const test::TemporaryFolder folder;
    const std::string noise = noise_file(folder);
    CHECK(run_compare({"-k", "box", "--device", "cuda:99", noise}).code == 1);
    for (const Device& device : conv::test::test_devices().found) {
        if (device.has_method("fft")) continue;
        CAPTURE(device.name);
        CHECK(run_compare({"-k", "box", "--device", device.name, "--methods", "fft", noise}).code ==
              2);
    }
}
