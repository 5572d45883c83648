/// A 64-bit hash with the same result on every machine, for digests and fingerprints; not for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace syncline {

/// MurmurHash64A (Austin Appleby, public domain), fed in pieces: each piece is hashed with its length and chained.
class hasher {
public:
    constexpr hasher() noexcept = default;

    constexpr hasher& add(std::uint64_t word) noexcept {
        word *= multiplier;
        word ^= word >> 47;
        word *= multiplier;
        state_ ^= word;
        state_ *= multiplier;
        return *this;
    }

    constexpr hasher& add(std::string_view text) noexcept {
        add(static_cast<std::uint64_t>(text.size()));
        const char* at = text.data();
        std::size_t left = text.size();
        for (; left >= 8; at += 8, left -= 8) add(word_at(at));
        if (left != 0) add(text.size() >= 8 ? word_at(at + left - 8) >> (64 - 8 * left) : short_word_at(at, left));
        return *this;
    }

    [[nodiscard]] constexpr std::uint64_t finish() const noexcept {
        std::uint64_t h = state_;
        h ^= h >> 47;
        h *= multiplier;
        h ^= h >> 47;
        return h;
    }

private:
    static constexpr std::uint64_t multiplier = 0xC6A4A7935BD1E995u;

    static constexpr std::uint64_t byte_at(const char* at) noexcept { return static_cast<unsigned char>(*at); }

    // Little-endian by arithmetic, so that the result does not depend on the machine; written out, so that compilers make one load of it.
    static constexpr std::uint64_t pair_at(const char* at) noexcept { return byte_at(at) | byte_at(at + 1) << 8; }
    static constexpr std::uint64_t half_at(const char* at) noexcept {
        return byte_at(at) | byte_at(at + 1) << 8 | byte_at(at + 2) << 16 | byte_at(at + 3) << 24;
    }
    static constexpr std::uint64_t word_at(const char* at) noexcept {
        return byte_at(at) | byte_at(at + 1) << 8 | byte_at(at + 2) << 16 | byte_at(at + 3) << 24 | byte_at(at + 4) << 32 |
               byte_at(at + 5) << 40 | byte_at(at + 6) << 48 | byte_at(at + 7) << 56;
    }

    // Of 1 to 7 bytes: two loads that may overlap.
    static constexpr std::uint64_t short_word_at(const char* at, std::size_t count) noexcept {
        if (count >= 4) return half_at(at) | half_at(at + count - 4) << (8 * (count - 4));
        if (count >= 2) return pair_at(at) | pair_at(at + count - 2) << (8 * (count - 2));
        return byte_at(at);
    }

    std::uint64_t state_ = 0x8445D61A4E774912u;
};

}  // namespace syncline
