/// The backend suite's checks of rows, keys and versions within one owner, and of what a roll-back leaves.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/testing/backend_suite_devices.hpp>
#include <syncline/testing/backend_suite_rows.hpp>

namespace syncline::testing::backend_suite {

template <class Transaction>
void expect_row(Transaction& tx, int table, const server_row& row, const std::string& what) {
    server_row found;
    expect(tx.find_by_local(table, row.local, found), what + " is not found by its local id");
    expect(difference(found, row).empty(), what + ", found by local id, has another " + difference(found, row));
    expect(tx.find_by_id(table, row.id, found), what + " is not found by its server id");
    expect(difference(found, row).empty(), what + ", found by server id, has another " + difference(found, row));
    for (const std::optional<row_identity>& identity : {tx.identify(table, row.local), tx.identify(table, row.id)})
        expect(identity && identity->local == row.local && identity->id == row.id && identity->removed == row.removed,
               what + " is not identified as what it is");
}

template <class Transaction>
void expect_no_row(Transaction& tx, int table, const server_row& row, const std::string& what) {
    server_row found;
    const bool is_there = tx.find_by_local(table, row.local, found) || tx.find_by_id(table, row.id, found) ||
                          tx.identify(table, row.local) || tx.identify(table, row.id);
    expect(!is_there, what);
}

template <class Transaction>
void expect_nothing(Transaction& tx, const std::string& where) {
    std::vector<seen_row> seen;
    tx.scan_changes({}, 10, into(seen));
    tx.scan_snapshot({}, 10, into(seen));
    tx.scan_referrers(folders, folder_parent, id_of_number(folders, 1), into(seen));
    tx.scan_referrers(notes, note_folder, id_of_number(folders, 1), into(seen));
    expect(seen.empty(), where + " has rows");
    for (int table = 0; table < schema.size(); ++table) expect_no_row(tx, table, row_of(table, 1), where + " finds a row");
    const device_record device = tx.load_device("phone");
    expect(device.floor == 0 && device.answered.empty() && device.included.empty(), where + " knows a device");
    expect(tx.version() == row_version(first_generation, 0), where + " has a version above the beginning of its generation");
}

template <class Backend>
void starts_empty(Backend& database) {
    const server_identity identity = database.identity();
    expect(!identity.id.empty(), "the identity is empty");
    expect(identity.secret != siphash_key{}, "the secret is nothing but zeros");
    expect(server_identity(database.identity()) == identity, "the identity changes from one call to the next");
    {
        auto writing = database.begin_write("ada");
        expect_nothing(writing, "a new owner's writing transaction");
        writing.commit();
    }
    auto reading = database.begin_read("bert");
    expect_nothing(reading, "a new owner's reading transaction");
}

/// Values at the edges of every kind of column.
inline std::vector<server_row> rows_of_edge_values() {
    std::vector<server_row> rows;
    for (int number = 0; number < 3; ++number) rows.push_back(note(number, 1, number == 0 ? none : 1));
    const auto fill = [&](server_row& row, std::string_view body, std::int64_t whole, double real, std::string_view flags) {
        row.values.set(note_stars, cell::integer(whole));
        row.values.set(note_weight, cell::real(real));
        row.values.set(note_body, cell::bytes(body));
        row.values.set(note_due, cell::integer(whole));
        row.values.set(note_flags, cell::text(flags));
    };
    fill(rows[1], std::string_view("\0\xFF\0", 3), std::numeric_limits<std::int64_t>::min(), std::numeric_limits<double>::lowest(),
         "");
    fill(rows[2], "", std::numeric_limits<std::int64_t>::max(), std::numeric_limits<double>::denorm_min(),
         "caf\xC3\xA9 \xF0\x9F\x92\xAA '\"\\");
    rows[2].incarnation = 7;
    return rows;
}

template <class Backend>
void rows_read_back(Backend& database) {
    std::vector<server_row> rows = rows_of_edge_values();
    {
        auto tx = database.begin_write("ada");
        insert(tx, folders, folder(1));
        insert(tx, labels, label(1));
        for (server_row& row : rows) {
            row.version = tx.take_version();
            expect(tx.insert_row(notes, row), "a row is not inserted although nothing has its local id");
            expect_row(tx, notes, row, "a row in the transaction that inserts it");
        }
        tx.commit();
    }
    {
        auto tx = database.begin_read("ada");
        for (const server_row& row : rows) expect_row(tx, notes, row, "a committed row");
        expect_no_row(tx, labels, rows[0], "a row is found in a table it is not in");
    }
    auto tx = database.begin_write("ada");
    const std::string long_text(300'000, 'x');
    rows[0].values.set(note_body, cell::bytes(long_text));
    rows[1].values.set(note_body, cell::null());
    for (server_row& row : rows) {
        row.version = tx.take_version();
        row.updated_at_ms += 5;
        row.writer = row.writer.device.empty() ? row_writing{"tablet", 9} : row_writing{"", 1};
        row.as_sent = !row.as_sent;
        tx.update_row(notes, row, ~column_mask{0});
    }
    for (const server_row& row : rows) expect_row(tx, notes, row, "an updated row");
}

template <class Backend>
void tombstones_stay_and_rows_return(Backend& database) {
    {
        auto tx = database.begin_write("ada");
        insert(tx, folders, folder(1));
        insert(tx, notes, note(1, 1));
        tx.commit();
    }
    {
        auto tx = database.begin_write("ada");
        server_row row;
        expect(tx.find_by_local(notes, local_of(notes, 1), row), "a row to remove was not found");
        row.removed = true;
        row.writer = {"phone", 16};
        row.as_sent = false;
        row.removal_base = row_version(3, 14);
        row.last_writer = {"tablet", 15};
        update(tx, notes, std::move(row));
        tx.commit();
    }
    server_row row;
    auto tx = database.begin_write("ada");
    expect(tx.find_by_local(notes, local_of(notes, 1), row) && row.removed, "a removed row is not found as a tombstone");
    expect(row.removal_base == row_version(3, 14) && row.last_writer == row_writing{"tablet", 15}, "a tombstone has lost what it tells of its removal");
    expect(row.writer == row_writing{"phone", 16} && !row.as_sent, "a tombstone has lost its own writer");
    expect_row(tx, notes, row, "a tombstone");
    bool is_in_feed = false;
    tx.scan_changes({}, 1'000, [&](int, const server_row& one) {
        if (one.removed) is_in_feed = one.removal_base == row.removal_base && one.last_writer == row.last_writer;
        return true;
    });
    expect(is_in_feed, "a tombstone in the feed does not tell of its removal");
    server_row returned = note(1, 1);
    returned.incarnation = 2;
    returned.version = tx.take_version();
    tx.update_row(notes, returned, ~column_mask{0});
    expect_row(tx, notes, returned, "a row created again");
    expect(tx.find_by_local(notes, local_of(notes, 1), row) && row.removal_base.is_none() && row.last_writer == row_writing{},
           "a row created again tells of a removal");
}

template <class Backend, class Write>
void expect_refused(Backend& database, Write&& write, const std::string& otherwise) {
    bool refused = false;
    try {
        auto tx = database.begin_write("ada");
        write(tx);
        tx.commit();
    } catch (const store_error&) {
        refused = true;
    }
    expect(refused, otherwise);
}

template <class Backend>
void impossible_writes_are_refused(Backend& database) {
    {
        auto tx = database.begin_write("bert");
        insert(tx, folders, folder(5));
        tx.commit();
    }
    row_version before;
    {
        auto tx = database.begin_write("ada");
        insert(tx, folders, folder(1));
        before = tx.take_version();
        tx.commit();
    }
    expect_refused(
        database,
        [](auto& tx) {
            server_row row = folder(2);
            row.id = id_of_number(folders, 1);
            insert(tx, folders, std::move(row));
        },
        "a second row with the same server id is not refused");
    expect_refused(
        database, [](auto& tx) { update(tx, folders, folder(3)); }, "an update of a row that is not there is not refused");
    expect_refused(
        database, [](auto& tx) { insert(tx, notes, note(1, 4)); }, "a key that points at no row is not refused");
    expect_refused(
        database, [](auto& tx) { insert(tx, notes, note(1, 5)); }, "a key that points at another owner's row is not refused");
    expect_refused(
        database, [](auto& tx) { update(tx, folders, folder(1, 5)); }, "an update to a key that points at no row is not refused");
    auto tx = database.begin_read("ada");
    expect(changes(tx, {}, 10).size() == 1 && tx.version() == before, "a refused transaction leaves something behind");
}

template <class Backend>
void local_ids_are_taken_once(Backend& database) {
    {
        auto tx = database.begin_write("ada");
        insert(tx, folders, folder(1));
        insert(tx, folders, folder(2));
        remove(tx, folders, 2);
        tx.commit();
    }
    auto tx = database.begin_write("ada");
    for (const int taken : {1, 2}) {
        server_row before, after, row = folder(3, 1);
        expect(tx.find_by_local(folders, local_of(folders, taken), before), "a row that was inserted is not found");
        row.local = before.local;
        row.version = tx.take_version();
        expect(!tx.insert_row(folders, row), "a row is inserted although its local id is taken");
        expect(tx.find_by_local(folders, row.local, after) && difference(before, after).empty(), "an insert that is not done changes a row");
        expect(!tx.identify(folders, row.id), "an insert that is not done leaves a server id");
    }
    insert(tx, folders, folder(3, 1));
    tx.commit();
}

template <class Backend>
void keys_are_checked_at_commit(Backend& database) {
    {
        auto tx = database.begin_write("ada");
        insert(tx, notes, note(1, 1, 1));
        insert(tx, folders, folder(1, 2));
        insert(tx, labels, label(1));
        insert(tx, folders, folder(2, 2));
        tx.commit();
    }
    auto tx = database.begin_read("ada");
    expect(changes(tx, {}, 10).size() == 4, "a row written before the row it points at is lost");
}

template <class Backend>
void referrers_are_live_and_ordered(Backend& database) {
    {
        auto tx = database.begin_write("ada");
        for (int number = 1; number <= 3; ++number) insert(tx, folders, folder(number, number == 1 ? 1 : number - 1));
        insert(tx, labels, label(1));
        for (const int number : {7, 3, 5, 1, 9}) insert(tx, notes, note(number, number == 5 ? 2 : 1, number == 3 ? none : 1));
        tx.commit();
    }
    auto tx = database.begin_write("ada");
    const auto expect_referrers = [&](int table, int column, int target_table, int target, std::vector<int> numbers,
                                      const std::string& when) {
        std::vector<seen_row> seen, expected;
        tx.scan_referrers(table, column, id_of_number(target_table, target), into(seen));
        server_row row;
        for (const int number : numbers) {
            expect(tx.find_by_local(table, local_of(table, number), row), "a referrer is not there");
            expected.push_back({table, row.local, row.version, false});
        }
        expect(seen == expected, "the scan of referrers is wrong " + when);
    };
    expect_referrers(notes, note_folder, folders, 1, {1, 3, 7, 9}, "for a parent key");
    expect_referrers(notes, note_folder, folders, 2, {5}, "for a parent key with one row");
    expect_referrers(notes, note_folder, folders, 3, {}, "for a row that nothing points at");
    expect_referrers(notes, note_label, labels, 1, {1, 5, 7, 9}, "for a key that may be null");
    expect_referrers(folders, folder_parent, folders, 1, {1, 2}, "for a table that points at itself");
    remove(tx, notes, 7);
    update(tx, notes, note(3, 2, 1));
    update(tx, notes, note(9, 1, none));
    expect_referrers(notes, note_folder, folders, 1, {1, 9}, "after a removal and a change of a key");
    expect_referrers(notes, note_folder, folders, 2, {3, 5}, "after a key was changed to the row");
    expect_referrers(notes, note_label, labels, 1, {1, 3, 5}, "after a key became null and another was set");
    std::vector<seen_row> seen;
    tx.scan_referrers(notes, note_folder, id_of_number(folders, 1), [&](int, const server_row& row) {
        seen.push_back({notes, row.local});
        return false;
    });
    expect(seen.size() == 1, "a scan of referrers goes on after the visitor ended it");
}

template <class Backend>
void versions_grow(Backend& database) {
    row_version newest(first_generation, 0);
    for (int round = 1; round <= 4; ++round) {
        auto tx = database.begin_write("ada");
        expect(tx.version() == newest, "a transaction does not begin at the newest committed version");
        const row_version taken = tx.take_version();
        expect(taken > newest, "a version is not greater than the versions before");
        expect(tx.take_version() == taken, "a transaction takes two versions");
        insert(tx, labels, label(round));
        expect(tx.take_version() == taken, "a transaction's version changes after a write");
        if (round == 3) continue;
        tx.commit();
        newest = taken;
    }
    auto tx = database.begin_read("ada");
    expect(tx.version() == newest, "a reading transaction does not see the newest version");
    expect(!tx.identify(labels, local_of(labels, 3)), "a transaction that was not committed leaves a row");
}

template <class Backend>
void versions_have_nonces(Backend& database) {
    std::map<row_version, version_nonce> given;
    for (int round = 0; round < 60; ++round) {
        auto tx = database.begin_write("ada");
        const row_version version = tx.take_version();
        const std::optional<version_nonce> nonce = tx.nonce_of(version);
        expect(nonce.has_value(), "a version has no nonce in the transaction that takes it");
        expect(tx.nonce_of(tx.take_version()) == nonce, "a version gets another nonce when it is asked for again");
        if (round % 7 == 3) continue;
        tx.commit();
        given[version] = *nonce;
    }
    expect(!database.begin_read("bert").nonce_of(row_version(first_generation, 1)), "an owner has a nonce of another's version");
    auto tx = database.begin_read("ada");
    std::set<version_nonce> different;
    for (const auto& [version, nonce] : given) {
        expect(tx.nonce_of(version) == nonce, "a nonce is another after the commit");
        different.insert(nonce);
    }
    expect(different.size() + 1 >= given.size(), "nonces are not random");
    expect(tx.nonce_of(row_version(first_generation, 0)) == version_nonce{0}, "the nonce of the beginning of the generation is not 0");
    constexpr std::int64_t number_max = std::numeric_limits<std::int64_t>::max();
    for (const row_version other : {row_version(), tx.version().next(), row_version(first_generation, number_max),
                                    row_version(first_generation + 1, 0), row_version(first_generation + 1, 1),
                                    row_version(std::numeric_limits<generation_number>::max(), number_max)})
        expect(!tx.nonce_of(other), "a version that was not handed out has a nonce");
}

template <class Backend>
void roll_back_leaves_nothing(Backend& database) {
    row_version before;
    {
        auto tx = database.begin_write("ada");
        before = tx.take_version();
        insert(tx, folders, folder(1));
        insert(tx, notes, note(1, 1));
        const std::vector<stored_verdict> verdicts{verdict_of(1), verdict_of(2)};
        tx.save_device("phone", 0, 0, verdicts);
        tx.commit();
    }
    struct application_error {};
    try {
        auto tx = database.begin_write("ada");
        insert(tx, folders, folder(2));
        update(tx, folders, folder(1, 2));
        insert(tx, labels, label(1));
        update(tx, notes, note(1, 2, 1));
        update(tx, notes, note(1, 1, 1));
        remove(tx, notes, 1);
        const std::vector<stored_verdict> verdicts{verdict_of(3)};
        tx.save_device("phone", 1, 0, verdicts);
        tx.save_device("phone", 3, 2, {});
        tx.save_device("tablet", 1, 0, verdicts);
        throw application_error();
    } catch (const application_error&) {
    }
    auto tx = database.begin_read("ada");
    expect(tx.version() == before, "a roll-back leaves a version");
    server_row row = folder(1);
    row.version = before;
    expect_row(tx, folders, row, "a row after the roll-back of its update");
    row = note(1, 1);
    row.version = before;
    expect_row(tx, notes, row, "a row after the roll-back of its removal");
    expect_no_row(tx, folders, folder(2), "a roll-back leaves a row");
    expect_no_row(tx, labels, label(1), "a roll-back leaves a row");
    const std::vector<seen_row> left{{folders, local_of(folders, 1), before, false}, {notes, local_of(notes, 1), before, false}};
    expect(changes(tx, {}, 10) == left && snapshot(tx, {}, 10) == left, "a roll-back changes the feed or the snapshot");
    std::vector<seen_row> referrers;
    tx.scan_referrers(notes, note_folder, id_of_number(folders, 1), into(referrers));
    tx.scan_referrers(notes, note_folder, id_of_number(folders, 2), into(referrers));
    tx.scan_referrers(notes, note_label, id_of_number(labels, 1), into(referrers));
    tx.scan_referrers(folders, folder_parent, id_of_number(folders, 2), into(referrers));
    expect(referrers.size() == 1, "a roll-back changes which rows point where");
    expect_device(tx, "phone", 0, {1, 2}, "after a roll-back");
    expect_device(tx, "tablet", 0, {}, "after the roll-back of its first save");
}

}  // namespace syncline::testing::backend_suite
