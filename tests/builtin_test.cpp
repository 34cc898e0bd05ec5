#include "kernels/builtin.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/error.hpp"
#include "kernels/kernel_values.hpp"

namespace {

using conv::Kernel;
using conv::make_builtin;

using Values = std::vector<double>;

Kernel make(const std::string& reference) {
    const auto kernels = make_builtin(reference);
    REQUIRE(kernels.size() == 1);
    return kernels[0];
}

Values values(const std::string& reference) {
    return make(reference).values;
}

double sum(const Kernel& kernel) {
    const Values weights = conv::scaled_values(kernel);
    return std::accumulate(weights.begin(), weights.end(), 0.0);
}

std::string error_of(const std::string& reference) {
    try {
        make_builtin(reference);
    } catch (const conv::Error& error) {
        CHECK(error.kind() == conv::ErrorKind::usage);
        return error.what();
    }
    return "no error";
}

void check_error(const std::string& reference, const std::string& words) {
    const std::string message = error_of(reference);
    CAPTURE(message);
    CHECK(message.find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("built-ins: every entry works with its defaults and with each default given") {
    for (const conv::Builtin& builtin : conv::builtin_kernels()) {
        CAPTURE(builtin.name);
        CHECK(conv::is_builtin_reference(builtin.name));
        CHECK(!builtin.summary.empty());
        const auto expected = make_builtin(builtin.name);
        std::string reference = builtin.name;
        for (const conv::BuiltinParameter& parameter : builtin.parameters)
            reference += (&parameter == &builtin.parameters[0] ? ":" : ",") + parameter.name + "=" +
                         parameter.default_text;
        const auto given = make_builtin(reference);
        REQUIRE(given.size() == expected.size());
        for (std::size_t i = 0; i < given.size(); ++i) {
            CHECK(given[i].values == expected[i].values);
            CHECK(static_cast<std::int64_t>(given[i].values.size()) == given[i].R * given[i].S);
            CHECK(given[i].rank == 2);
            CHECK(given[i].format == "builtin");
            CHECK(given[i].name == reference);
        }
    }
}

TEST_CASE("built-ins: blurs sum to 1") {
    for (const char* name :
         {"identity", "shift:x=3,y=-2", "box:size=7", "box:width=4,height=1", "gaussian:sigma=2.5",
          "gaussian:sigma=0.01", "gaussian:sigma=3,size=4", "binomial:size=6", "disk:radius=3.7",
          "disk:radius=0.5", "motion:length=7.5,angle=33", "motion:length=1", "sharpen:amount=0.3",
          "unsharp:sigma=2,amount=3", "emboss"}) {
        CAPTURE(name);
        CHECK(sum(make(name)) == doctest::Approx(1).epsilon(1e-14));
    }
}

TEST_CASE("built-ins: edge and detail kernels sum to exactly 0") {
    for (const char* name :
         {"laplacian", "laplacian:connectivity=8", "log", "log:sigma=7.3", "log:sigma=0.2,size=4",
          "dog", "dog:sigma=5,ratio=1.1", "dog:sigma2=0.5", "sobel", "scharr:direction=s",
          "prewitt:direction=225", "roberts", "kirsch:direction=ne", "robinson:direction=w"}) {
        CAPTURE(name);
        CHECK(sum(make(name)) == 0);
        Values reversed = values(name);
        std::reverse(reversed.begin(), reversed.end());
        CHECK(std::accumulate(reversed.begin(), reversed.end(), 0.0) == 0);
    }
}

TEST_CASE("built-ins: gaussian reaches 3 sigma and is the normalised bell") {
    const Kernel kernel = make("gaussian:sigma=2");
    CHECK(kernel.R == 13);
    CHECK(kernel.S == 13);
    const double centre = kernel.values[6 * 13 + 6];
    CHECK(kernel.values[6 * 13 + 8] / centre == doctest::Approx(std::exp(-4.0 / 8)));
    CHECK(kernel.values[9 * 13 + 4] / centre == doctest::Approx(std::exp(-(9.0 + 4) / 8)));
    CHECK(make("gaussian:sigma=2,size=5").S == 5);
}

TEST_CASE("built-ins: box and binomial are integers with a scale") {
    CHECK(values("box:width=3,height=2") == Values{1, 1, 1, 1, 1, 1});
    CHECK(make("box:width=3,height=2").R == 2);
    CHECK(make("box:width=3,height=2").scale == 1.0 / 6);
    CHECK(values("binomial:size=3") == Values{1, 2, 1, 2, 4, 2, 1, 2, 1});
    CHECK(make("binomial:size=3").scale == 1.0 / 16);
}

TEST_CASE("built-ins: a disk covers its area") {
    const Kernel kernel = make("disk:radius=2");
    CHECK(kernel.S == 5);
    CHECK(kernel.values[0] == 0);
    // Whole cells weigh 1 / (pi r^2).
    CHECK(kernel.values[12] == doctest::Approx(1 / (4 * 3.14159265358979)));
    CHECK(kernel.values[7] == doctest::Approx(kernel.values[12]));
    // The middle cell of the top row: x from -1/2 to 1/2 of sqrt(4 - x^2) - 1.5.
    CHECK(kernel.values[2] / kernel.values[12] == doctest::Approx(0.478967).epsilon(1e-5));
    CHECK(values("disk:radius=0.5") == Values{1});
}

TEST_CASE("built-ins: motion is a line of its length, at any angle") {
    CHECK(values("motion:length=3") == Values(3, 1.0 / 3));
    CHECK(make("motion:length=3").R == 1);
    CHECK(make("motion:length=3,angle=90").R == 3);
    CHECK(make("motion:length=3,angle=90").S == 1);
    CHECK(make("motion:length=5,angle=180").R == 1);
    const Kernel down = make("motion:length=3,angle=45");
    CHECK(down.values[0] > down.values[2]);  // 45 degrees go right and down
}

TEST_CASE("built-ins: sobel x is OpenCV's, y points down, the ring turns clockwise") {
    CHECK(values("sobel") == Values{-1, 0, 1, -2, 0, 2, -1, 0, 1});
    CHECK(values("sobel:direction=x") == values("sobel:direction=0"));
    CHECK(values("sobel:direction=y") == Values{-1, -2, -1, 0, 0, 0, 1, 2, 1});
    CHECK(values("sobel:direction=se") == Values{-2, -1, 0, -1, 0, 1, 0, 1, 2});
    CHECK(values("sobel:direction=n") == Values{1, 2, 1, 0, 0, 0, -1, -2, -1});
    CHECK(values("sobel:direction=w") == Values{1, 0, -1, 2, 0, -2, 1, 0, -1});
    CHECK(values("scharr:direction=y") == Values{-3, -10, -3, 0, 0, 0, 3, 10, 3});
    CHECK(values("prewitt") == Values{-1, 0, 1, -1, 0, 1, -1, 0, 1});
    CHECK(values("kirsch:direction=n") == Values{5, 5, 5, -3, 0, -3, -3, -3, -3});
    CHECK(values("robinson:direction=ne") == Values{0, 1, 2, -1, 0, 1, -2, -1, 0});
    CHECK(values("emboss") == Values{-2, -1, 0, -1, 1, 1, 0, 1, 2});
}

TEST_CASE("built-ins: roberts has its classic diagonals") {
    CHECK(values("roberts") == Values{1, 0, 0, -1});
    CHECK(values("roberts:direction=ne") == Values{0, 1, -1, 0});
    CHECK(values("roberts:direction=se") == Values{-1, 0, 0, 1});
    CHECK(make_builtin("roberts:direction=all").size() == 4);
    check_error("roberts:direction=0", "from 45 to 315 in steps of 90, se, sw, nw, ne, all");
}

TEST_CASE("built-ins: direction=all gives the eight compass kernels, distinct and in order") {
    const auto all = make_builtin("kirsch:direction=all");
    REQUIRE(all.size() == 8);
    const char* const names[] = {"e", "se", "s", "sw", "w", "nw", "n", "ne"};
    for (std::size_t i = 0; i < 8; ++i)
        CHECK(all[i].values == values(std::string("kirsch:direction=") + names[i]));
}

TEST_CASE("built-ins: sharpen and laplacian have their usual numbers") {
    CHECK(values("laplacian") == Values{0, 1, 0, 1, -4, 1, 0, 1, 0});
    CHECK(values("laplacian:connectivity=8") == Values{1, 1, 1, 1, -8, 1, 1, 1, 1});
    CHECK(values("sharpen") == Values{0, -1, 0, -1, 5, -1, 0, -1, 0});
    CHECK(values("sharpen:amount=1/2,connectivity=8") ==
          Values{-0.5, -0.5, -0.5, -0.5, 5, -0.5, -0.5, -0.5, -0.5});
}

TEST_CASE("built-ins: log and dog are negative and positive in the centre") {
    CHECK(values("log")[40] < 0);
    CHECK(make("log").S == 9);
    CHECK(values("dog:size=9")[40] > 0);
    CHECK(make("dog").S == 11);
}

TEST_CASE("built-ins: shift takes the sample to the left and above") {
    CHECK(values("shift") == Values{1});
    CHECK(values("shift:x=1") == Values{1, 0, 0});
    CHECK(values("shift:x=-1") == Values{0, 0, 1});
    CHECK(values("shift:x=1,y=1") == Values{1, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK(values("shift:x=-1,y=1") == Values{0, 0, 1, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("built-ins: gabor is a cosine under a bell") {
    const Kernel kernel = make("gabor:wavelength=4,sigma=2,gamma=1,size=9");
    CHECK(kernel.values[40] == 1);
    CHECK(kernel.values[41] == doctest::Approx(0).epsilon(1e-12));  // a quarter of a wave away
    CHECK(kernel.values[42] == doctest::Approx(-std::exp(-0.5)));   // half a wave, one sigma
    CHECK(kernel.values[40 + 18] == doctest::Approx(std::exp(-0.5)));
    const auto bank = make_builtin("gabor-bank:count=4,size=9");
    REQUIRE(bank.size() == 4);
    CHECK(bank[1].values == values("gabor:theta=45,size=9"));
}

TEST_CASE("built-ins: what is a reference to one and what is not") {
    for (const char* text : {"gaussian", "gaussian:sigma=2", "gausian:sigma=2", "gabor-bank"})
        CHECK(conv::is_builtin_reference(text));
    for (const char* text : {"Gaussian:0x2", "Sobel", "sobel:90", "1 2 3", "3x3: 1 2", "k.txt", "",
                             "shape: 3 3", "gausian"})
        CHECK(!conv::is_builtin_reference(text));
}

TEST_CASE("built-ins: errors name the built-in, the parameter, the value and what works") {
    check_error("gausian:sigma=2", "unknown built-in kernel 'gausian' (did you mean 'gaussian'?)");
    check_error("zzzzzzzz", "unknown built-in kernel 'zzzzzzzz';");
    check_error("gaussian:sgima=2", "gaussian: unknown parameter 'sgima' (did you mean 'sigma'?)");
    check_error("gaussian:sigma=0", "gaussian: sigma='0'; it takes a number from 0.01 to 500");
    check_error("gaussian:sigma=nan", "sigma='nan'");
    check_error("gaussian:size=2.5", "a whole number from 1 to 4095, auto");
    check_error("gaussian:sigma=1,sigma=2", "'sigma' is given twice");
    check_error("gaussian:sigma=1,", "'' is not key=value, as in 'gaussian:sigma=1'");
    check_error("gaussian:2", "'2' is not key=value");
    check_error("sobel:direction=44", "direction='44'; it takes a number from 0 to 315 in steps");
    check_error("laplacian:connectivity=6", "from 4 to 8 in steps of 4");
    check_error("identity:x=1", "identity: unknown parameter 'x'; it takes none");
    check_error("dog:sigma=100,ratio=100", "give size=");
    check_error("gabor:sigma=500,gamma=0.1", "give size=");
    check_error("gabor:sigma=500,gamma=0.1", "gabor: the automatic size is ");
    check_error("gabor-bank:count=64,size=4095", "give a smaller size= or count=");
}
