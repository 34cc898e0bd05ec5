#include "files/formats/png/huffman_code.hpp"

#include <algorithm>
#include <vector>

namespace conv {
namespace {

struct Symbol {
    std::uint32_t count;
    std::uint16_t symbol;
};

/// Turns ascending counts into the depths of their leaves in a Huffman tree, in place: the deepest
/// first. Moffat and Katajainen, "In-place calculation of minimum-redundancy codes", 1995.
void depths_in_place(std::vector<std::uint32_t>& tree) {
    const std::size_t n = tree.size();
    if (n == 1) {
        tree[0] = 1;
        return;
    }
    // Internal node i replaces tree[i] by its weight, then by the index of its parent.
    tree[0] += tree[1];
    std::size_t leaf = 2, root = 0;
    for (std::size_t next = 1; next + 1 < n; ++next) {
        const auto take = [&] {
            if (leaf >= n || (root < next && tree[root] < tree[leaf])) {
                const std::uint32_t weight = tree[root];
                tree[root++] = static_cast<std::uint32_t>(next);
                return weight;
            }
            return tree[leaf++];
        };
        const std::uint32_t first = take();
        tree[next] = first + take();
    }
    tree[n - 2] = 0;
    for (std::size_t i = n - 2; i-- > 0;) tree[i] = tree[tree[i]] + 1;
    // Depths of internal nodes become depths of leaves, from the top.
    std::size_t available = 1, at = n, node = n - 1;
    for (std::uint32_t depth = 0; available > 0; ++depth) {
        std::size_t inner = 0;
        while (node > 0 && tree[node - 1] == depth) {
            ++inner;
            --node;
        }
        for (std::size_t leaves = available - inner; leaves > 0; --leaves) tree[--at] = depth;
        available = 2 * inner;
    }
}

/// Makes no code longer than `longest`: counts[l] codes have l bits. Each code cut off is paid for
/// by lengthening a shorter one, until the sum of 2^-length is 1 again.
void limit_lengths(std::array<std::uint32_t, 65>& counts, int longest) {
    const auto top = static_cast<std::size_t>(longest);
    for (std::size_t length = top + 1; length < counts.size(); ++length) {
        counts[top] += counts[length];
        counts[length] = 0;
    }
    std::uint64_t total = 0;
    for (std::size_t length = 1; length <= top; ++length)
        total += std::uint64_t{counts[length]} << (top - length);
    for (; total > std::uint64_t{1} << top; --total) {
        --counts[top];
        std::size_t shorter = top - 1;
        while (counts[shorter] == 0) --shorter;
        --counts[shorter];
        counts[shorter + 1] += 2;
    }
}

}  // namespace

void code_lengths(std::span<const std::uint32_t> counts, int longest,
                  std::span<std::uint8_t> lengths) {
    std::vector<Symbol> symbols;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) symbols.push_back({counts[i], static_cast<std::uint16_t>(i)});
    }
    std::sort(symbols.begin(), symbols.end(), [](const Symbol& a, const Symbol& b) {
        return a.count != b.count ? a.count < b.count : a.symbol < b.symbol;
    });
    std::vector<std::uint32_t> depths;
    depths.reserve(symbols.size());
    for (const Symbol& symbol : symbols) depths.push_back(symbol.count);
    depths_in_place(depths);
    std::array<std::uint32_t, 65> of_length = {};
    for (const std::uint32_t depth : depths) ++of_length[std::min<std::uint32_t>(depth, 64)];
    limit_lengths(of_length, longest);
    std::fill(lengths.begin(), lengths.end(), std::uint8_t{0});
    std::size_t at = symbols.size();
    for (std::size_t length = 1; length <= static_cast<std::size_t>(longest); ++length) {
        for (std::uint32_t i = 0; i < of_length[length]; ++i)
            lengths[symbols[--at].symbol] = static_cast<std::uint8_t>(length);
    }
}

void codes_of_lengths(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes) {
    std::array<unsigned, kLongestDeflateCode + 2> next = {};
    for (const std::uint8_t length : lengths) next[std::size_t{length} + 1] += length > 0 ? 1U : 0U;
    for (std::size_t length = 1; length < next.size(); ++length)
        next[length] = (next[length] + next[length - 1]) << (length > 1 ? 1 : 0);
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        unsigned code = lengths[i] > 0 ? next[lengths[i]]++ : 0, reversed = 0;
        for (int bit = 0; bit < lengths[i]; ++bit, code >>= 1)
            reversed = reversed << 1 | (code & 1);
        codes[i] = static_cast<std::uint16_t>(reversed);
    }
}

}  // namespace conv
