/// What the text of an accepted message must be, read a second time by code that shares nothing with the decoders.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fuzz/promise.hpp>
#include <syncline/base/text.hpp>
#include <syncline/schema/names.hpp>
#include <wire/support/json_tree.hpp>

namespace syncline::fuzz {

/// No key twice in one object, and no more than `depth_left` levels of nesting.
inline void promise_strict(const tests::json_tree& tree, std::size_t depth_left) {
    using type = tests::json_tree::type;
    if (!tree.is(type::array) && !tree.is(type::object)) return;
    promise(depth_left > 0, "the nesting of JSON is bounded");
    for (std::size_t i = 0; i < tree.keys.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) promise(tree.keys[i] != tree.keys[j], "no object of JSON has a key twice");
    for (const tests::json_tree& item : tree.items) promise_strict(item, depth_left - 1);
}

inline double number_in(const tests::json_tree& tree) {
    using type = tests::json_tree::type;
    if (tree.is(type::integer)) return static_cast<double>(tree.integer);
    if (tree.is(type::huge)) return tree.is_negative ? -static_cast<double>(tree.huge) : static_cast<double>(tree.huge);
    return tree.is(type::real) ? tree.real : std::nan("");
}

/// Whether a number is so large that its tree has it cut.
inline bool is_cut(const tests::json_tree& tree) { return tree.is(tests::json_tree::type::huge) && tree.huge == UINT64_MAX; }

/// Whether CBOR can say the same: a cut number is another one, and a name of JSON that has a NUL is no name in CBOR.
inline bool has_twin(const tests::json_tree& tree) {
    const auto has_nul = [](const std::string& key) { return key.find('\0') != std::string::npos; };
    return !is_cut(tree) && std::none_of(tree.keys.begin(), tree.keys.end(), has_nul) &&
           std::all_of(tree.items.begin(), tree.items.end(), has_twin);
}

/// Whether what was read and written again, `kept`, says only what `said` says too or leaves out. A number keeps its value and
/// 3.9 does not become 3; `name` is the key of the value.
inline bool agrees(const tests::json_tree& said, const tests::json_tree& kept, std::string_view name = {}) {
    using type = tests::json_tree::type;
    // Names that the schema does not have are left out, and the code of a later version becomes one of ours.
    if (name == "refused" || name == "kept" || name == "code") return true;
    if (is_cut(said)) return kept.is(type::real);
    if (kept.is(type::real)) return number_in(said) == kept.real;
    if (said.kind != kept.kind) return false;
    switch (kept.kind) {
        case type::boolean: return said.flag == kept.flag;
        case type::integer: return said.integer == kept.integer;
        case type::text:
            return name == "digest" || name == "schema" ? equal_ignoring_case(said.text, kept.text) : said.text == kept.text;
        case type::array:
            return std::equal(said.items.begin(), said.items.end(), kept.items.begin(), kept.items.end(),
                              [](const tests::json_tree& a, const tests::json_tree& b) { return agrees(a, b); });
        case type::object:
            for (std::size_t i = 0; i < kept.items.size(); ++i) {
                const auto at = std::find(said.keys.begin(), said.keys.end(), kept.keys[i]);
                if (at == said.keys.end()) continue;
                const auto place = static_cast<std::size_t>(at - said.keys.begin());
                if (!agrees(said.items[place], kept.items[i], kept.keys[i])) return false;
            }
            return true;
        default: return true;
    }
}

/// Reads past the one item of CBOR at the front of `rest` (RFC 8949): shortest heads, no tags, keys in ascending order, finite
/// numbers, clean texts but for NUL, no more than `depth_left` levels of nesting.
inline void take_strict_cbor(std::string_view& rest, std::size_t depth_left) {
    const auto take = [&rest](std::uint64_t size) {
        promise(size <= rest.size(), "an item of CBOR is whole");
        const std::string_view front = rest.substr(0, static_cast<std::size_t>(size));
        rest.remove_prefix(front.size());
        return front;
    };
    const auto first = static_cast<unsigned char>(take(1).front());
    const unsigned major = first >> 5, lower = first & 31u;
    std::uint64_t argument = lower;
    if (lower >= 24 && lower < 28) {
        argument = 0;
        for (const char byte : take(std::uint64_t{1} << (lower - 24))) argument = argument << 8 | static_cast<unsigned char>(byte);
        constexpr std::uint64_t least[] = {24, 1u << 8, 1u << 16, std::uint64_t{1} << 32};
        promise(major == 7 || argument >= least[lower - 24], "a head of CBOR is as short as it can be");
    }
    if (major == 7) {
        const bool is_wide = lower == 27 && std::isfinite(std::bit_cast<double>(argument));
        const bool is_single = lower == 26 && std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(argument)));
        const bool is_half = lower == 25 && (argument & 0x7C00u) != 0x7C00u;
        promise(is_wide || is_single || is_half || (lower >= 20 && lower <= 22), "a simple value of CBOR is known, a number finite");
        return;
    }
    promise(major != 6, "no item of CBOR has a tag");
    const bool until_end = lower == 31 && major >= 4;
    promise(lower < 28 || until_end, "a head of CBOR has a known form");
    if (major == 3) {
        std::string_view text = take(argument);
        while (!text.empty()) {
            const std::string_view part = text.substr(0, text.find('\0'));
            promise(is_clean_utf8(part), "a text of CBOR is UTF-8");
            text.remove_prefix(std::min(text.size(), part.size() + 1));
        }
    }
    if (major == 2) take(argument);
    if (major < 4) return;
    promise(depth_left > 0, "the nesting of CBOR is bounded");
    std::string_view previous;
    for (std::uint64_t i = 0; until_end || i < argument; ++i) {
        if (until_end && rest.starts_with('\xFF')) {
            take(1);
            return;
        }
        const std::string_view start = rest;
        take_strict_cbor(rest, depth_left - 1);
        if (major != 5) continue;
        const std::string_view key = start.substr(0, start.size() - rest.size());
        promise(previous < key, "the keys of a map of CBOR ascend");
        previous = key;
        take_strict_cbor(rest, depth_left - 1);
    }
}

}  // namespace syncline::fuzz
