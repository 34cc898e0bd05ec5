#include "tensor/npy.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "base/error.hpp"

namespace {

using namespace conv;

std::string file_of(const std::string& dict, const std::string& values = "", char version = 1) {
    std::string bytes = std::string("\x93NUMPY") + version + '\0';
    const std::size_t size = dict.size();
    bytes += static_cast<char>(size & 0xff);
    bytes += static_cast<char>(size >> 8);
    if (version > 1) bytes += std::string(2, '\0');
    return bytes + dict + values;
}

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string refusal(const std::string& file) {
    try {
        parse_npy(bytes_of(file), "a.npy");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::input);
        return error.what();
    }
    return "";
}

TEST_CASE("npy: a header that is written is read back, and ends at a multiple of 64 bytes") {
    const std::int64_t dims[] = {2, 3, 5, 7};
    for (std::size_t rank = 1; rank <= 4; ++rank) {
        for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
            const auto shape = std::span(dims).first(rank);
            std::string file = npy_header(npy_element(type), shape);
            CHECK(file.size() % 64 == 0);
            CHECK(file.back() == '\n');
            file.append(210 * 4, '\1');
            const NpyArray array = parse_npy(bytes_of(file), "a.npy");
            CHECK(array.dims == std::vector<std::int64_t>(shape.begin(), shape.end()));
            CHECK(element_bytes(array.element) == sample_bytes(type));
        }
    }
}

TEST_CASE("npy: values of every type, byte order and version are read") {
    struct Case {
        const char* descr;
        std::string values;
    };
    for (const Case& given :
         {Case{"|u1", "\1\2"}, Case{"<u2", std::string("\1\0\2\0", 4)},
          Case{">u2", std::string("\0\1\0\2", 4)},
          Case{"<f4", std::string("\0\0\x80\x3f\0\0\0\x40", 8)},
          Case{">f4", std::string("\x3f\x80\0\0\x40\0\0\0", 8)},
          Case{"<f8", std::string("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40", 16)}}) {
        for (const char version : {'\1', '\2', '\3'}) {
            CAPTURE(given.descr);
            const std::string dict = std::string("{'shape': (2L,), \"descr\": '") + given.descr +
                                     "', 'fortran_order': False}\n";
            const std::string file = file_of(dict, given.values, version);
            CHECK(npy_to_doubles(parse_npy(bytes_of(file), "a.npy")) == std::vector<double>{1, 2});
        }
    }
}

TEST_CASE("npy: a single number has no dimensions and one value") {
    const std::string file = file_of("{'descr': '|u1', 'fortran_order': False, 'shape': ()}", "\7");
    CHECK(npy_to_doubles(parse_npy(bytes_of(file), "a.npy")) == std::vector<double>{7});
}

TEST_CASE("npy: what must not be read is refused with the reason") {
    struct Case {
        std::string file, reason;
    };
    const auto with = [](const std::string& descr, const std::string& shape,
                         const std::string& order = "False") {
        return file_of(
            "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + "}",
            std::string(64, '\0'));
    };
    for (const Case& given :
         std::vector<Case>{{"NUMPY", "not a .npy file"},
                           {"\x93NUMPY", "version"},
                           {file_of("{}", "", 9), "version 9"},
                           {std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12), "claims"},
                           {file_of("{}"), "damaged"},
                           {file_of("__import__('os').system('id')"), "damaged"},
                           {with("'<f4'", "(2, 2).__class__"), "damaged"},
                           {with("'<f4'", "(2, x)"), "damaged"},
                           {with("'|O'", "(2,)"), "pickled"},
                           {with("'<c8'", "(2,)"), "'<c8'"},
                           {with("'<i8'", "(2,)"), "array.astype(np.float32)"},
                           {with("[('r', '<f4')]", "(2,)"), "records"},
                           {with("'<f4'", "(2, 2)", "True"), "np.ascontiguousarray"},
                           {with("'<f4'", "(1, 1, 1, 1, 2)"), "5 dimensions"},
                           {with("'<f4'", "(2, 0)"), "(2, 0)"},
                           {with("'<f4'", "(2, -1)"), "(2, -1)"},
                           {with("'<f4'", "(4294967296, 4294967296)"), "too large"},
                           {with("'<f4'", "(99999999999999999999,)"), "64 bits"},
                           {with("'<f4'", "(17,)"), "needs 68 bytes"}}) {
        CAPTURE(given.reason);
        const std::string message = refusal(given.file);
        CHECK(message.starts_with("a.npy: "));
        CHECK(message.find(given.reason) != std::string::npos);
        CHECK(message.find('\n') == std::string::npos);
    }
}

TEST_CASE("npy: a Fortran array whose order makes no difference is read") {
    const std::string file =
        file_of("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 2)}", "\1\2");
    CHECK(refusal(file).empty());
}

}  // namespace
