/// The ids of new rows, one push's after another's from one random source.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>

#include <syncline/base/random.hpp>

namespace syncline {

/// A random source that several pushes share.
class shared_random {
public:
    static constexpr bool is_thread_safe = true;

    explicit shared_random(random_source source) : source_(source) {}

    /// A source whose numbers no other push has.
    [[nodiscard]] random_source branch() {
        const std::lock_guard lock(gate_);
        return random_source(source_.next());
    }

private:
    std::mutex gate_;
    random_source source_;
};

/// Makes the server ids of one push: a ULID's 48 bits of time, 40 bits that count from a random number on, 40 random bits. So they
/// ascend, and an index of them grows at its end.
class server_id_source {
public:
    server_id_source(std::int64_t now_ms, random_source random) noexcept : random_(random), count_(random_.next() >> 25) {
        const auto time = static_cast<std::uint64_t>(now_ms) & 0xFFFF'FFFF'FFFFu;
        write(text_, 10, time);
    }

    [[nodiscard]] server_id next() noexcept {
        write(text_ + 10, 8, count_++);
        write(text_ + 18, 8, random_.next());
        return server_id::trusted({text_, sizeof text_});
    }

private:
    /// Two digits of Crockford's base 32 for each ten bits.
    static constexpr std::array<std::array<char, 2>, 1024> pairs = [] {
        constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        std::array<std::array<char, 2>, 1024> all{};
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = {digits[i >> 5], digits[i & 0x1Fu]};
        return all;
    }();

    /// Writes the low bits of `number` as `size` digits, an even number, the highest first.
    static void write(char* at, std::size_t size, std::uint64_t number) noexcept {
        for (; size != 0; size -= 2, number >>= 10) std::memcpy(at + size - 2, pairs[number & 0x3FFu].data(), 2);
    }

    random_source random_;
    std::uint64_t count_;  ///< its highest bit of 40 is 0 at first, so that it does not start again
    char text_[26];
};

}  // namespace syncline
