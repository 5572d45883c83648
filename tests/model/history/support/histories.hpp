/// Histories of one row in few words, and what became of them as one line of text, so that a decision table is data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/model/history/row_history.hpp>

namespace history_tests {

using namespace syncline;

inline constexpr int notes = 1;
/// The version with this number, none for 0.
[[nodiscard]] constexpr row_version at_version(std::int64_t number) noexcept {
    return number == 0 ? row_version() : row_version(first_generation, number);
}

inline constexpr column_mask title = 1, count = 2, above = 4, whole = 7;

/// A text, a counter, and a nullable key to a row of the same table, which owns this one.
inline constexpr std::array<column_view, 3> columns{{
    {.name = "title"},
    {.name = "count", .kind = column_kind::integer, .policy = merge_policy::counter, .least = -1'000, .greatest = 1'000},
    {.name = "above", .kind = column_kind::key, .nullable = true, .target = notes, .owning = true, .on_remove = removal_policy::cascade},
}};

/// The same with a key to another table, deferred to cut a cycle.
inline constexpr std::array<column_view, 3> columns_of_a_cycle{{
    columns[0],
    columns[1],
    {.name = "above", .kind = column_kind::key, .nullable = true, .target = 0, .deferred = true, .on_remove = removal_policy::set_null},
}};

[[nodiscard]] constexpr table_view make_table(create_conflict_policy policy, bool in_cycle = false) {
    table_view table{};
    table.entity = "note";
    table.columns = in_cycle ? columns_of_a_cycle : columns;
    table.self_referencing = !in_cycle;
    table.keys = above;
    table.deferred_keys = in_cycle ? above : 0;
    table.create_policy = policy;
    return table;
}

inline constexpr table_view theirs_wins = make_table(create_conflict_policy::theirs_wins);
inline constexpr table_view mine_wins = make_table(create_conflict_policy::mine_wins);
inline constexpr table_view merging = make_table(create_conflict_policy::merge);
inline constexpr table_view refusing = make_table(create_conflict_policy::refuse);
inline constexpr table_view in_cycle = make_table(create_conflict_policy::theirs_wins, true);

/// The values of one row.
struct note {
    std::string_view title;
    std::int64_t count = 0;
    std::string_view above = {};  ///< empty: null

    [[nodiscard]] std::vector<cell> values() const {
        return {cell::text(title), cell::integer(count), above.empty() ? cell() : cell::local_key(above)};
    }
    [[nodiscard]] std::string image(column_mask mask) const { return make_image(values(), mask); }
};

/// One edit. It is queued until it is said to be something else.
struct edit {
    outbox_entry entry;

    [[nodiscard]] edit at(sequence seq) const { return with([&](outbox_entry& one) { one.seq = seq; }); }
    [[nodiscard]] edit behind(sequence seq) const { return with([&](outbox_entry& one) { one.behind = seq; }); }
    [[nodiscard]] edit life(incarnation_number number) const { return with([&](outbox_entry& one) { one.incarnation = number; }); }
    [[nodiscard]] edit in_group(std::int64_t group) const { return with([&](outbox_entry& one) { one.group = group; }); }
    [[nodiscard]] edit tried(int attempts) const { return with([&](outbox_entry& one) { one.attempts = attempts; }); }
    [[nodiscard]] edit contained() const { return with([&](outbox_entry& one) { one.contained = true; }); }
    [[nodiscard]] edit in_flight(sequence seq) const {
        return with([&](outbox_entry& one) { one.seq = seq, one.state = entry_state::in_flight; });
    }
    [[nodiscard]] edit set_aside(sequence seq, error_code reason = error_code::rejected) const {
        return with([&](outbox_entry& one) { one.seq = seq, one.state = entry_state::quarantined, one.reason = reason; });
    }
    /// Of a void: what was closed is set aside for this reason if the server has not taken it.
    [[nodiscard]] edit because(error_code reason, std::string text = {}) const {
        return with([&](outbox_entry& one) { one.reason = reason, one.reason_text = std::move(text); });
    }
    /// What was sent, with the values before.
    [[nodiscard]] edit sent(const note& after, const note& before, std::int64_t from) const {
        return with([&](outbox_entry& one) {
            one.frozen = after.image(one.mask) + before.image(one.mask);
            one.base_version = at_version(from);
        });
    }
    /// What was sent of a create.
    [[nodiscard]] edit sent(const note& after) const {
        return with([&](outbox_entry& one) { one.frozen = after.image(one.mask) + note().image(0); });
    }
    /// What the columns of a create were made with that were edited since.
    [[nodiscard]] edit made(const note& values, column_mask edited) const {
        return with([&](outbox_entry& one) { one.created = values.image(edited); });
    }

private:
    template <class F>
    [[nodiscard]] edit with(F&& change) const {
        edit copy = *this;
        change(copy.entry);
        return copy;
    }
};

[[nodiscard]] inline edit make_edit(operation_kind kind, column_mask mask) {
    edit made;
    made.entry.table = notes;
    made.entry.id = local_id::trusted("n");
    made.entry.kind = kind;
    made.entry.mask = mask;
    return made;
}
[[nodiscard]] inline edit create() { return make_edit(operation_kind::create, whole); }
[[nodiscard]] inline edit update(column_mask mask) { return make_edit(operation_kind::update, mask); }
/// The void of what was sent under this sequence.
[[nodiscard]] inline edit close(const edit& closed, sequence seq) {
    edit made = closed.in_flight(seq);
    made.entry.closes = made.entry.kind;
    made.entry.kind = operation_kind::close;
    return made;
}

/// A history, as a value.
struct row {
    note shown;
    std::optional<note> base = {};
    std::int64_t version = 4;
    std::vector<edit> edits = {};
    bool visible = true;
    sequence removed_by = 0;
    std::string_view remote = "R";
    incarnation_number life = 1;
    const table_view* table = &theirs_wins;

    [[nodiscard]] row_history history() const {
        row_history made;
        made.table = table;
        made.table_index = notes;
        made.id = local_id::trusted("n");
        made.visible = visible;
        made.removed_by = removed_by;
        made.remote = server_id::trusted(remote);
        made.incarnation = life;
        made.version = at_version(version);
        made.shown = made.keep(shown.values());
        if (base) made.base = made.keep(base->values());
        for (const edit& one : edits) made.edits.push_back(one.entry);
        return made;
    }
};

/// Every key points at a visible row, and none does.
inline constexpr auto showable = [](cells) { return true; };
inline constexpr auto unshowable = [](cells) { return false; };
/// Only rows without this key can be shown.
[[nodiscard]] inline auto showable_without(std::string_view key) {
    return [key](cells values) { return values[2].is_null() || values[2].view() != key; };
}

[[nodiscard]] std::string text_of(cells values, column_mask mask = whole);
/// As "shows b 2 - | base a 1 - at 4 | update title #7 in flight": what is as in an untouched row of version 4 is left out.
[[nodiscard]] std::string text_of(const row_history& history);
[[nodiscard]] std::string text_of(const outbox_entry& entry);
/// Nothing if a transition wants nothing.
[[nodiscard]] std::string text_of(const row_effects& effects);
/// Both, the effects behind an arrow.
[[nodiscard]] std::string text_of(const row_history& history, const row_effects& effects);

}  // namespace history_tests
