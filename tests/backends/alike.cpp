/// The memory backend and the SQLite backend do the same, whatever is asked of them.
#include <syncline/backends/memory.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/testing/backend_suite_rows.hpp>

#include <string>
#include <vector>

#include <support/catch.hpp>
#include <syncline/base/random.hpp>

using namespace syncline;
namespace suite = syncline::testing::backend_suite;

namespace {

std::string text_of(const row_writing& writing) { return std::string(writing.device) + "/" + std::to_string(writing.seq); }

std::string text_of(int table, const server_row& row) {
    std::string text = std::to_string(table) + " " + row.local.str() + " " + row.id.str() + " " + row.version.str() + " " +
                       std::to_string(row.incarnation) + " " + text_of(row.writer) + (row.as_sent ? " as sent " : " ") + row.removal_base.str() + " " + text_of(row.last_writer);
    if (row.removed) return text + " removed";
    for (const cell& value : row.values.cells()) {
        text += value.is_null() ? " null" : " ";
        if (value.has_text()) text += value.view();
        else if (value.kind() == cell_kind::real) text += std::to_string(value.as_real());
        else if (!value.is_null()) text += std::to_string(value.as_integer());
    }
    return text;
}

/// One transaction of random writes and reads, as what it saw; the numbers depend on the seed alone.
template <class Backend>
std::vector<std::string> random_transaction(Backend& database, std::uint64_t seed) {
    random_source random(seed);
    std::vector<std::string> seen;
    const auto visit = [&](int table, const server_row& row) {
        seen.push_back(text_of(table, row));
        return true;
    };
    const auto number = [&](std::uint64_t below) { return static_cast<int>(random.below(below)); };
    const auto any_row = [&](int table) {
        if (table == suite::folders) return suite::folder(number(12), random.chance(1, 2) ? suite::none : number(12));
        if (table == suite::labels) return suite::label(number(12));
        return suite::note(number(40), number(12), random.chance(1, 3) ? suite::none : number(12));
    };
    try {
        auto tx = database.begin_write("ada");
        for (std::uint64_t step = random.below(40); step-- > 0;) {
            const int table = number(3);
            server_row row = any_row(table);
            switch (random.below(9)) {
                case 0:
                case 1:
                case 2:
                case 3:
                    row.version = tx.take_version();
                    seen.emplace_back(tx.insert_row(table, row) ? "inserted" : "taken");
                    break;
                case 4:
                case 5:
                    if (!tx.identify(table, row.local)) break;
                    row.version = tx.take_version();
                    row.removed = random.chance(1, 3);
                    tx.update_row(table, row, ~column_mask{0});
                    break;
                case 6:
                    if (table == suite::labels) tx.scan_referrers(suite::notes, suite::note_label, row.id, visit);
                    else tx.scan_referrers(suite::folders, suite::folder_parent, suite::id_of_number(suite::folders, number(12)), visit);
                    tx.scan_referrers(suite::notes, suite::note_folder, suite::id_of_number(suite::folders, number(12)), visit);
                    break;
                case 7: tx.scan_changes({row_version(first_generation, static_cast<std::int64_t>(random.below(40))), table, row.local}, random.below(30), visit); break;
                case 8: tx.scan_snapshot({{}, table, row.local}, random.below(30), visit); break;
            }
        }
        if (random.chance(1, 4)) return seen;
        tx.commit();
    } catch (const store_error&) {
        seen.emplace_back("refused");
    }
    auto tx = database.begin_read("ada");
    seen.push_back("version " + tx.version().str());
    tx.scan_changes({}, 1'000, visit);
    tx.scan_snapshot({}, 1'000, visit);
    return seen;
}

}  // namespace

TEST_CASE("random transactions show the same in the memory backend and in the SQLite backend") {
    for (std::uint64_t world = 1; world <= 15; ++world) {
        memory_backend memory(suite::schema, random_source(1));
        sqlite_backend file(":memory:", suite::schema);
        for (std::uint64_t step = 0; step < 25; ++step) {
            INFO("world " << world << ", transaction " << step);
            REQUIRE(random_transaction(memory, world * 1'000 + step) == random_transaction(file, world * 1'000 + step));
        }
    }
}
