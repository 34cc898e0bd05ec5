#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "cli.hpp"
#include "cpu/cpu_device.hpp"
#include "cpu/profiled_device.hpp"
#include "machine/cache_directory.hpp"
#include "machine/profile_file.hpp"
#include "options/device_choice.hpp"
#include "support/operands.hpp"
#include "support/test_files.hpp"
#include "tuning/least_squares.hpp"
#include "tuning/tune.hpp"

using namespace conv;
using namespace conv::test;

namespace {

const MachineKey kMachine{"a processor", "AVX9 vectors, OpenBLAS core Tomorrow"};

MachineProfile measured_profile() {
    MachineProfile profile = builtin_profile();
    for (std::size_t i = 0; i < kStepCount; ++i) profile.rates[i] *= 1 + static_cast<double>(i);
    profile.measured = true;
    return profile;
}

double predicted(const MachineProfile& profile, const char* method, const char* problem) {
    const Problem p = parse_problem(problem);
    const conv::test::Operands operands = conv::test::low_rank_operands(p, 1);
    return find_method(cpu_device(profile), method).offer(p, operands.view()).seconds;
}

}  // namespace

TEST_CASE("tune: factors that explain every equation are found, and unknown ones stay at 1") {
    // Times made by the factors 2, 0.5 and 1, the last in no equation.
    const Coefficients shares = {{0.4, 0.4, 0}, {0.5, 0, 0}, {0.25, 1, 0}};
    const std::vector<double> factors = fit_factors(shares, 1e-9, 0.1);
    REQUIRE(factors.size() == 3);
    CHECK(factors[0] == doctest::Approx(2).epsilon(1e-4));
    CHECK(factors[1] == doctest::Approx(0.5).epsilon(1e-4));
    CHECK(factors[2] == 1);
    CHECK(fit_factors({{100.0}}, 1e-9, 0.1).front() == doctest::Approx(0.1));
}

TEST_CASE("tune: built-in profiles know every step, by vectors and by the core of OpenBLAS apart") {
    using enum CoreFamily;
    for (const CoreFamily family : {zen4, zen5, sapphire_rapids, other}) {
        for (const std::int64_t lanes : {4, 8, 16}) {
            for (const std::int64_t blas_lanes : {4, 8, 16}) {
                const MachineProfile p = builtin_profile({family, lanes, blas_lanes});
                CHECK_FALSE(p.machine.empty());
                CHECK_FALSE(p.measured);
                for (const double rate : p.rates) CHECK((rate > 1e-13 && rate < 1e-7));
                const MachineProfile other_blas = builtin_profile({family, lanes, 4});
                CHECK(p[Step::direct_vector] == other_blas[Step::direct_vector]);
                CHECK(p[Step::sgemm_product] <= other_blas[Step::sgemm_product]);
            }
        }
    }
    CHECK(builtin_profile({zen5, 16, 16}).machine != builtin_profile({zen5, 8, 16}).machine);
    CHECK(builtin_profile({zen4, 16, 16}).machine != builtin_profile({zen5, 16, 16}).machine);
}

TEST_CASE("tune: a machine twice as slow in all is predicted to take twice as long, every method") {
    const MachineProfile fast = builtin_profile();
    MachineProfile slow = fast;
    for (double& rate : slow.rates) rate *= 2;
    for (const Method& method : cpu_device().methods) {
        CAPTURE(method.name);
        for (const char* problem : {"n1c32h60w64_k32r3s3_p1", "n3c1h300w400_k1r15s15_p7",
                                    "n1c3h90w90_k8r5s5_p2_s2", "n1c8h64w64_k4r1s1"}) {
            CAPTURE(problem);
            const double once = predicted(fast, method.name.c_str(), problem);
            CHECK(predicted(slow, method.name.c_str(), problem) == doctest::Approx(2 * once));
        }
    }
}

TEST_CASE("tune: tiles and with them the bytes of a named method do not depend on the profile") {
    MachineProfile odd = builtin_profile();
    for (std::size_t i = 0; i < kStepCount; ++i) odd.rates[i] *= i % 2 == 0 ? 9 : 0.2;
    for (const char* name : {"fft", "winograd", "separable"}) {
        if (!cpu_device().has_method(name)) continue;
        for (const char* text : {"n1c32h60w64_k32r3s3_p1", "n3c1h300w400_k1r15s15_p7"}) {
            const Problem p = parse_problem(text);
            const conv::test::Operands operands = conv::test::low_rank_operands(p, 1);
            CAPTURE(name);
            CHECK(find_method(cpu_device(odd), name).offer(p, operands.view()).memory ==
                  find_method(cpu_device(), name).offer(p, operands.view()).memory);
        }
    }
}

TEST_CASE("tune: a stored profile comes back as it was, readable by its owner alone") {
    const TemporaryFolder folder;
    const std::string path = profile_path(folder.file("new/folder"), kMachine);
    store_profile(path, kMachine, measured_profile());
    struct stat status = {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    const LoadedProfile loaded = load_profile(path, kMachine);
    CHECK(loaded.note.empty());
    CHECK(loaded.profile.measured);
    for (std::size_t i = 0; i < kStepCount; ++i) {
        CHECK(loaded.profile.rates[i] == measured_profile().rates[i]);
    }
    store_profile(path, kMachine, builtin_profile());
    CHECK(load_profile(path, kMachine).profile.rates == builtin_profile().rates);
    CHECK(profile_path("x", kMachine) != profile_path("x", {"another", kMachine.code_paths}));
}

TEST_CASE("tune: a damaged profile, or another machine's, is ignored with a note") {
    const TemporaryFolder folder;
    const std::string path = folder.file("profile.json");
    CHECK(load_profile(path, kMachine).note.empty());
    CHECK_FALSE(load_profile(path, kMachine).profile.measured);
    store_profile(path, kMachine, measured_profile());
    const std::string whole = read_bytes(path);
    const auto note = [&](const std::string& text) {
        write_bytes(path, text);
        const LoadedProfile loaded = load_profile(path, kMachine);
        CHECK_FALSE(loaded.profile.measured);
        CHECK(loaded.profile.rates == builtin_profile().rates);
        return loaded.note;
    };
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = whole;
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text :
         {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("{}"),
          with("profile/1", "profile/2"), with("\"pass_load\"", "\"pass_lead\""),
          with("\"result\": ", "\"result\": -"), with("\"result\": ", "\"result\": 1e9, \"x\": "),
          with("\"result\": ", "\"result\": \"fast\", \"x\": ")}) {
        CAPTURE(text);
        CHECK(note(text).find("is damaged and ignored, run tune") != std::string::npos);
    }
    CHECK(note(with("AVX9", "AVX8")).find("of another machine (a processor, AVX8 vectors") !=
          std::string::npos);
}

TEST_CASE("tune: a kept profile decides, but for parts that several machines make") {
    const TemporaryFolder folder;
    const std::string before = std::getenv("XDG_CACHE_HOME");
    setenv("XDG_CACHE_HOME", folder.file("cache").c_str(), 1);
    MachineProfile slow_direct = builtin_profile();
    slow_direct[Step::direct_vector] *= 100;
    store_profile(profile_path(cache_directory(), this_machine()), this_machine(), slow_direct);
    const DeviceChoice choice("cpu");
    std::optional<BuiltinProfileOnly> alike;
    alike.emplace();
    const LoadedProfile of_parts = stored_profile();
    alike.reset();
    const LoadedProfile of_wholes = stored_profile();
    setenv("XDG_CACHE_HOME", before.c_str(), 1);
    CHECK(choice.note().empty());
    CHECK(of_parts.profile.rates == builtin_profile().rates);
    CHECK(of_wholes.profile.rates == slow_direct.rates);
    const char* problem = "n1c1h60w80_k1r3s3_p1";
    const std::vector<float> weights(9, 1.0F);
    const double kept = find_method(choice.processor(), "direct")
                            .offer(parse_problem(problem), {weights, {}})
                            .seconds;
    CHECK(kept > 10 * predicted(builtin_profile(), "direct", problem));
}

TEST_CASE("tune: a folder that cannot be written is an error that names the file") {
    const TemporaryFolder folder;
    write_bytes(folder.file("file"), "no folder");
    CHECK_THROWS_WITH_AS(store_profile(folder.file("file/x.json"), kMachine, builtin_profile()),
                         doctest::Contains("file/x.json: cannot be written"), Error);
}

TEST_CASE("tune: what it measures it predicts better than before, and says it") {
    std::ostringstream out, err;
    REQUIRE(run_cli({"tune", "--dry-run", "--json"}, out, err) == 0);
    const auto json = nlohmann::json::parse(out.str());
    double before = 0, after = 0;
    for (const auto& row : json["problems"]) {
        const double measured = row["measured_seconds"];
        REQUIRE(measured > 0);
        before += std::pow(row["builtin_seconds"].get<double>() / measured - 1, 2);
        after += std::pow(row["tuned_seconds"].get<double>() / measured - 1, 2);
    }
    CHECK(json["problems"].size() >= 20);
    CHECK(json["steps"].size() == kStepCount);
    CHECK(after < before);
    CHECK_FALSE(json.contains("file"));
}
