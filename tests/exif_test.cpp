#include "files/exif.hpp"

#include <doctest/doctest.h>

#include "support/test_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

using Bytes = std::vector<std::uint8_t>;

/// Numbers in either byte order.
struct Order {
    bool is_big = false;
    std::string operator()(std::uint64_t value, int count) const {
        return is_big ? big(value, count) : little(value, count);
    }
    std::string entry(std::uint64_t tag, std::uint64_t type, std::uint64_t value) const {
        const std::string number =
            type == 3 ? (*this)(value, 2) + std::string(2, '\0') : (*this)(value, 4);
        return (*this)(tag, 2) + (*this)(type, 2) + (*this)(1, 4) + number;
    }
};

/// Orientation 6, an inner directory with two sizes, then a thumbnail of "THUMB".
Bytes sample_block(const Order& order) {
    constexpr std::uint64_t kInner = 8 + 2 + 2 * 12 + 4, kSecond = kInner + 2 + 2 * 12 + 4;
    constexpr std::uint64_t kThumbnail = kSecond + 2 + 2 * 12 + 4;
    std::string block = order.is_big ? "MM" : "II";
    block += order(42, 2) + order(8, 4);
    block +=
        order(2, 2) + order.entry(0x112, 3, 6) + order.entry(0x8769, 4, kInner) + order(kSecond, 4);
    block += order(2, 2) + order.entry(0xa002, 4, 640) + order.entry(0xa003, 3, 480) + order(0, 4);
    block +=
        order(2, 2) + order.entry(0x201, 4, kThumbnail) + order.entry(0x202, 4, 5) + order(0, 4);
    block += "THUMB";
    return {block.begin(), block.end()};
}

std::string text_of(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST_CASE("exif: the orientation is reset and the thumbnail goes, in both byte orders") {
    for (const Order order : {Order{false}, Order{true}}) {
        Bytes block = sample_block(order);
        const std::size_t size = block.size();
        CHECK(reset_exif_orientation(block) == 6);
        CHECK(block.size() == size - 5);
        CHECK(text_of(block).find("THUMB") == std::string::npos);
        CHECK(text_of(block).substr(34, 4) == std::string(4, '\0'));  // no second directory
        CHECK(reset_exif_orientation(block) == 1);
    }
}

TEST_CASE("exif: a thumbnail that other bytes follow becomes zeros, and nothing moves") {
    Bytes block = sample_block({false});
    const std::string before = text_of(block);
    for (const char c : std::string("maker note")) block.push_back(static_cast<std::uint8_t>(c));
    reset_exif_orientation(block);
    const std::string after = text_of(block);
    CHECK(after.substr(before.size() - 5) == std::string(5, '\0') + "maker note");
}

TEST_CASE("exif: stated sizes follow the picture, a SHORT that is too small grows") {
    for (const Order order : {Order{false}, Order{true}}) {
        Bytes block = sample_block(order);
        set_exif_size(block, 70000, 80000);
        const std::string text = text_of(block);
        CHECK(text.find(order.entry(0xa002, 4, 70000)) != std::string::npos);
        CHECK(text.find(order.entry(0xa003, 4, 80000)) != std::string::npos);
    }
}

TEST_CASE("exif: a block without a readable directory becomes empty, whatever is wrong") {
    const Bytes whole = sample_block({false});
    for (std::size_t size = 0; size < 38; ++size) {
        Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(reset_exif_orientation(cut) == 1);
        CHECK(cut.empty());
    }
}

TEST_CASE("exif: any byte of a block may be wrong without a crash") {
    const Bytes whole = sample_block({true});
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int value : {0, 1, 127, 255}) {
            Bytes block = whole;
            block[at] = static_cast<std::uint8_t>(value);
            reset_exif_orientation(block);
            set_exif_size(block, 3, 2);
            CHECK(block.size() <= whole.size());
        }
    }
}

}  // namespace
