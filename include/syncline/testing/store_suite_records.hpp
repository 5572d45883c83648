/// The store suite's checks of the outbox and of what stands beside the rows: removed and parked rows, conflicts, meta.
#pragma once

#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <syncline/testing/store_suite_rows.hpp>

namespace syncline::testing::store_suite {

template <store S>
sequence append(S& store, int number, entry_state state = entry_state::queued) {
    outbox_entry entry = entry_for(labels, id_of('l', number));
    entry.state = state;
    const sequence seq = store.append_entry(entry);
    expect(entry.seq == seq, "append_entry did not set the entry's sequence");
    return seq;
}

template <store S>
void entries_read_back(S& store) {
    outbox_entry whole = entry_for(wides, local_id::trusted(std::string(40, 'w')), operation_kind::update);
    whole.state = entry_state::quarantined;
    whole.incarnation = 7;
    whole.base_version = row_version(std::numeric_limits<generation_number>::max(), std::numeric_limits<std::int64_t>::max());
    whole.behind = 3;
    whole.group = std::numeric_limits<std::int64_t>::min();
    whole.attempts = 4;
    whole.not_before_ms = 1'700'000'000'000;
    whole.reason = error_code::conflict_rule;
    whole.reason_text = "it's \"refused\"";
    whole.contained = true;
    whole.base = std::string("\0base\xFF", 6);
    whole.frozen = std::string("\0frozen\xFF", 8);
    whole.created = std::string("\0created\xFF", 9);
    whole.closes = operation_kind::update;
    whole.digest = std::numeric_limits<std::uint64_t>::max();
    expect(whole.mask == ~column_mask{0}, "the suite's widest table has 64 columns");
    {
        auto tx = store.begin_write();
        outbox_entry none;
        expect(!store.find_entry(1, none), "an entry was found in an empty outbox");
        append(store, 1);
        store.append_entry(whole);
        append(store, 2);
        tx.commit();
    }
    auto tx = store.begin_write();
    outbox_entry found;
    expect(store.find_entry(whole.seq, found) && text_of(found) == text_of(whole), "an entry came back changed");
    const sequence seq = whole.seq;
    whole = entry_for(labels, id_of('l', 3));
    whole.seq = seq;
    store.put_entry(whole);
    expect(store.find_entry(whole.seq, found) && text_of(found) == text_of(whole), "a replaced entry came back changed");
    expect(store.count_entries() == 3, "the outbox counts its entries wrongly");
    store.erase_entry(whole.seq);
    expect(!store.find_entry(whole.seq, found) && store.count_entries() == 2, "an erased entry is still there");
    expect(throws_store_error([&] {
               auto inner = store.begin_write();
               store.put_entry(whole);
               inner.commit();
           }),
           "an entry that is not there was replaced");
    expect(store.count_entries() == 2, "a refused entry left something behind");
    tx.commit();
}

template <store S>
void entries_are_in_the_order_of_sequences(S& store) {
    auto tx = store.begin_write();
    expect(store.first_open_sequence() == 1 && store.count_entries() == 0, "an empty store's first sequence is not 1");
    for (int i = 0; i < 5; ++i) append(store, i);
    const auto sequences = [&] {
        std::vector<sequence> found;
        store.scan_entries([&](const outbox_entry& entry) { found.push_back(entry.seq); });
        return found;
    };
    expect(sequences() == std::vector<sequence>{1, 2, 3, 4, 5}, "sequences do not count from 1 in the order of appending");
    store.erase_entry(1);
    store.erase_entry(3);
    expect(sequences() == std::vector<sequence>{2, 4, 5}, "entries are not scanned in the order of sequences");
    expect(store.first_open_sequence() == 2, "the first open sequence is not the smallest in the outbox");
    const auto set_aside = [&](sequence seq) {
        outbox_entry entry;
        expect(store.find_entry(seq, entry), "an entry is not found by its sequence");
        entry.state = entry_state::quarantined;
        store.put_entry(entry);
    };
    set_aside(2);
    expect(store.first_open_sequence() == 4, "an entry that was set aside holds the first open sequence");
    set_aside(5);
    store.erase_entry(4);
    expect(store.first_open_sequence() == 6, "the first open sequence of an outbox in which all was set aside is not the next one assigned");
    expect(append(store, 5) == 6 && store.first_open_sequence() == 6, "an entry behind those that were set aside is not the first open one");
    tx.commit();
}

template <store S>
void several_entries_are_erased(S& store) {
    auto tx = store.begin_write();
    expect(store.newest_sequence() == 0, "an empty outbox has a newest sequence");
    for (int i = 0; i < 12; ++i) append(store, i);
    expect(store.newest_sequence() == 12, "the newest sequence is not the greatest in the outbox");
    store.erase_entries(std::array<sequence, 8>{8, 2, 99, 12, 4, 3, 9, 2});
    store.erase_entries({});
    std::string left;
    store.scan_entries([&](const outbox_entry& entry) { left += std::to_string(entry.seq) + " "; });
    expect(left == "1 5 6 7 10 11 ", "other entries were erased than the ones given");
    expect(store.count_entries() == 6 && store.newest_sequence() == 11, "the outbox counts entries that were erased together");
    expect(append(store, 1) == 13, "the sequence of an entry erased with others is assigned again, or one was skipped");
    store.erase_entries(std::array<sequence, 7>{1, 5, 6, 7, 10, 11, 13});
    expect(store.count_entries() == 0 && store.newest_sequence() == 0 && store.first_open_sequence() == 14,
           "an outbox whose entries were erased together is not empty");
    tx.commit();
}

template <store S>
void only_queued_entries_are_marked(S& store) {
    auto tx = store.begin_write();
    for (int i = 0; i < 6; ++i) append(store, i, i == 3 ? entry_state::quarantined : entry_state::queued);
    const std::array<sequence, 4> sent{6, 4, 1, 2};
    store.mark_in_flight(sent);
    store.mark_in_flight({});
    std::string states;
    store.scan_entries([&](const outbox_entry& entry) { states += std::to_string(static_cast<int>(entry.state)); });
    expect(states == "110201", "mark_in_flight marked other entries than the queued ones it was given");
    tx.commit();
}

template <store S>
void sent_sequences_are_never_reused(S& store) {
    const auto erase_all = [&] {
        std::vector<sequence> all;
        store.scan_entries([&](const outbox_entry& entry) { all.push_back(entry.seq); });
        for (const sequence seq : all) store.erase_entry(seq);
    };
    sequence greatest_sent = 0;
    const auto expect_fresh = [&](const std::string& when) {
        // What a store remembers beside its data is of no use after a roll-back.
        { const auto undone = store.begin_write(); }
        auto tx = store.begin_write();
        const bool empty = store.count_entries() == 0;
        const sequence first_open = store.first_open_sequence();
        const sequence next = append(store, 1);
        expect(next > greatest_sent, "a sequence that was sent is assigned again " + when);
        expect(!empty || next == first_open, "an empty outbox's first open sequence is not the next one assigned " + when);
        tx.commit();
    };
    for (const bool in_one : {true, false}) {
        auto tx = store.begin_write();
        append(store, 1);
        greatest_sent = append(store, 2);
        append(store, 3);
        if (!in_one) {
            tx.commit();
            auto sending = store.begin_write();
            store.mark_in_flight(std::array{greatest_sent});
            sending.commit();
            auto settling = store.begin_write();
            erase_all();
            settling.commit();
        } else {
            store.mark_in_flight(std::array{greatest_sent});
            erase_all();
            tx.commit();
        }
        expect_fresh("after the outbox is empty");
    }
    {
        auto tx = store.begin_write();
        outbox_entry entry;
        greatest_sent = append(store, 4);
        expect(store.find_entry(greatest_sent, entry), "an appended entry is not there");
        entry.state = entry_state::in_flight;
        store.put_entry(entry);
        erase_all();
        tx.commit();
    }
    expect_fresh("after an entry was put in flight by hand");
    {
        auto tx = store.begin_write();
        greatest_sent = append(store, 5, entry_state::in_flight);
        erase_all();
        tx.commit();
    }
    expect_fresh("after it was appended in flight");
    {
        auto undone = store.begin_write();
        for (int i = 0; i < 3; ++i) append(store, i);
    }
    expect_fresh("after a roll-back");
}

template <store S>
void rows_settle_with_their_newest_entry(S& store) {
    auto tx = store.begin_write();
    row_buffer row;
    const row_state settled = clean(remote_of('l', 1), 9);
    expect(!store.settle_row(labels, id_of('l', 1), 3, settled, {}), "a row that is not there was settled");
    for (const bool has_id : {false, true}) {
        row_state edited = dirty(3);
        if (has_id) edited.id = remote_of('l', 1);
        put_label(store, id_of('l', 1), "one", edited);
        put_label(store, id_of('l', 2), "two", dirty(3));
        expect(!store.settle_row(labels, id_of('l', 1), 2, settled, {}), "a row with a later edit was settled");
        expect(store.find_row(labels, id_of('l', 1), row) && text_of(row.state) == text_of(edited), "a row that was not settled changed");
        expect(store.settle_row(labels, id_of('l', 1), 3, settled, {}), "a row was not settled with its newest entry");
        expect(store.find_row(labels, id_of('l', 1), row) && row[0] == cell::text("one") && text_of(row.state) == text_of(settled),
               "a settled row is not the same row with another state");
        expect(store.local_of(labels, remote_of('l', 1)) == id_of('l', 1), "the server id of a settled row does not lead to it");
        expect(store.find_row(labels, id_of('l', 2), row) && text_of(row.state) == text_of(dirty(3)), "settling a row settled another");
        put_label(store, id_of('l', 1), "one", edited);
        const std::array merged{cell::text("merged")};
        expect(!store.settle_row(labels, id_of('l', 1), 2, settled, merged) && store.find_row(labels, id_of('l', 1), row) && row[0] == cell::text("one"),
               "a row with a later edit took the server's values");
        expect(store.settle_row(labels, id_of('l', 1), 3, settled, merged) && store.find_row(labels, id_of('l', 1), row) && row[0] == cell::text("merged") &&
                   text_of(row.state) == text_of(settled),
               "a row that settles did not take the server's values");
    }
    tx.commit();
}

template <store S>
void removed_rows_keep_every_life(S& store) {
    auto tx = store.begin_write();
    removed_row second = removed_of(id_of('n', 1), 5);
    second.state = dirty(4);
    second.unsent_create = true;
    second.base = std::string("\0base", 5);
    const std::array rows{second, removed_of(id_of('n', 1), 2), removed_of(id_of('n', 2), 5)};
    for (const removed_row& row : rows) store.put_removed(row);
    const auto of = [&](int number) {
        std::vector<std::string> found;
        store.scan_removed_of(notes, id_of('n', number), [&](const removed_row& row) { found.push_back(text_of(row)); });
        return found;
    };
    const auto taken_by = [&](sequence root) {
        std::vector<std::string> found;
        store.scan_removed_by(root, [&](const removed_row& row) { found.push_back(text_of(row)); });
        return found;
    };
    expect(of(1) == std::vector{text_of(rows[1]), text_of(rows[0])}, "the lives of a removed row are not all there, oldest first");
    expect(of(2) == std::vector{text_of(rows[2])} && of(3).empty(), "a row has other rows' lives");
    expect(taken_by(5) == std::vector{text_of(rows[0]), text_of(rows[2])} && taken_by(4).empty(), "a removal shows other rows than it took");
    expect(store.count_removed() == 3, "removed rows are counted wrongly");
    expect(store.removal_after(0) == 2 && store.removal_after(2) == 5 && store.removal_after(5) == 0, "the removals of removed rows are not all there, in order");
    removed_row changed = rows[1];
    changed.image = "changed";
    store.put_removed(changed);
    expect(store.count_removed() == 3 && of(1).front() == text_of(changed), "a removed row was not replaced");
    store.erase_removed(notes, id_of('n', 1), 5);
    store.erase_removed(notes, id_of('n', 1), 9);
    expect(of(1) == std::vector{text_of(changed)} && taken_by(5) == std::vector{text_of(rows[2])} && store.count_removed() == 2,
           "erasing one life erased another");
    tx.commit();
}

template <store S>
void parked_rows_are_replaced(S& store) {
    auto tx = store.begin_write();
    store.put_parked(parked_of(id_of('n', 2), 1));
    store.put_parked(parked_of(id_of('n', 1), 2));
    parked_row newer = parked_of(id_of('n', 2), 8);
    newer.removed = true;
    newer.incarnation = 3;
    newer.image.clear();
    store.put_parked(newer);
    const auto parked = [&] {
        std::vector<std::string> found;
        store.scan_parked([&](const parked_row& row) { found.push_back(text_of(row)); });
        return found;
    };
    expect(parked() == std::vector{text_of(parked_of(id_of('n', 1), 2)), text_of(newer)}, "parked rows are not all there, each once");
    store.erase_parked(notes, id_of('n', 1));
    store.erase_parked(notes, id_of('n', 7));
    expect(parked() == std::vector{text_of(newer)}, "erasing a parked row erased another");
    tx.commit();
}

template <store S>
void conflicts_are_numbered(S& store) {
    auto tx = store.begin_write();
    std::vector<std::string> expected;
    std::int64_t last = 0;
    for (int i = 0; i < 3; ++i) {
        conflict_record record = conflict_of(id_of('n', i));
        record.mine_won = i == 1;
        const std::int64_t number = store.add_conflict(record);
        expect(number > last && record.number == number, "conflicts are not numbered upwards");
        expected.push_back(text_of(record));
        last = number;
    }
    const auto conflicts = [&] {
        std::vector<std::string> found;
        store.scan_conflicts([&](const conflict_record& record) { found.push_back(text_of(record)); });
        return found;
    };
    expect(conflicts() == expected, "conflict records came back changed or not oldest first");
    store.erase_conflict(last);
    expected.pop_back();
    expect(conflicts() == expected, "an erased conflict record is still there");
    conflict_record again = conflict_of(id_of('n', 4));
    expect(store.add_conflict(again) > last, "the number of an erased conflict record names another one");
    tx.commit();
}

template <store S>
void meta_values_read_back(S& store) {
    auto tx = store.begin_write();
    expect(!store.find_meta("cursor"), "a value was found in an empty store");
    const std::string bytes("\0a value\xFF", 9);
    store.put_meta("cursor", bytes);
    store.put_meta("it's \"device\"", "");
    expect(store.find_meta("cursor") == bytes && store.find_meta("it's \"device\"") == "", "a value came back changed");
    store.put_meta("cursor", "another");
    expect(store.find_meta("cursor") == "another", "a value was not replaced");
    expect(!store.find_meta("Cursor") && !store.find_meta(""), "a value was found under another name");
    tx.commit();
}

}  // namespace syncline::testing::store_suite
