/// A set of sequences that costs a bit or two for each where they are dense, as a device's are.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include <syncline/base/ids.hpp>

namespace syncline {

/// Sequences from 0 on, in runs of 64.
class sequence_set {
public:
    /// The members among 64 sequences that follow each other, of which `number * 64` is the first.
    struct run {
        std::uint64_t number = 0;
        std::uint64_t members = 0;

        friend bool operator==(const run&, const run&) noexcept = default;
    };

    [[nodiscard]] bool empty() const noexcept { return runs_.empty(); }
    /// The smallest member; 0 where there is none.
    [[nodiscard]] sequence first() const noexcept { return runs_.empty() ? 0 : first_of(runs_.front().number, runs_.front().members); }
    [[nodiscard]] bool contains(sequence seq) const noexcept {
        const auto found = std::ranges::lower_bound(runs_, number_of(seq), {}, &run::number);
        return found != runs_.end() && found->number == number_of(seq) && (found->members & bit_of(seq)) != 0;
    }

    /// Every member, in ascending order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const run& one : runs_)
            for (std::uint64_t left = one.members; left != 0; left &= left - 1) visit(first_of(one.number, left));
    }

    /// Adds sequences, in any order.
    void add(std::span<const sequence> sequences) {
        std::vector<run> added;
        for (const sequence seq : sequences) {
            if (added.empty() || added.back().number != number_of(seq)) added.push_back({number_of(seq), 0});
            added.back().members |= bit_of(seq);
        }
        if (!std::ranges::is_sorted(added, {}, &run::number)) std::ranges::sort(added, {}, &run::number);
        std::vector<run> all;
        all.reserve(runs_.size() + added.size());
        std::ranges::merge(runs_, added, std::back_inserter(all), {}, &run::number, &run::number);
        runs_.clear();
        for (const run& one : all) {
            if (runs_.empty() || runs_.back().number != one.number) runs_.push_back(one);
            else runs_.back().members |= one.members;
        }
    }

    /// Removes every sequence up to `floor`.
    void remove_up_to(sequence floor) {
        if (floor < 0) return;
        const auto cut = std::ranges::lower_bound(runs_, number_of(floor), {}, &run::number);
        const bool is_inside = cut != runs_.end() && cut->number == number_of(floor);
        if (is_inside) cut->members &= ~(bit_of(floor) | (bit_of(floor) - 1));
        runs_.erase(runs_.begin(), is_inside && cut->members == 0 ? cut + 1 : cut);
    }

    /// For those who store the set: none is without members, numbers ascend.
    [[nodiscard]] std::span<const run> runs() const noexcept { return runs_; }
    /// Takes back what runs() gave.
    void append(const run& next) { runs_.push_back(next); }

    friend bool operator==(const sequence_set&, const sequence_set&) noexcept = default;

private:
    [[nodiscard]] static std::uint64_t number_of(sequence seq) noexcept { return static_cast<std::uint64_t>(seq) >> 6; }
    [[nodiscard]] static std::uint64_t bit_of(sequence seq) noexcept { return std::uint64_t{1} << (static_cast<std::uint64_t>(seq) & 63u); }
    [[nodiscard]] static sequence first_of(std::uint64_t number, std::uint64_t members) noexcept {
        return static_cast<sequence>((number << 6) | static_cast<std::uint64_t>(std::countr_zero(members)));
    }

    std::vector<run> runs_;
};

}  // namespace syncline
