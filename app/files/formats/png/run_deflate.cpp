#include "files/formats/png/run_deflate.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "files/formats/png/huffman_code.hpp"

namespace conv {
namespace {

constexpr std::size_t kSymbols = 286, kEnd = 256, kFirstLength = 257;
constexpr std::size_t kShortestRun = 3, kLongestRun = 258;
/// Tokens of one block: enough for its code tables to cost little, few enough to follow a picture.
constexpr std::size_t kBlockTokens = 1 << 15;
constexpr int kLongestLengthCode = 7;

/// The symbol of a run's length, and what is sent after it (RFC 1951, 3.2.5).
struct LengthCode {
    std::uint16_t symbol;
    std::uint8_t extra_bits, extra;
};

std::array<LengthCode, kLongestRun + 1> length_codes() {
    std::array<LengthCode, kLongestRun + 1> codes = {};
    std::size_t length = kShortestRun;
    for (std::uint16_t symbol = kFirstLength; symbol < kSymbols - 1; ++symbol) {
        const int bits = symbol < 265 ? 0 : (symbol - 261) / 4;
        for (int extra = 0; extra < 1 << bits && length < kLongestRun; ++extra, ++length) {
            codes[length] = {symbol, static_cast<std::uint8_t>(bits),
                             static_cast<std::uint8_t>(extra)};
        }
    }
    codes[kLongestRun] = {kSymbols - 1, 0, 0};
    return codes;
}

const std::array<LengthCode, kLongestRun + 1> kLengthCodes = length_codes();

/// Appends bits, the lowest first.
class BitWriter {
public:
    explicit BitWriter(std::vector<std::uint8_t>& out) : out_(out), at_(out.size()) {}

    /// Room for `bytes` more, so that put() need not look.
    void reserve(std::size_t bytes) { out_.resize(at_ + bytes + sizeof(bits_)); }
    /// At most 32 bits; flush() keeps room for them.
    void put(std::uint64_t value, unsigned count) {
        bits_ |= value << held_;
        held_ += count;
    }
    /// Writes whole bytes; fewer than 8 bits remain.
    void flush() {
        std::memcpy(out_.data() + at_, &bits_, sizeof(bits_));
        at_ += held_ / 8;
        bits_ >>= held_ & ~7U;
        held_ &= 7U;
    }
    void finish() {
        held_ = (held_ + 7) & ~7U;
        flush();
        out_.resize(at_);
    }

private:
    static_assert(sizeof(std::uint64_t) == 8);
    std::vector<std::uint8_t>& out_;
    std::size_t at_;
    std::uint64_t bits_ = 0;
    unsigned held_ = 0;
};

/// Literals as they are, runs as 256 + length; what the block holds of each symbol.
struct Block {
    std::vector<std::uint16_t> tokens;
    std::array<std::uint32_t, kSymbols> counts = {};
    std::size_t bytes = 0;
};

/// Bytes at `at` that repeat the byte before it.
std::size_t run_at(ByteView bytes, std::size_t at) {
    if (at == 0) return 0;
    const std::size_t most = std::min(kLongestRun, bytes.size() - at);
    std::size_t length = 0;
    while (length < most && bytes[at + length] == bytes[at - 1]) ++length;
    return length;
}

/// Splits the bytes from `at` on into tokens, up to a full block.
void tokenise(ByteView bytes, std::size_t at, Block& block) {
    block.tokens.clear();
    block.counts = {};
    const std::size_t begin = at;
    while (at < bytes.size() && block.tokens.size() < kBlockTokens) {
        const std::size_t run = at > 0 && bytes[at] == bytes[at - 1] ? run_at(bytes, at) : 0;
        if (run >= kShortestRun) {
            block.tokens.push_back(static_cast<std::uint16_t>(256 + run));
            ++block.counts[kLengthCodes[run].symbol];
            at += run;
        } else {
            block.tokens.push_back(bytes[at]);
            ++block.counts[bytes[at++]];
        }
    }
    block.counts[kEnd] = 1;
    block.bytes = at - begin;
}

/// A code: lengths and bits of each symbol.
template <std::size_t Count>
struct Code {
    std::array<std::uint8_t, Count> lengths = {};
    std::array<std::uint16_t, Count> codes = {};

    void make(const std::array<std::uint32_t, Count>& counts, int longest) {
        code_lengths(counts, longest, lengths);
        codes_of_lengths(lengths, codes);
    }
};

/// How code lengths are sent: a symbol of RFC 1951, 3.2.7 and its extra bits.
struct LengthToken {
    std::uint8_t symbol, extra_bits, extra;
};

std::vector<LengthToken> length_tokens(std::span<const std::uint8_t> lengths) {
    std::vector<LengthToken> tokens;
    for (std::size_t at = 0; at < lengths.size();) {
        std::size_t same = 1;
        while (at + same < lengths.size() && lengths[at + same] == lengths[at]) ++same;
        if (lengths[at] == 0 && same >= 3) {
            same = std::min<std::size_t>(same, 138);
            if (same < 11)
                tokens.push_back({17, 3, static_cast<std::uint8_t>(same - 3)});
            else
                tokens.push_back({18, 7, static_cast<std::uint8_t>(same - 11)});
        } else if (same >= 4) {  // once as it is, then repeated 3 to 6 times
            same = std::min<std::size_t>(same, 7);
            tokens.push_back({lengths[at], 0, 0});
            tokens.push_back({16, 2, static_cast<std::uint8_t>(same - 4)});
        } else {
            same = 1;
            tokens.push_back({lengths[at], 0, 0});
        }
        at += same;
    }
    return tokens;
}

/// The two codes at the head of a block: literals and lengths, and the one distance, 1.
void put_codes(std::span<const std::uint8_t> lengths, BitWriter& bits) {
    constexpr std::array<std::uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                     11, 4,  12, 3, 13, 2, 14, 1, 15};
    const std::vector<LengthToken> tokens = length_tokens(lengths);
    std::array<std::uint32_t, 19> counts = {};
    for (const LengthToken& token : tokens) ++counts[token.symbol];
    Code<19> code;
    code.make(counts, kLongestLengthCode);
    std::size_t sent = kOrder.size();
    while (sent > 4 && code.lengths[kOrder[sent - 1]] == 0) --sent;
    bits.put(lengths.size() - 1 - 257, 5);
    bits.put(0, 5);  // one distance
    bits.put(sent - 4, 4);
    for (std::size_t i = 0; i < sent; ++i) {
        bits.put(code.lengths[kOrder[i]], 3);
        bits.flush();
    }
    for (const LengthToken& token : tokens) {
        bits.put(code.codes[token.symbol], code.lengths[token.symbol]);
        bits.put(token.extra, token.extra_bits);
        bits.flush();
    }
}

void put_tokens(const Block& block, const Code<kSymbols>& code, BitWriter& bits) {
    struct Sent {
        std::uint32_t bits;
        std::uint32_t count;
    };
    std::array<Sent, 256 + kLongestRun + 1> sent = {};
    for (std::size_t i = 0; i < 256; ++i) sent[i] = {code.codes[i], code.lengths[i]};
    for (std::size_t run = kShortestRun; run <= kLongestRun; ++run) {
        const LengthCode& length = kLengthCodes[run];
        const unsigned symbol_bits = code.lengths[length.symbol];
        // The distance, one bit of value 0, is the last of them.
        sent[256 + run] = {code.codes[length.symbol] | static_cast<std::uint32_t>(length.extra)
                                                           << symbol_bits,
                           symbol_bits + length.extra_bits + 1U};
    }
    std::size_t i = 0;
    for (; i + 2 <= block.tokens.size(); i += 2) {  // twice at most 21 bits, after fewer than 8
        const Sent &first = sent[block.tokens[i]], &second = sent[block.tokens[i + 1]];
        bits.put(first.bits, first.count);
        bits.put(second.bits, second.count);
        bits.flush();
    }
    if (i < block.tokens.size()) bits.put(sent[block.tokens[i]].bits, sent[block.tokens[i]].count);
    bits.put(code.codes[kEnd], code.lengths[kEnd]);
    bits.flush();
}

void put_block(const Block& block, bool is_last, BitWriter& bits) {
    Code<kSymbols> code;
    code.make(block.counts, kLongestDeflateCode);
    std::size_t used = kSymbols;
    while (used > kFirstLength && code.lengths[used - 1] == 0) --used;
    std::array<std::uint8_t, kSymbols + 1> lengths = {};
    std::copy_n(code.lengths.begin(), used, lengths.begin());
    lengths[used] = 1;  // of the one distance
    constexpr std::size_t kHeadBytes = 400;
    bits.reserve(kHeadBytes + block.tokens.size() * 3);
    bits.put(is_last ? 1 : 0, 1);
    bits.put(2, 2);  // codes of its own
    put_codes({lengths.data(), used + 1}, bits);
    put_tokens(block, code, bits);
}

}  // namespace

void deflate_runs(ByteView bytes, bool is_last, std::vector<std::uint8_t>& out) {
    BitWriter bits(out);
    Block block;
    block.tokens.reserve(kBlockTokens);
    std::size_t at = 0;
    do {
        tokenise(bytes, at, block);
        at += block.bytes;
        put_block(block, is_last && at == bytes.size(), bits);
    } while (at < bytes.size());
    if (!is_last) {  // an empty stored block ends on a byte
        bits.put(0, 3);
        bits.finish();
        out.insert(out.end(), {0, 0, 0xff, 0xff});
        return;
    }
    bits.finish();
}

}  // namespace conv
