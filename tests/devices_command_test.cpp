#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli.hpp"
#include "cpu/cpu_device.hpp"
#include "machine/processor.hpp"
#include "support/test_devices.hpp"

using namespace conv;

TEST_CASE("devices: a core weaker than the processor is warned of, with what to do") {
    CHECK(openblas_core_warning("Haswell", SimdLevel::avx512, "Haswell") ==
          "OpenBLAS uses its Haswell kernels (AVX2) and this processor has AVX-512: "
          "OPENBLAS_CORETYPE=Haswell asks for that, unset it");
    CHECK(openblas_core_warning("Prescott", SimdLevel::avx2, "") ==
          "OpenBLAS uses its Prescott kernels (SSE) and this processor has AVX2: it was not "
          "recognised, try OPENBLAS_CORETYPE=Haswell");
    CHECK(openblas_core_warning("Haswell", SimdLevel::avx2, "Haswell").empty());
    CHECK(openblas_core_warning("SkylakeX", SimdLevel::avx512, "").empty());
    CHECK(openblas_core_warning("NeoverseN1", std::nullopt, "").empty());
    CHECK(openblas_core_warning("a core of tomorrow", SimdLevel::avx512, "").empty());
}

TEST_CASE("devices: the processor has a name, threads, memory and a SIMD target") {
    const Processor processor = this_processor();
    CHECK(!processor.name.empty());
    CHECK(processor.usable_threads >= 1);
    CHECK(processor.memory_bytes > 0);
    CHECK(!processor.simd_targets.empty());
}

TEST_CASE("devices: names every device that is here and every one that is not") {
    std::ostringstream out, err;
    CHECK(run_cli({"devices"}, out, err) == 0);
    CHECK(err.str().empty());
    std::ostringstream json_out;
    CHECK(run_cli({"devices", "--json"}, json_out, err) == 0);
    const auto json = nlohmann::json::parse(json_out.str());
    const Devices& devices = conv::test::test_devices();
    REQUIRE(json["found"].size() == devices.found.size());
    REQUIRE(json["absent"].size() == devices.absent.size());
    for (const Device& device : devices.found) {
        CHECK(out.str().find("\n  " + device.name) != std::string::npos);
    }
    for (const AbsentDevice& device : devices.absent) {
        CHECK(out.str().find("absent: " + device.reason) != std::string::npos);
    }
    CHECK(json["found"][0]["methods"].size() == devices.found[0].methods.size());
    CHECK(json["openblas"]["version"].get<std::string>().find("0.3") == 0);
    CHECK(json["fftw"].is_string() == !fft_library().empty());
    CHECK(json["opencv"].get<std::string>().find('.') != std::string::npos);
}
