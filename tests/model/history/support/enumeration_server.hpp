/// A server of one row of two integer columns, written from the promises and not from the library's server.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

namespace syncline::tests::enumeration {

/// What the enumeration found to be otherwise than promised.
struct broken_promise : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void promise(bool kept, const char* what) {
    if (!kept) throw broken_promise(what);
}

inline constexpr int column_count = 2;
using values = std::array<int, column_count>;
/// A column of `values` is in the set if its bit is.
using columns = unsigned;
inline constexpr columns all_columns = 0b11;

[[nodiscard]] inline bool has(columns set, int column) { return (set >> column & 1u) != 0; }
[[nodiscard]] inline columns only(int column) { return 1u << column; }

/// How each column is merged.
struct rules {
    std::array<bool, column_count> counts{};  ///< true: edits add, false: the last edit decides
};

/// The row at the server.
struct server_state {
    bool known = false;  ///< false: there never was such a row
    bool removed = false;
    values now{};
    int version = 0;
    int incarnation = 0;
    int origin = 0;  ///< the device's operation that made it exactly what it is, 0 if there is none

    [[nodiscard]] bool lives() const { return known && !removed; }
    friend bool operator==(const server_state&, const server_state&) = default;
};

enum class deed : std::uint8_t { create, update, remove, close };

/// One operation as it reaches the server.
struct request {
    deed what = deed::create;
    int seq = 0;
    std::uint64_t digest = 0;
    int incarnation = 1;
    int base_version = 0;
    columns changed = 0;
    values after{};
    columns before_known = 0;  ///< of a create: the columns that were edited before it was sent
    values before{};
};

enum class outcome : std::uint8_t { applied, merged, gone, waits, rejected, settled, closed };

/// A verdict on its way, or kept.
struct answer {
    int seq = 0;
    std::uint64_t digest = 0;
    outcome what = outcome::rejected;
    bool permanent = true;
    int version = 0;
    int incarnation = 1;
    bool tells_row = false;
    server_state row;  ///< if it is told
    columns overwritten = 0;
    values lost{};
    columns kept = 0;
    // Not told to the device.
    bool taken = false;  ///< the row contains the operation
    int taken_at = 0;    ///< the version that it made
    int taken_in = 0;    ///< the incarnation that it changed
    server_state at_answer;
};

/// What the server knows of the device is which operations it has answered.
class server {
public:
    server_state row;
    int clock = 0;
    std::map<int, answer> answered;

    /// Answers a new operation or repeats what it answered before, with the row as it is now.
    answer take(const request& asked, const rules& how) {
        answer told = decide(asked, how);
        told.at_answer = row;
        return told;
    }
    /// Refuses an operation that was not answered before, for good.
    answer refuse(const request& asked) { return answered.emplace(asked.seq, plain(asked, outcome::rejected)).first->second; }
    /// Closes a sequence that was not answered before.
    answer close(const request& asked) { return answered.emplace(asked.seq, plain(asked, outcome::closed)).first->second; }

    [[nodiscard]] static answer plain(const request& asked, outcome what) {
        answer told;
        told.seq = asked.seq;
        told.digest = asked.digest;
        told.incarnation = asked.incarnation;
        told.what = what;
        return told;
    }

    /// Another device writes.
    void write(int column, int value) {
        server_state next = row;
        next.now[static_cast<std::size_t>(column)] = value;
        become(next, 0);
    }
    void bury(int origin = 0) {
        server_state next = row;
        next.removed = true;
        next.now = {};
        become(next, origin);
    }
    void begin_life(const values& made, int origin = 0) {
        server_state next = row;
        next.known = true;
        next.removed = false;
        next.now = made;
        ++next.incarnation;
        become(next, origin);
    }

private:
    [[nodiscard]] answer decide(const request& asked, const rules& how) {
        const auto before = answered.find(asked.seq);
        if (before != answered.end()) return repeat(before->second, asked);
        answer told;
        told.seq = asked.seq;
        told.digest = asked.digest;
        told.incarnation = asked.incarnation;
        switch (asked.what) {
            case deed::create: create(asked, how, told); break;
            case deed::update: update(asked, how, told); break;
            case deed::remove: remove(asked, told); break;
            case deed::close: told.what = outcome::closed; break;
        }
        answered.emplace(asked.seq, told);
        return told;
    }

    void become(const server_state& next, int origin) {
        row = next;
        row.version = ++clock;
        row.origin = origin;
    }

    [[nodiscard]] answer repeat(const answer& stored, const request& asked) const {
        promise(stored.digest == asked.digest, "a sequence carries other content than before");
        answer told = stored;
        if (told.what == outcome::rejected || told.what == outcome::closed) return told;
        told.version = row.version;
        told.incarnation = row.incarnation;
        told.tells_row = !(told.what == outcome::applied && row.origin == asked.seq);
        if (told.tells_row) told.row = row;
        return told;
    }

    void describe(answer& told) const {
        told.version = row.version;
        told.incarnation = row.incarnation;
    }

    void note_taken(answer& told) const {
        told.taken = true;
        told.taken_at = row.version;
        told.taken_in = row.incarnation;
        describe(told);
    }

    /// A create that meets the living row is an edit of it, with an unknown value before: the row keeps its values, except in what was edited
    /// since the create.
    void create(const request& asked, const rules& how, answer& told) {
        if (!row.lives()) {
            begin_life(asked.after, asked.seq);
            told.what = outcome::applied;
            return note_taken(told);
        }
        values next = row.now;
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (!has(asked.before_known, c)) {
                if (asked.after[i] != row.now[i]) told.kept |= only(c);
                continue;
            }
            edit_column(asked.before[i], asked.after[i], how.counts[i], c, next, told);
        }
        store(next, 0, told);
        told.what = outcome::merged;
        told.tells_row = true;
        told.row = row;
    }

    void update(const request& asked, const rules& how, answer& told) {
        if (!row.known) {
            told.what = outcome::rejected;
            return;
        }
        if (row.removed || asked.incarnation < row.incarnation) {
            told.what = outcome::gone;
            return describe(told);
        }
        promise(asked.incarnation == row.incarnation, "an edit names an incarnation that is still to come");
        values next = row.now;
        bool exact = row.version == asked.base_version;
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (!has(asked.changed, c)) continue;
            promise(has(asked.before_known, c), "an edit does not say what it changed");
            edit_column(asked.before[i], asked.after[i], how.counts[i], c, next, told);
            exact = exact && next[i] == asked.after[i];
        }
        store(next, exact ? asked.seq : 0, told);
        told.what = exact ? outcome::applied : outcome::merged;
        if (exact) return;
        told.tells_row = true;
        told.row = row;
    }

    void remove(const request& asked, answer& told) {
        if (!row.lives() || asked.incarnation < row.incarnation) {
            told.what = outcome::gone;
            return describe(told);
        }
        promise(asked.incarnation == row.incarnation, "a removal names an incarnation that is still to come");
        bury(asked.seq);
        told.what = outcome::applied;
        note_taken(told);
    }

    void edit_column(int before, int after, bool counts, int column, values& next, answer& told) const {
        const auto i = static_cast<std::size_t>(column);
        const int theirs = row.now[i];
        next[i] = counts ? theirs + after - before : after;
        if (counts || theirs == before || theirs == after) return;
        told.overwritten |= only(column);
        told.lost[i] = theirs;
    }

    void store(const values& next, int origin, answer& told) {
        if (next != row.now) {
            server_state changed = row;
            changed.now = next;
            become(changed, origin);
        }
        note_taken(told);
    }
};

}  // namespace syncline::tests::enumeration
