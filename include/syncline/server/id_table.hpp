/// A hash table of whatever has an id: each id is hashed once, and compared only where a hash is the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace syncline {

/// Never 0. Of one process: not to be stored.
[[nodiscard]] inline std::uint64_t hash_of_id(std::string_view text, std::uint64_t seed = 0) noexcept {
    constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
    std::uint64_t hash = (seed + text.size()) * multiplier;
    const auto add = [&](std::uint64_t word) {
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32;
    };
    const auto word_at = [&](std::size_t i) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, 8);
        return word;
    };
    if (text.size() >= 8) {
        std::size_t i = 0;
        for (; i + 8 < text.size(); i += 8) add(word_at(i));
        add(word_at(text.size() - 8));
    } else {
        std::uint64_t word = 0;
        for (const char c : text) word = (word << 8) | static_cast<unsigned char>(c);
        add(word);
    }
    return hash | (std::uint64_t{1} << 63);
}

/// Open addressing with linear probing, at most two thirds full. `Value` is cheap to copy, as a pointer is.
template <class Value>
class id_table {
public:
    /// The value with this hash of which `is_it(value)` is true, or null.
    template <class IsIt>
    [[nodiscard]] const Value* find(std::uint64_t hash, IsIt&& is_it) const {
        if (slots_.empty()) return nullptr;
        for (std::size_t i = hash & mask(); slots_[i].hash != 0; i = (i + 1) & mask())
            if (slots_[i].hash == hash && is_it(slots_[i].value)) return &slots_[i].value;
        return nullptr;
    }

    /// Adds a value that is not there.
    void insert(std::uint64_t hash, const Value& value) {
        if ((size_ + 1) * 3 > slots_.size() * 2) grow();
        put(hash, value);
        ++size_;
    }

    /// Removes a value that is there.
    void erase(std::uint64_t hash, const Value& value) {
        std::size_t hole = hash & mask();
        while (!(slots_[hole].hash == hash && slots_[hole].value == value)) hole = (hole + 1) & mask();
        // What was put behind the hole because it was taken moves up, so that it is still found.
        for (std::size_t i = (hole + 1) & mask(); slots_[i].hash != 0; i = (i + 1) & mask()) {
            const std::size_t wanted = slots_[i].hash & mask();
            if (((i - wanted) & mask()) < ((i - hole) & mask())) continue;
            slots_[hole] = slots_[i];
            hole = i;
        }
        slots_[hole].hash = 0;
        --size_;
    }

    void clear() noexcept {
        slots_.clear();
        size_ = 0;
    }

private:
    struct slot {
        std::uint64_t hash = 0;  ///< 0: empty
        Value value{};
    };

    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

    void put(std::uint64_t hash, const Value& value) {
        std::size_t i = hash & mask();
        while (slots_[i].hash != 0) i = (i + 1) & mask();
        slots_[i] = {hash, value};
    }

    void grow() {
        std::vector<slot> before(slots_.empty() ? 16 : slots_.size() * 2);
        before.swap(slots_);
        for (const slot& one : before)
            if (one.hash != 0) put(one.hash, one.value);
    }

    std::vector<slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace syncline
