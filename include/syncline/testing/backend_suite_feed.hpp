/// The backend suite's checks of the feed and the snapshot, and that owners never meet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include <syncline/testing/backend_suite_storage.hpp>

namespace syncline::testing::backend_suite {

/// Four transactions with inserts in no order, updates, removals and a row that returns; what the feed must show is returned.
template <class Backend>
std::vector<seen_row> write_a_history(Backend& database) {
    std::vector<seen_row> expected;
    const auto note_change = [&](int table, int number, row_version version, bool removed) {
        std::erase_if(expected, [&](const seen_row& row) { return row.table == table && row.local == local_of(table, number); });
        expected.push_back({table, local_of(table, number), version, removed});
    };
    for (int round = 0; round < 4; ++round) {
        auto tx = database.begin_write("ada");
        const row_version version = tx.take_version();
        for (const int number : {3, 1, 2}) {
            insert(tx, folders, folder(10 * round + number));
            note_change(folders, 10 * round + number, version, false);
            insert(tx, notes, note(10 * round + number, 10 * round + number));
            note_change(notes, 10 * round + number, version, false);
            insert(tx, labels, label(10 * round + 4 - number));
            note_change(labels, 10 * round + 4 - number, version, false);
        }
        if (round == 1) update(tx, labels, label(1)), note_change(labels, 1, version, false);
        if (round == 2) remove(tx, notes, 2), note_change(notes, 2, version, true);
        if (round == 2) remove(tx, notes, 11), note_change(notes, 11, version, true);
        if (round == 3) update(tx, notes, note(2, 1)), note_change(notes, 2, version, false);
        tx.commit();
    }
    std::ranges::sort(expected, {}, [](const seen_row& row) { return std::tuple(row.version, row.table, row.local.view()); });
    return expected;
}

template <class Backend>
void feed_pages_are_the_feed(Backend& database) {
    const std::vector<seen_row> expected = write_a_history(database);
    auto tx = database.begin_read("ada");
    for (std::size_t limit = 1; limit <= expected.size() + 1; ++limit)
        expect(changes(tx, {}, limit) == expected,
               "the feed in pages of " + std::to_string(limit) + " is not the whole in its order");
    for (std::size_t i = 0; i < expected.size(); ++i)
        expect(changes(tx, place_of(expected[i]), 1'000) ==
                   std::vector<seen_row>(expected.begin() + static_cast<std::ptrdiff_t>(i) + 1, expected.end()),
               "the feed behind a row does not begin with the next row");
    expect(changes(tx, {tx.version(), schema.size(), {}}, 10).empty(), "the feed goes on behind its newest version");
    std::vector<seen_row> seen;
    tx.scan_changes({}, 0, into(seen));
    expect(seen.empty(), "a scan with limit 0 visits a row");
    tx.scan_changes({}, 1'000, [&](int table, const server_row& row) {
        seen.push_back({table, row.local, row.version, row.removed});
        return seen.size() < 2;
    });
    expect(seen.size() == 2, "a scan of the feed goes on after the visitor ended it");
}

template <class Backend>
void feed_rows_are_whole(Backend& database) {
    write_a_history(database);
    auto tx = database.begin_read("ada");
    const auto expect_whole = [&](std::size_t limit, auto scan) {
        std::vector<std::tuple<int, server_row>> rows;
        scan([&](int table, const server_row& row) {
            server_row copy;
            copy.local = row.local, copy.id = row.id, copy.version = row.version, copy.incarnation = row.incarnation;
            copy.removed = row.removed, copy.updated_at_ms = row.updated_at_ms;
            copy.writer = row.writer, copy.as_sent = row.as_sent, copy.removal_base = row.removal_base, copy.last_writer = row.last_writer;
            copy.values.assign(row.values.cells());
            rows.emplace_back(table, std::move(copy));
            return true;
        });
        expect(rows.size() > limit, "a scan ends early");
        for (const auto& [table, row] : rows) expect_row(tx, table, row, "a row as a scan shows it");
    };
    expect_whole(20, [&](auto visit) { tx.scan_changes({}, 1'000, visit); });
    expect_whole(20, [&](auto visit) { tx.scan_snapshot({}, 1'000, visit); });
    expect_whole(0, [&](auto visit) { tx.scan_referrers(notes, note_folder, id_of_number(folders, 1), visit); });
}

template <class Backend>
void snapshot_pages_are_the_snapshot(Backend& database) {
    std::vector<seen_row> expected = write_a_history(database);
    std::erase_if(expected, [](const seen_row& row) { return row.removed; });
    std::ranges::sort(expected, {}, [](const seen_row& row) { return std::tuple(row.table, row.local.view()); });
    auto tx = database.begin_read("ada");
    for (std::size_t limit = 1; limit <= expected.size() + 1; ++limit)
        expect(snapshot(tx, {}, limit) == expected,
               "the snapshot in pages of " + std::to_string(limit) + " is not the whole in its order");
    for (std::size_t i = 0; i < expected.size(); ++i)
        expect(snapshot(tx, {{}, expected[i].table, expected[i].local}, 1'000) ==
                   std::vector<seen_row>(expected.begin() + static_cast<std::ptrdiff_t>(i) + 1, expected.end()),
               "the snapshot behind a row does not begin with the next row, whatever the version");
    std::vector<seen_row> seen;
    tx.scan_snapshot({}, 0, into(seen));
    expect(seen.empty(), "a snapshot with limit 0 visits a row");
    tx.scan_snapshot({}, 1'000, [&](int table, const server_row& row) {
        seen.push_back({table, row.local});
        return seen.size() < 14;
    });
    expect(seen.size() == 14, "a scan of the snapshot goes on after the visitor ended it");
}

template <class Backend>
void owners_never_meet(Backend& database) {
    const std::vector<std::string> owners{"ada", "ad", "Ada", "ada ", "O'Hara; \"--"};
    for (std::size_t i = 0; i < owners.size(); ++i) {
        auto tx = database.begin_write(owners[i]);
        expect_nothing(tx, "an owner beside others");
        const int count = static_cast<int>(i) + 1;
        insert(tx, folders, folder(1));
        insert(tx, labels, label(1));
        for (int number = 1; number <= count; ++number) insert(tx, notes, note(number, 1, 1));
        const std::vector<stored_verdict> verdicts{verdict_of(count + 1)};
        tx.save_device("phone", count, 0, verdicts);
        tx.commit();
    }
    {
        auto tx = database.begin_write(owners[4]);
        for (const int number : {1, 2}) remove(tx, notes, number);
        server_row row = label(1);
        row.values.set(0, cell::text("changed"));
        update(tx, labels, std::move(row));
        tx.save_device("phone", 100, 90, {});
        tx.commit();
    }
    for (std::size_t i = 0; i < 4; ++i) {
        auto tx = database.begin_write(owners[i]);
        const std::size_t count = i + 1;
        const row_version version = tx.version();
        expect(changes(tx, {}, 100).size() == 2 + count, "the feed of an owner has rows of another");
        expect(snapshot(tx, {}, 100).size() == 2 + count, "the snapshot of an owner has rows of another");
        for (int number = 1; number <= static_cast<int>(count); ++number) {
            server_row row = note(number, 1, 1);
            row.version = version;
            expect_row(tx, notes, row, "a row whose ids another owner uses too");
        }
        expect_no_row(tx, notes, note(static_cast<int>(count) + 1, 1), "another owner's row is found");
        std::vector<seen_row> seen;
        tx.scan_referrers(notes, note_folder, id_of_number(folders, 1), into(seen));
        tx.scan_referrers(notes, note_label, id_of_number(labels, 1), into(seen));
        expect(seen.size() == 2 * count, "a row is pointed at by another owner's rows");
        expect_device(tx, "phone", static_cast<sequence>(count), {static_cast<sequence>(count) + 1},
                      "of two owners' devices of one name");
        expect(tx.take_version() == version.next(), "an owner's version moves with another's");
    }
}

}  // namespace syncline::testing::backend_suite
