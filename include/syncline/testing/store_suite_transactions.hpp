/// The store suite's checks of transactions: roll-back of every kind of write, nesting, and threads.
#pragma once

#include <array>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <syncline/testing/store_suite_creation.hpp>

namespace syncline::testing::store_suite {

/// One kind of write, to be tried on what `fill` wrote.
template <store S>
struct write_kind {
    std::string_view name;
    void (*run)(S& store);
};

template <store S>
[[nodiscard]] std::span<const write_kind<S>> write_kinds() {
    static constexpr write_kind<S> kinds[] = {
        {"a new row", [](S& s) { s.put_row(notes, id_of('n', 6), note(id_of('f', 1), "new", 6, id_of('l', 1)), clean(remote_of('n', 6), 8)); }},
        {"a created row", [](S& s) { create_label(s, 4, "created"); }},
        {"a replaced row", [](S& s) { s.put_row(notes, id_of('n', 2), note(id_of('f', 2), "moved"), dirty(7)); }},
        {"a new clean row", [](S& s) { s.put_clean_row(folders, id_of('f', 3), std::array{cell::text("new"), cell()}, clean(remote_of('f', 3), 9)); }},
        {"a newer clean row", [](S& s) { s.put_clean_row(labels, id_of('l', 1), std::array{cell::text("newer")}, clean(remote_of('l', 2), 9)); }},
        {"a changed state", [](S& s) { s.put_state(notes, id_of('n', 2), clean(remote_of('n', 5), 11)); }},
        {"a settled row", [](S& s) { s.settle_row(notes, id_of('n', 1), 2, clean(remote_of('n', 1), 9), {}); }},
        {"an erased row", [](S& s) { s.erase_row(notes, id_of('n', 1)); }},
        {"an appended entry", [](S& s) { append(s, 5); }},
        {"a replaced entry", [](S& s) {
             outbox_entry entry = entry_for(notes, id_of('n', 6), operation_kind::remove);
             entry.seq = 4;
             entry.state = entry_state::quarantined;
             s.put_entry(entry);
         }},
        {"an erased entry", [](S& s) { s.erase_entry(4); }},
        {"an erased entry in the middle", [](S& s) { s.erase_entry(2); }},
        {"entries erased together", [](S& s) { s.erase_entries(std::array<sequence, 3>{4, 1, 3}); }},
        {"entries in flight", [](S& s) { s.mark_in_flight(std::array<sequence, 3>{1, 3, 4}); }},
        {"a new removed row", [](S& s) { s.put_removed(removed_of(id_of('n', 3), 7)); }},
        {"an erased removed row", [](S& s) { s.erase_removed(notes, id_of('n', 3), 3); }},
        {"a new parked row", [](S& s) { s.put_parked(parked_of(id_of('n', 6), 2)); }},
        {"a replaced parked row", [](S& s) { s.put_parked(parked_of(id_of('n', 5), 9)); }},
        {"an erased parked row", [](S& s) { s.erase_parked(notes, id_of('n', 5)); }},
        {"a new conflict record", [](S& s) {
             conflict_record record = conflict_of(id_of('n', 2));
             s.add_conflict(record);
         }},
        {"an erased conflict record", [](S& s) { s.erase_conflict(1); }},
        {"a new value in meta", [](S& s) { s.put_meta("new", "value"); }},
        {"a replaced value in meta", [](S& s) { s.put_meta("cursor", "another"); }},
    };
    return kinds;
}

template <store S>
void roll_back_leaves_nothing(S& store) {
    fill(store);
    const std::string before = content_of(store);
    for (const write_kind<S>& kind : write_kinds<S>()) {
        {
            auto tx = store.begin_write();
            kind.run(store);
            kind.run(store);
        }
        expect(content_of(store) == before, "a roll-back did not undo " + std::string(kind.name));
    }
    {
        auto tx = store.begin_write();
        for (const write_kind<S>& kind : write_kinds<S>()) kind.run(store);
        expect(content_of(store) != before, "a transaction does not see its own writes");
    }
    expect(content_of(store) == before, "a roll-back did not undo all writes together");
}

template <store S>
void inner_roll_back_undoes_its_part(S& store) {
    fill(store);
    auto outer = store.begin_write();
    put_label(store, id_of('l', 2), "of the outer transaction");
    append(store, 2);
    const std::string before = content_of(store);
    for (const write_kind<S>& kind : write_kinds<S>()) {
        {
            auto inner = store.begin_write();
            kind.run(store);
            {
                auto innermost = store.begin_write();
                put_label(store, id_of('l', 3), "of the innermost transaction");
                innermost.commit();
            }
        }
        expect(content_of(store) == before, "the roll-back of an inner transaction did not undo exactly " + std::string(kind.name));
    }
    outer.commit();
    expect(content_of(store) == before, "a commit lost writes after the roll-back of an inner transaction");
}

template <store S>
void outer_roll_back_undoes_inner_commits(S& store) {
    fill(store);
    const std::string before = content_of(store);
    for (const write_kind<S>& kind : write_kinds<S>()) {
        {
            auto outer = store.begin_write();
            {
                auto inner = store.begin_write();
                kind.run(store);
                inner.commit();
            }
            put_label(store, id_of('l', 2), "between");
            {
                auto undone = store.begin_write();
                kind.run(store);
            }
        }
        expect(content_of(store) == before, "an outer roll-back kept an inner transaction's " + std::string(kind.name));
    }
}

template <store S>
void commits_last(S& store) {
    fill(store);
    auto tx = store.begin_write();
    bool nested = false;
    for (const write_kind<S>& kind : write_kinds<S>()) {
        nested = !nested;
        if (!nested) {
            kind.run(store);
            continue;
        }
        auto inner = store.begin_write();
        kind.run(store);
        auto moved = std::move(inner);
        moved.commit();
    }
    const std::string within = content_of(store);
    tx.commit();
    expect(content_of(store) == within, "a commit changed what the transaction saw");
}

template <store S>
void an_exception_rolls_back(S& store) {
    fill(store);
    const std::string before = content_of(store);
    bool caught = false;
    try {
        auto tx = store.begin_write();
        put_label(store, id_of('l', 6), "new");
        store.scan_rows(notes, [](const local_id&, const row_buffer&) { throw store_suite_failure("thrown by a visitor"); });
        tx.commit();
    } catch (const store_suite_failure&) {
        caught = true;
    }
    expect(caught, "a visitor's exception did not arrive");
    expect(content_of(store) == before, "an exception left something behind");
    auto tx = store.begin_write();
    put_label(store, id_of('l', 6), "after it");
    tx.commit();
}

/// Runs `act` in two threads at once and rethrows what one of them threw.
template <class Act>
void in_two_threads(Act&& act) {
    std::array<std::exception_ptr, 2> failures;
    const auto guarded = [&](std::size_t which) {
        try {
            act(which);
        } catch (...) {
            failures[which] = std::current_exception();
        }
    };
    std::thread other([&] { guarded(1); });
    guarded(0);
    other.join();
    for (const std::exception_ptr& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

/// Two threads move stars from note to note, at each step reading first; the sum must stay, and every step must count.
template <store S, class StoreOf>
void move_stars(S& store, StoreOf&& store_of) {
    constexpr int steps = 100;
    {
        auto tx = store.begin_write();
        put_folder(store, id_of('f', 1), "folder");
        store.put_row(notes, id_of('n', 0), note(id_of('f', 1), "giver", 2 * steps), {});
        store.put_row(notes, id_of('n', 1), note(id_of('f', 1), "taker", 0), {});
        tx.commit();
    }
    const auto stars = [](auto& of, int number) {
        row_buffer row;
        expect(of.find_row(notes, id_of('n', number), row), "a row is missing while two threads write");
        return row[note_stars].as_integer();
    };
    in_two_threads([&](std::size_t which) {
        auto& own = store_of(which);
        for (int step = 0; step < steps; ++step) {
            {
                auto tx = own.begin_write();
                const std::int64_t giver = stars(own, 0);
                const std::int64_t taker = stars(own, 1);
                expect(giver + taker == 2 * steps, "a writer sees half of another's transaction");
                own.put_row(notes, id_of('n', 0), note(id_of('f', 1), "giver", giver - 1), {});
                append(own, 1);
                own.put_row(notes, id_of('n', 1), note(id_of('f', 1), "taker", taker + 1), {});
                tx.commit();
            }
            const auto tx = own.begin_read();
            const std::int64_t giver = stars(own, 0);
            expect(giver + stars(own, 1) == 2 * steps, "a reader sees half of another's transaction");
            expect(own.count_entries() == static_cast<std::size_t>(2 * steps - giver), "a reader counts entries of another state");
        }
    });
    const auto tx = store.begin_read();
    expect(stars(store, 1) == 2 * steps && store.count_entries() == std::size_t{2 * steps} && store.first_open_sequence() == 1,
           "a write of two threads was lost");
}

template <store S>
void threads_take_turns(S& store) {
    move_stars(store, [&](std::size_t) -> S& { return store; });
}

template <store S>
void transactions_are_known(S& store) {
    expect(!store.in_transaction(), "a new store is inside a transaction");
    {
        auto outer = store.begin_write();
        expect(store.in_transaction(), "a transaction that writes is not known");
        {
            auto inner = store.begin_write();
            expect(store.in_transaction(), "an inner transaction is not known");
            inner.commit();
        }
        expect(store.in_transaction(), "the end of an inner transaction ended the outer one");
        outer.commit();
    }
    expect(!store.in_transaction(), "a commit does not end a transaction");
    {
        const auto reading = store.begin_read();
        expect(store.in_transaction(), "a transaction that reads is not known");
    }
    expect(!store.in_transaction(), "a roll-back does not end a transaction");
    in_two_threads([&](std::size_t which) {
        for (int step = 0; step < 200; ++step) {
            if (which == 1) {
                expect(!store.in_transaction(), "the transaction of another thread is not waited for");
                continue;
            }
            auto tx = store.begin_write();
            append(store, 1);
            tx.commit();
        }
    });
}

template <store S>
void flushes_change_nothing(S& store) {
    store.flush();
    fill(store);
    const std::string before = content_of(store);
    store.flush();
    store.flush();
    expect(content_of(store) == before, "a flush changed what is stored");
    const auto expect_refused = [&](std::string_view kind) {
        const bool refused = throws_store_error([&] { store.flush(); });
        expect(refused, "a flush was not refused in a transaction that " + std::string(kind));
    };
    {
        const auto reading = store.begin_read();
        expect_refused("reads");
    }
    {
        auto tx = store.begin_write();
        append(store, 1);
        expect_refused("writes");
        tx.commit();
    }
    expect(content_of(store) != before, "a refused flush ended a transaction");
    store.flush();
}

}  // namespace syncline::testing::store_suite
