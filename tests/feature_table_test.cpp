#include <doctest/doctest.h>

#include <algorithm>

#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "support/test_devices.hpp"

using namespace conv;
using namespace conv::test;

namespace {

/// What can be asked for besides a kernel, and the commands that refuse it, naming its second
/// option.
struct Feature {
    std::string name;
    std::vector<std::string> options;
    std::vector<std::string> refused_by = {};
    bool volume = false;
};

const std::vector<Feature>& features() {
    static const std::vector<Feature> all = {
        {"nodata", {"-k", "gaussian:sigma=1", "--nodata", "40"}},
        {"nodata, zero sum", {"-k", "laplacian", "--nodata", "40", "--range", "abs"}},
        {"chain", {"-k", "box", "--then", "sharpen", "--border", "replicate"}},
        {"composed chain", {"-k", "box", "--then", "sharpen"}},
        {"region", {"-k", "box", "--region", "3,4,9,8"}, {"compare", "explain"}},
        {"mask", {"-k", "box", "--mask", "mask.png"}, {"compare", "explain"}},
        {"linear", {"-k", "gaussian:sigma=1", "--linear"}},
        {"compat", {"-k", "box", "--compat", "scipy"}},
        {"same-upper", {"-k", "box:size=4", "--padding", "same-upper"}},
        {"volume", {"-k", "shape: 3 1 1\n1\n1\n1", "--volume", "--scale", "1/3"}, {}, true},
        {"volume, nodata",
         {"-k", "shape: 3 1 1\n1\n1\n1", "--nodata", "40", "--volume"},
         {"apply", "batch", "explain", "compare"},
         true},
        {"volume, region",
         {"-k", "shape: 3 1 1\n1\n1\n1", "--region", "3,4,9,8", "--volume"},
         {"apply", "batch", "explain", "compare"},
         true},
        {"volume, chain",
         {"-k", "shape: 3 1 1\n1\n1\n1", "--volume", "--then", "box"},
         {"apply", "batch", "explain", "compare"},
         true}};
    return all;
}

/// A colour picture, a mask of its size and a volume in one folder.
class Inputs {
public:
    Inputs() {
        write_image(folder.file("in.png"), document_of(sample_picture(SampleType::u8, 3, 24, 32)));
        write_image(folder.file("mask.png"),
                    document_of(sample_picture(SampleType::u8, 1, 24, 32)));
        ImageDocument volume =
            document_of(planar_copy(sample_picture(SampleType::u8, 5, 24, 32)), "npy");
        volume.array_rank = 3;
        write_image(folder.file("in.npy"), std::move(volume));
    }
    std::vector<std::string> options(const Feature& feature, const std::string& device) const {
        std::vector<std::string> words = feature.options;
        for (std::string& word : words)
            if (word == "mask.png") word = folder.file(word);
        words.insert(words.end(), {"--device", device});
        return words;
    }
    std::string input(const Feature& feature) const {
        return folder.file(feature.volume ? "in.npy" : "in.png");
    }
    std::string output(const Feature& feature, const std::string& name) const {
        return folder.file(name + (feature.volume ? ".npy" : ".png"));
    }

    TemporaryFolder folder;
};

bool is_refused(const Feature& feature, const std::string& command) {
    return std::find(feature.refused_by.begin(), feature.refused_by.end(), command) !=
           feature.refused_by.end();
}

std::vector<std::string> command_line(const std::string& command, const Inputs& inputs,
                                      const Feature& feature, const std::string& device) {
    std::vector<std::string> words = inputs.options(feature, device);
    words.insert(words.begin(), command);
    if (command == "batch")
        words.insert(words.end(), {"-o", inputs.output(feature, "batch"), "--overwrite"});
    if (command == "compare") words.insert(words.end(), {"--methods", "gemm", "--repeat", "1"});
    words.push_back(inputs.input(feature));
    if (command == "apply") words.push_back(inputs.output(feature, "apply"));
    return words;
}

}  // namespace

TEST_CASE("features: each works in every command on every device, or is refused by name") {
    const Inputs inputs;
    for (const Device& device : conv::test::test_devices().found) {
        for (const Feature& feature : features()) {
            for (const char* command : {"apply", "batch", "explain", "compare"}) {
                const Run result = run(command_line(command, inputs, feature, device.name));
                const bool refused = is_refused(feature, command);
                CAPTURE(device.name);
                CAPTURE(feature.name);
                CAPTURE(command);
                CAPTURE(result.err);
                CHECK((result.code == 0) == !refused);
                if (refused) check_contains(result.err, feature.options[2]);
            }
            if (is_refused(feature, "apply")) continue;
            const Image applied = first_page(inputs.output(feature, "apply"));
            CHECK(difference(applied, first_page(inputs.output(feature, "batch"))) == 0);
        }
    }
}

TEST_CASE("features: devices give the processor's pictures but for a level") {
    const Inputs inputs;
    for (const Device& device : conv::test::test_devices().found) {
        for (const Feature& feature : features()) {
            if (is_refused(feature, "apply")) continue;
            CAPTURE(device.name);
            CAPTURE(feature.name);
            for (const std::string& name : {std::string("cpu"), device.name}) {
                REQUIRE(apply(inputs.options(feature, name), inputs.input(feature),
                              inputs.output(feature, name))
                            .code == 0);
            }
            CHECK(difference(first_page(inputs.output(feature, "cpu")),
                             first_page(inputs.output(feature, device.name))) <= 1);
        }
    }
}
