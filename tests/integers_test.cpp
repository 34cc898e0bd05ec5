#include <doctest/doctest.h>

#include "../bench/integer_table.hpp"
#include "cpu/cpu_device.hpp"
#include "support/test_devices.hpp"

using namespace conv;

TEST_CASE("integers: every device gives the processor's sums and bytes, bit for bit") {
    const Device processor = cpu_device();
    for (const Device& device : conv::test::test_devices().found) {
        if (device.name == processor.name) continue;
        CAPTURE(device.name);
        for (const bench::IntegerRow& row : bench::integer_rows()) {
            CAPTURE(row.problem);
            CAPTURE(row.denominator);
            bool whole = false;
            for (const auto& answer : bench::integer_answers(device, processor, row)) {
                CAPTURE(answer.method);
                CHECK(answer.values > 0);
                CHECK(answer.different == 0);
                whole = whole || answer.method == "igemm";
            }
            CHECK(whole);
        }
    }
}
