/// Workout sets as runs of cells, for steps that are measured alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <syncline/model/operation.hpp>

#include "../contestants/ours_schema.hpp"

namespace benchmarks {

/// `count` workout sets of `count / 4 + 1` workout exercises, with keys of the kind `key`.
class set_rows {
public:
    set_rows(std::size_t count, syncline::cell_kind key) {
        using syncline::cell;
        id_source ids(1);
        for (std::size_t i = 0; i < count / sets_per_exercise + 1; ++i) parents_.push_back(ids.next());
        for (std::size_t i = 0; i < count; ++i) {
            ids_.push_back(syncline::local_id::trusted(ids.next().view()));
            const auto number = static_cast<std::int64_t>(i);
            rows_.push_back({cell::with_text(key, parents_[i / sets_per_exercise].view()), cell::text("working set number 1"), cell::integer(number % 4),
                             cell::integer(8), cell::integer(90), cell::real(60.0 + 2.5 * static_cast<double>(i % 30)),
                             cell::integer(1'600'000'000'000'000 + number), cell::text("one of the good sets")});
        }
    }

    [[nodiscard]] static int table() { return ours::schema::view().find_table("workout_sets"); }
    [[nodiscard]] static int parent_table() { return ours::schema::view().find_table("workout_exercises"); }
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] const std::vector<id_text>& parents() const noexcept { return parents_; }
    [[nodiscard]] const syncline::local_id& id(std::size_t i) const noexcept { return ids_[i]; }
    [[nodiscard]] const std::vector<syncline::cell>& operator[](std::size_t i) const noexcept { return rows_[i]; }

private:
    std::vector<id_text> parents_;
    std::vector<syncline::local_id> ids_;
    std::vector<std::vector<syncline::cell>> rows_;
};

}  // namespace benchmarks
