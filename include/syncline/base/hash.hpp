/// A 64-bit hash with the same result on every machine, for digests and fingerprints; not for secrets.
#pragma once

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
        std::size_t i = 0;
        for (; i + 8 <= text.size(); i += 8) add(word_at(text, i, 8));
        if (i < text.size()) add(word_at(text, i, text.size() - i));
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

    // Little-endian by arithmetic, so that the result does not depend on the machine; compilers make one load of it.
    static constexpr std::uint64_t word_at(std::string_view text, std::size_t at, std::size_t count) noexcept {
        std::uint64_t word = 0;
        for (std::size_t k = 0; k < count; ++k)
            word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[at + k])) << (8 * k);
        return word;
    }

    std::uint64_t state_ = 0x8445D61A4E774912u;
};

}  // namespace syncline
