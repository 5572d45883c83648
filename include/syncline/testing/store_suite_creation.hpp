/// The store suite's checks of creating rows: row and entry at once, keys that are still open, roll-backs between other writes.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <syncline/testing/store_suite_records.hpp>

namespace syncline::testing::store_suite {

template <store S>
bool create_label(S& store, int number, std::string_view order) {
    outbox_entry entry = entry_for(labels, id_of('l', number));
    const std::array values{cell::text(order)};
    return store.create_row(labels, id_of('l', number), values, clean(remote_of('l', number), 0), entry);
}

template <store S>
void rows_are_created_with_their_entries(S& store) {
    fill(store);
    auto tx = store.begin_write();
    const sequence last = store.newest_sequence();
    outbox_entry entry = entry_for(labels, id_of('l', 2));
    row_state state = clean(remote_of('l', 2), 3);
    state.incarnation = 2;
    const std::array values{cell::text("created")};
    expect(store.create_row(labels, id_of('l', 2), values, state, entry), "a row that is not there was not created");
    expect(entry.seq == last + 1 && store.newest_sequence() == entry.seq, "a created row's entry has not got the next sequence");
    state.pending = entry.seq;
    row_buffer row;
    expect(store.find_row(labels, id_of('l', 2), row) && row[0] == values[0] && text_of(row.state) == text_of(state),
           "a created row came back changed, or its entry is not its pending one");
    outbox_entry found;
    expect(store.find_entry(entry.seq, found) && text_of(found) == text_of(entry), "a created row's entry came back changed");
    tx.commit();
    const std::string before = content_of(store);
    auto again = store.begin_write();
    expect(!create_label(store, 1, "already there") && !create_label(store, 2, "already there"), "a row was created twice");
    again.commit();
    expect(content_of(store) == before, "a refused creation left something behind");
}

template <store S>
void open_keys_are_known(S& store) {
    auto tx = store.begin_write();
    expect(store.are_keys_closed(), "an empty store has a key that points at no row");
    store.put_row(notes, id_of('n', 1), note(id_of('f', 1), "before its folder"), {});
    expect(!store.are_keys_closed(), "a key that points at no row was overlooked");
    put_folder(store, id_of('f', 1), "after its note");
    expect(store.are_keys_closed(), "a key whose row came later counts as open");
    store.erase_row(folders, id_of('f', 1));
    expect(!store.are_keys_closed(), "a key whose row was erased was overlooked");
    {
        auto inner = store.begin_write();
        put_folder(store, id_of('f', 1), "to be undone");
    }
    expect(!store.are_keys_closed(), "a key whose row was undone was overlooked");
    store.put_row(notes, id_of('n', 1), note(id_of('f', 2), "moved"), {});
    expect(!store.are_keys_closed(), "a key that was moved to no row was overlooked");
    outbox_entry entry = entry_for(folders, id_of('f', 2));
    expect(store.create_row(folders, id_of('f', 2), std::array{cell::text("made"), cell::local_key("f-2")}, {}, entry) && store.are_keys_closed(),
           "a key whose row was created counts as open");
    store.erase_row(notes, id_of('n', 1));
    store.erase_row(folders, id_of('f', 2));
    expect(store.are_keys_closed(), "a key of an erased row counts as open");
    tx.commit();
}

template <store S>
void inner_roll_back_undoes_creations(S& store) {
    fill(store);
    const auto create_and = [&](int number, auto&& write) {
        auto inner = store.begin_write();
        expect(create_label(store, number, "in an inner transaction"), "a row was not created in an inner transaction");
        write();
        inner.commit();
    };
    const auto erase_again = [&] {
        store.erase_row(labels, id_of('l', 5));
        store.erase_row(labels, id_of('l', 3));
        expect(create_label(store, 5, "again"), "an erased row was not created again");
    };
    const auto nothing = [] {};
    auto outer = store.begin_write();
    create_and(3, nothing);
    const std::string before = content_of(store);
    for (const bool writes_before : {false, true}) {
        for (const bool writes_within : {false, true}) {
            for (const bool writes_after : {false, true}) {
                {
                    auto undone = store.begin_write();
                    if (writes_before) store.erase_row(labels, id_of('l', 3));
                    create_and(5, [&] {
                        if (writes_within) erase_again();
                    });
                    if (writes_after) erase_again();
                    create_and(6, nothing);
                }
                expect(content_of(store) == before, "the roll-back of an inner transaction did not undo what it created");
            }
        }
    }
    create_and(5, nothing);
    outer.commit();
    const auto tx = store.begin_read();
    expect(store.count_rows(labels) == 3 && store.count_entries() == 6, "a commit lost what was created in an inner transaction");
}

}  // namespace syncline::testing::store_suite
