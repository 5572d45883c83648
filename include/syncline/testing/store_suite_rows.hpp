/// The store suite's checks of rows: values, clean rows, server ids, scans, keys.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/testing/store_suite_world.hpp>

namespace syncline::testing::store_suite {

/// True when `act` throws store_error.
template <class Act>
[[nodiscard]] bool throws_store_error(Act&& act) {
    try {
        act();
    } catch (const store_error&) {
        return true;
    }
    return false;
}

template <store S>
[[nodiscard]] std::string row_of(S& store, int table, const local_id& id) {
    const auto tx = store.begin_read();
    row_buffer row;
    return store.find_row(table, id, row) ? text_of(row) : "(none)";
}

template <store S>
void expect_row(S& store, int table, const local_id& id, cells values, const row_state& state, const std::string& what) {
    const auto tx = store.begin_read();
    row_buffer row;
    expect(store.find_row(table, id, row), what + " was not found");
    expect(row.cells().size() == values.size(), what + " has another number of cells");
    for (std::size_t i = 0; i < values.size(); ++i)
        expect(row[i] == values[i], what + ": the value of " + std::string(schema[table].columns[i].name) + " came back changed");
    expect(text_of(row.state) == text_of(state), what + ": its state came back changed");
}

template <store S>
void rows_read_back(S& store) {
    using integers = std::numeric_limits<std::int64_t>;
    using reals = std::numeric_limits<double>;
    const std::string all_bytes = [] {
        std::string bytes;
        for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
        return bytes;
    }();
    const std::string long_text(100'000, 'x');
    const std::array<std::string_view, 6> texts{"", "it's a \"quote\"; -- DROP TABLE notes", "\xF0\x9F\x8F\x8B\xEF\xB8\x8F caf\xC3\xA9 \xE2\x80\xAE",
                                                "null", "12.50", long_text};
    const std::array<std::int64_t, 6> integer_values{0, 1, -1, integers::min(), integers::max(), std::int64_t{1} << 53};
    const std::array<double, 6> real_values{0.0, 3.0, 0.1, reals::denorm_min(), reals::max(), -reals::infinity()};
    const std::array<std::string_view, 6> bodies{"", std::string_view("\0", 1), all_bytes, "text", std::string_view("\0\0a\0", 4), "0"};
    const local_id folder = id_of('f', 1);
    {
        auto tx = store.begin_write();
        put_folder(store, folder, "folder");
        tx.commit();
    }
    std::vector<cell> values = note(folder, "");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        values[note_title] = cell::text(texts[i]);
        values[note_stars] = cell::integer(integer_values[i]);
        values[note_weight] = cell::real(real_values[i]);
        values[note_done] = cell::boolean(i % 2 == 1);
        values[note_body] = cell::bytes(bodies[i]);
        values[note_due] = cell::integer(integer_values[5 - i]);
        values[note_flags] = cell::text(texts[5 - i]);
        row_state state = clean(server_id::trusted(std::string(63, static_cast<char>('A' + i))), integer_values[i]);
        state.incarnation = std::numeric_limits<incarnation_number>::max();
        state.pending = integers::max();
        const local_id id = local_id::trusted(std::string(40, static_cast<char>('a' + i)));
        {
            auto tx = store.begin_write();
            store.put_row(notes, id, values, state);
            tx.commit();
        }
        expect_row(store, notes, id, values, state, "a row of unusual values");
    }
    values[note_weight] = values[note_body] = values[note_due] = cell();
    const local_id last = id_of('n', 1);
    auto tx = store.begin_write();
    store.put_row(notes, last, values, {});
    std::array<cell, columns_max> many;
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = i % 3 == 0 ? cell() : cell::integer(static_cast<std::int64_t>(i));
    store.put_row(wides, id_of('w', 1), many, {});
    tx.commit();
    expect_row(store, notes, last, values, {}, "a row with nulls");
    expect_row(store, wides, id_of('w', 1), many, {}, "a row of 64 columns");
}

template <store S>
void rows_are_replaced_and_erased(S& store) {
    auto tx = store.begin_write();
    row_buffer row;
    expect(!store.find_row(labels, id_of('l', 1), row), "a row was found in an empty store");
    put_label(store, id_of('l', 1), "one", dirty(3));
    put_label(store, id_of('l', 1), "two", clean(remote_of('l', 1), 7));
    expect(store.count_rows(labels) == 1, "a replaced row counts twice");
    expect(store.find_row(labels, id_of('l', 1), row) && row[0] == cell::text("two") && row.state.pending == 0 && row.state.version == version_of(7),
           "a replaced row is not the new one");
    store.put_state(labels, id_of('l', 1), dirty(4));
    expect(store.find_row(labels, id_of('l', 1), row) && row[0] == cell::text("two") && row.state.pending == 4 && row.state.id.empty(),
           "put_state did not change the state only");
    store.erase_row(labels, id_of('l', 1));
    expect(!store.find_row(labels, id_of('l', 1), row) && store.count_rows(labels) == 0, "an erased row is still there");
    store.erase_row(labels, id_of('l', 1));
    tx.commit();
    expect(row_of(store, labels, id_of('l', 1)) == "(none)", "an erased row came back");
}

template <store S>
void states_are_found_alone(S& store) {
    auto tx = store.begin_write();
    row_state found;
    expect(!store.find_state(labels, id_of('l', 1), found), "the state of a row was found in an empty store");
    row_state state = clean(remote_of('l', 1), 7);
    state.incarnation = 3;
    state.pending = 4;
    put_label(store, id_of('l', 1), "one", state);
    put_label(store, id_of('l', 2), "two");
    expect(store.find_state(labels, id_of('l', 1), found) && text_of(found) == text_of(state), "a state came back changed");
    expect(store.find_state(labels, id_of('l', 2), found) && text_of(found) == text_of(row_state{}), "a state kept something of another row's");
    expect(!store.find_state(folders, id_of('l', 1), found), "tables share rows");
    store.erase_row(labels, id_of('l', 1));
    expect(!store.find_state(labels, id_of('l', 1), found), "the state of an erased row is still there");
    tx.commit();
}

template <store S>
void clean_rows_yield_to_newer_ones(S& store) {
    const std::array first{cell::text("first")};
    const std::array second{cell::text("second")};
    const local_id id = id_of('l', 1);
    auto tx = store.begin_write();
    expect(store.put_clean_row(labels, id, first, clean(remote_of('l', 1), 5)) == clean_put::stored, "a new clean row was not taken");
    expect(store.put_clean_row(labels, id, second, clean(remote_of('l', 1), 5)) == clean_put::known, "a row of the same version was taken");
    expect(store.put_clean_row(labels, id, second, clean(remote_of('l', 1), 4)) == clean_put::known, "an older row was taken");
    row_buffer row;
    expect(store.find_row(labels, id, row) && row[0] == first[0] && row.state.version == version_of(5), "a refused row changed something");
    expect(store.put_clean_row(labels, id, second, clean(remote_of('l', 1), 6)) == clean_put::stored, "a newer row was not taken");
    expect(store.find_row(labels, id, row) && row[0] == second[0] && row.state.version == version_of(6), "a newer row is not there");
    expect(store.put_clean_row(labels, id, first, clean(remote_of('l', 1), row_version(2, 1))) == clean_put::stored, "a row of a later generation was not taken");
    expect(store.put_clean_row(labels, id, second, clean(remote_of('l', 1), 9)) == clean_put::known, "a row of an earlier generation was taken");
    expect(store.find_row(labels, id, row) && row[0] == first[0] && row.state.version == row_version(2, 1), "a generation came back changed");
    row.state.pending = 3;
    store.put_state(labels, id, row.state);
    expect(store.put_clean_row(labels, id, second, clean(remote_of('l', 1), row_version(2, 9))) == clean_put::edited, "a row with unsent edits was overwritten");
    expect(store.find_row(labels, id, row) && row[0] == first[0] && row.state.pending == 3 && row.state.version == row_version(2, 1),
           "a row with unsent edits was changed");
    tx.commit();
}

template <store S>
void server_ids_lead_to_rows(S& store) {
    auto tx = store.begin_write();
    expect(store.local_of(labels, remote_of('x', 1)).empty(), "an unknown server id leads to a row");
    expect(store.local_of(labels, {}).empty(), "an empty server id leads to a row");
    put_label(store, id_of('l', 1), "no server id yet");
    put_label(store, id_of('l', 2), "no server id either");
    expect(store.local_of(labels, {}).empty(), "an empty server id leads to a row without one");
    store.put_state(labels, id_of('l', 1), clean(remote_of('x', 1), 1));
    put_folder(store, id_of('f', 1), "another table", {}, clean(remote_of('x', 1), 1));
    expect(store.local_of(labels, remote_of('x', 1)) == id_of('l', 1), "a server id set later does not lead to its row");
    expect(store.local_of(folders, remote_of('x', 1)) == id_of('f', 1), "tables share server ids");
    store.put_state(labels, id_of('l', 1), clean(remote_of('x', 2), 2));
    expect(store.local_of(labels, remote_of('x', 1)).empty(), "a replaced server id still leads to a row");
    store.erase_row(labels, id_of('l', 1));
    expect(store.local_of(labels, remote_of('x', 2)).empty(), "the server id of an erased row leads to a row");
    tx.commit();
}

template <store S>
void one_server_id_names_one_row(S& store) {
    fill(store);
    const std::string before = content_of(store);
    for (int way = 0; way < 2; ++way) {
        const bool refused = throws_store_error([&] {
            auto tx = store.begin_write();
            put_label(store, id_of('l', 2), "second");
            if (way == 0) put_label(store, id_of('l', 3), "third", clean(remote_of('l', 1), 2));
            else store.put_state(labels, id_of('l', 2), clean(remote_of('l', 1), 2));
            tx.commit();
        });
        expect(refused, "two rows of one table got the same server id");
        expect(content_of(store) == before, "a refused server id left something behind");
    }
}

template <store S>
void scans_follow_local_ids(S& store) {
    const std::array<std::string_view, 9> ordered{"-", ".", "0", "01", "1", "A", "_", "a", "~"};
    auto tx = store.begin_write();
    for (const std::size_t i : {4u, 8u, 0u, 2u, 6u, 1u, 7u, 3u, 5u}) put_label(store, local_id::trusted(ordered[i]), ordered[i]);
    std::size_t at = 0;
    store.scan_rows(labels, [&](const local_id& id, const row_buffer& row) {
        expect(at < ordered.size() && id.view() == ordered[at], "rows are not scanned in the order of their local ids");
        expect(row[0] == cell::text(ordered[at]), "a scan shows another row's values");
        ++at;
    });
    expect(at == ordered.size() && store.count_rows(labels) == ordered.size(), "a scan shows another number of rows");
    tx.commit();
}

template <store S>
[[nodiscard]] std::string referrers_of(S& store, int table, int column, const local_id& id) {
    std::string found;
    store.scan_referrers(table, column, id, [&](const local_id& from, const row_buffer&) { found += from.str() + " "; });
    return found;
}

template <store S>
void referrers_are_found(S& store) {
    auto tx = store.begin_write();
    put_folder(store, id_of('f', 1), "one");
    put_folder(store, id_of('f', 2), "two", id_of('f', 1));
    put_folder(store, id_of('f', 3), "itself", id_of('f', 3));
    put_label(store, id_of('l', 1), "label");
    for (const int number : {3, 1, 4, 2}) store.put_row(notes, id_of('n', number), note(id_of('f', 1), "note", 0, id_of('l', 1)), {});
    expect(referrers_of(store, notes, note_folder, id_of('f', 1)) == "n-1 n-2 n-3 n-4 ", "referrers are missing or out of order");
    expect(referrers_of(store, notes, note_label, id_of('l', 1)) == "n-1 n-2 n-3 n-4 ", "referrers by another key are missing");
    expect(referrers_of(store, folders, folder_parent, id_of('f', 1)) == "f-2 ", "a referrer in the same table is missing");
    expect(referrers_of(store, folders, folder_parent, id_of('f', 3)) == "f-3 ", "a row that points at itself is missing");
    expect(referrers_of(store, notes, note_folder, id_of('f', 2)).empty(), "referrers were invented");
    const auto is_held = [&](int table, int column, const local_id& id, const local_id& except = {}) {
        return store.has_referrer(table, column, id, except);
    };
    expect(is_held(notes, note_folder, id_of('f', 1)), "none of several referrers was found");
    for (const int number : {1, 2, 3, 4})
        expect(is_held(notes, note_folder, id_of('f', 1), id_of('n', number)), "one referrer's exception hides the others");
    expect(!is_held(notes, note_folder, id_of('f', 2)), "a referrer by another table's key was found");
    expect(is_held(folders, folder_parent, id_of('f', 3)), "a row that points at itself was not found");
    expect(!is_held(folders, folder_parent, id_of('f', 3), id_of('f', 3)), "a row is its own other referrer");
    expect(!is_held(folders, folder_parent, id_of('f', 1), id_of('f', 2)), "the only referrer was found although it was excepted");
    store.put_row(notes, id_of('n', 3), note(id_of('f', 2), "moved"), {});
    store.erase_row(notes, id_of('n', 1));
    store.put_row(notes, id_of('n', 4), note(id_of('f', 1), "same key again"), {});
    expect(referrers_of(store, notes, note_folder, id_of('f', 1)) == "n-2 n-4 ", "referrers do not follow changes");
    expect(referrers_of(store, notes, note_folder, id_of('f', 2)) == "n-3 ", "a moved referrer is missing");
    expect(referrers_of(store, notes, note_label, id_of('l', 1)) == "n-2 ", "a key set to null still points");
    expect(is_held(notes, note_folder, id_of('f', 2)) && !is_held(notes, note_folder, id_of('f', 2), id_of('n', 3)), "a moved referrer was not found");
    store.erase_row(notes, id_of('n', 2));
    expect(!is_held(notes, note_label, id_of('l', 1)), "an erased row still points");
    tx.commit();
}

template <store S>
void keys_are_checked_at_commit(S& store) {
    {
        auto tx = store.begin_write();
        store.put_row(notes, id_of('n', 1), note(id_of('f', 1), "before its folder"), {});
        {
            auto inner = store.begin_write();
            put_folder(store, id_of('f', 1), "after its note", id_of('f', 2));
            inner.commit();
        }
        put_folder(store, id_of('f', 2), "last", id_of('f', 2));
        tx.commit();
    }
    const std::string before = content_of(store);
    const auto expect_refused = [&](const std::string& what, auto&& write) {
        const bool refused = throws_store_error([&] {
            auto tx = store.begin_write();
            put_label(store, id_of('l', 5), "also in the transaction");
            write();
            tx.commit();
        });
        expect(refused, what + " was committed");
        expect(content_of(store) == before, what + " left something behind");
    };
    expect_refused("a new row whose key points nowhere",
                   [&] { store.put_row(notes, id_of('n', 2), note(id_of('f', 7), "orphan"), {}); });
    expect_refused("a changed key that points nowhere", [&] { put_folder(store, id_of('f', 1), "lost", id_of('f', 7)); });
    expect_refused("an erased row that others point at", [&] { store.erase_row(folders, id_of('f', 1)); });
    expect_refused("a row erased after its referrer was written again", [&] {
        store.put_row(notes, id_of('n', 1), note(id_of('f', 1), "again"), {});
        store.erase_row(folders, id_of('f', 1));
    });
    auto tx = store.begin_write();
    store.erase_row(folders, id_of('f', 1));
    store.erase_row(folders, id_of('f', 2));
    store.erase_row(notes, id_of('n', 1));
    put_folder(store, id_of('f', 3), "fresh");
    store.erase_row(folders, id_of('f', 3));
    tx.commit();
    expect(row_of(store, folders, id_of('f', 2)) == "(none)", "a whole tree cannot be erased");
}

template <store S>
void impossible_values_are_refused(S& store) {
    fill(store);
    const std::string before = content_of(store);
    const auto expect_refused = [&](const std::string& what, std::size_t column, cell value) {
        const local_id folder = id_of('f', 1);
        std::vector<cell> values = note(folder, "title");
        values[column] = value;
        const bool refused = throws_store_error([&] {
            auto tx = store.begin_write();
            store.put_row(notes, id_of('n', 1), values, {});
            tx.commit();
        });
        expect(refused, what + " was stored");
        expect(content_of(store) == before, what + " left something behind");
    };
    expect_refused("null where it is not allowed", note_title, cell());
    expect_refused("null in a key that must point somewhere", note_folder, cell());
    expect_refused("text in a column of integers", note_stars, cell::text("many"));
    expect_refused("a server id in a key", note_folder, cell::server_key("remote/f1"));
    expect_refused("a number that is none", note_weight, cell::real(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace syncline::testing::store_suite
