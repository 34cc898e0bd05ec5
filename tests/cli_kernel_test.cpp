#include <doctest/doctest.h>

#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

TEST_CASE("cli: kernel list and show print the built-ins, as text and as JSON") {
    const Run list = run({"kernel", "list"});
    CHECK(list.code == 0);
    check_contains(list.out, "standard deviation in pixels: 0.01 to 500 (default 1)");
    check_contains(list.out, "se, s, sw");  // words of a direction
    const nlohmann::json names = json_of(run({"kernel", "list", "--json"}))["kernels"];
    CHECK(names.size() >= 20);
    CHECK(names.at(0).contains("parameters"));

    const Run show = run({"kernel", "show", "sobel"});
    check_contains(show.out, "-1   0   1\n");
    check_contains(show.out, "zero-sum");
    const nlohmann::json sobel =
        json_of(run({"kernel", "show", "sobel", "--json"}))["kernels"].at(0);
    CHECK(sobel.at("values") == nlohmann::json({-1, 0, 1, -2, 0, 2, -1, 0, 1}));
    CHECK(sobel.at("zero_sum") == true);
    CHECK(sobel.at("separable") == true);
    CHECK(json_of(run({"kernel", "show", "gabor-bank", "--json"}))["kernels"].size() == 4);
}

TEST_CASE("cli: --only picks one kernel of several") {
    const TemporaryFolder folder;
    const std::string file = folder.file("b.txt");
    const Run all = run({"kernel", "convert", "gabor-bank:count=3", file});
    if (all.code != 0) check_contains(all.err, "use --only 0 to 2 for each");
    CHECK(run({"kernel", "convert", "gabor-bank:count=3", "--only", "1", file}).code == 0);
    const nlohmann::json shown =
        json_of(run({"kernel", "show", "gabor-bank:count=3", "--only", "1", "--json"}))["kernels"];
    CHECK(shown.size() == 1);
    const Run none = run({"kernel", "show", "gabor-bank:count=3", "--only", "3"});
    CHECK(none.code == 2);
    check_contains(none.err, "has 3 kernels, use 0 to 2");
    CHECK(run({"kernel", "show", "box", "-q"}).out.empty());
}

TEST_CASE("cli: kernel convert writes every format, and reading back gives the same weights") {
    const TemporaryFolder folder;
    const auto weights = [](const std::string& kernel) {
        const nlohmann::json json =
            json_of(run({"kernel", "show", kernel, "--json"}))["kernels"].at(0);
        std::vector<double> values = json.at("values");
        for (double& value : values) value *= json.at("scale").get<double>();
        return values;
    };
    const std::string reference = "gaussian:sigma=0.7";
    for (const auto& c : {std::pair{"a.txt", "plain"},
                          {"a.mat", "vips"},
                          {"a.im", "imagemagick"},
                          {"a.gmic", "gmic"},
                          {"a.yml", "opencv"},
                          {"a.xml", "opencv"},
                          {"a.npy", "npy"}}) {
        const std::string file = c.first, format = c.second;
        const Run result = run({"kernel", "convert", reference, folder.file(file), "--to", format});
        CAPTURE(file);
        CHECK(result.err.empty());
        CHECK(result.code == 0);
        CHECK(weights(folder.file(file)) == weights(reference));
    }
    const Run text = run({"kernel", "convert", "1 2 1", "-"});
    CHECK(text.code == 0);
    check_contains(text.out, "1 2 1");
}

TEST_CASE("cli: kernel check tells good files from bad ones and fails if any is bad") {
    const TemporaryFolder folder;
    write_bytes(folder.file("good.txt"), "1 2 1\n2 4 2\n1 2 1\n");
    write_bytes(folder.file("bad.txt"), "1 2\n3\n");
    const Run good = run({"kernel", "check", folder.file("good.txt")});
    CHECK(good.code == 0);
    check_contains(good.out, "good.txt: good, plain, 3 rows x 3 columns\n");
    const Run both = run({"kernel", "check", folder.file("bad.txt"), folder.file("good.txt")});
    CHECK(both.code == 2);
    check_contains(both.err, "bad.txt:2:2: row 2 has 1 number");
    check_contains(both.err, "conv-cli: error: 1 of 2 kernel files is bad, see above\n");
    check_contains(both.out, "good.txt: good");
    const Run json =
        run({"kernel", "check", "--json", folder.file("bad.txt"), folder.file("good.txt")});
    CHECK(json_of(json)["files"].at(0).at("good") == false);
    CHECK(json_of(json)["files"].at(1).at("good") == true);
}

TEST_CASE("cli: the sample kernels filter a picture") {
    const TemporaryFolder folder;
    int kernels = 0;
    for (const auto& entry : std::filesystem::directory_iterator(sample("kernels"))) {
        ++kernels;
        const Run result =
            apply({"-k", entry.path().string(), "-q"}, sample("cells.png"), folder.file("o.png"));
        CAPTURE(entry.path().string());
        CAPTURE(result.err);
        CHECK(result.code == 0);
    }
    CHECK(kernels >= 8);
}
