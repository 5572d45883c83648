/// Numbers that grow from one item of a run to the next: they travel as the difference, which is small.
#pragma once

#include <cstdint>
#include <optional>

#include <syncline/wire/row_members.hpp>

namespace syncline::wire::cbor {

/// One such number; before the first item of a run it is 0. Differences are modulo 2^64, so that any two numbers have one.
class running_number {
public:
    [[nodiscard]] std::int64_t previous() const noexcept { return previous_; }

    /// What to write for `number`, which becomes the previous one.
    [[nodiscard]] std::int64_t difference(std::int64_t number) noexcept {
        const std::uint64_t difference = static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(previous_);
        previous_ = number;
        return static_cast<std::int64_t>(difference);
    }

    /// The number for which `difference` was written; it becomes the previous one.
    [[nodiscard]] std::int64_t number(std::int64_t difference) noexcept {
        previous_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(previous_) + static_cast<std::uint64_t>(difference));
        return previous_;
    }

private:
    std::int64_t previous_ = 0;
};

/// Both numbers of a version, each as a difference.
struct running_version {
    running_number generation;
    running_number number;

    /// The version for which these differences were written; nothing if they lead to none.
    [[nodiscard]] std::optional<row_version> version(std::int64_t generation_difference, std::int64_t number_difference) noexcept {
        const std::int64_t read = generation.number(generation_difference);
        return row_version::of_parts(read, number.number(number_difference));
    }
};

/// Those of rows and results.
struct row_history {
    running_version version;
    running_number updated_at_ms;
};

/// Key of a row's values, behind the places in row_member.
inline constexpr int row_fields = static_cast<int>(row_member::names.size());

}  // namespace syncline::wire::cbor
