/// What one half writes, the other half reads as the same message.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include <support/rapidcheck.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// Any UTF-8 without NUL.
std::string to_utf8(const std::vector<std::uint32_t>& numbers) {
    std::string text;
    for (const std::uint32_t number : numbers) {
        // Half of them ASCII, where the escapes are.
        std::uint32_t point = number % 2 == 0 ? number / 2 % 128 : number / 2 % 0x110000;
        if (point == 0 || (point >= 0xD800 && point < 0xE000)) point = '"';
        const auto tail = [&](std::uint32_t shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
        if (point < 0x80) text += static_cast<char>(point);
        else if (point < 0x800) text += {static_cast<char>(0xC0 | point >> 6), tail(0)};
        else if (point < 0x10000) text += {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
        else text += {static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
    }
    return text;
}

/// The values of a note, all columns.
struct note_values {
    std::string body, picture, tags;
    bool has_body = true, is_done = false, is_local = false;
    std::int8_t stars = 0;
    std::int64_t size = 0, taken_at = 0;
    double weight = 0;

    [[nodiscard]] std::vector<cell> cells() const {
        std::vector<cell> row(9);
        row[tests::folder_id] = is_local ? cell::local_key("f~1") : cell::server_key("F:1");
        if (has_body) row[tests::body] = cell::text(body);
        row[tests::done] = cell::boolean(is_done);
        row[tests::stars] = cell::integer(stars);
        row[tests::size] = cell::integer(size);
        row[tests::weight] = cell::real(std::isfinite(weight) ? weight : 0);
        if (has_body) row[tests::picture] = cell::bytes(picture);
        row[tests::taken_at] = cell::integer(taken_at);
        row[tests::tags] = cell::text(tags);
        return row;
    }
};

note_values make_note(const std::vector<std::uint32_t>& points, const std::string& bytes, std::int64_t number, std::uint64_t bits,
                      std::uint8_t flags) {
    note_values note;
    note.body = to_utf8(points);
    note.tags = to_utf8({points.rbegin(), points.rend()});
    note.picture = bytes;
    note.has_body = (flags & 1u) != 0;
    note.is_done = (flags & 2u) != 0;
    note.is_local = (flags & 4u) != 0;
    note.stars = static_cast<std::int8_t>(flags);
    note.size = (flags & 8u) != 0 ? number : int64_least;
    note.taken_at = (flags & 16u) != 0 ? -number : int64_greatest;
    note.weight = std::bit_cast<double>(bits);
    return note;
}

wire::sent_operation operation_of(const std::vector<cell>& row, operation_kind kind, sequence seq) {
    wire::sent_operation sent;
    sent.op.seq = seq;
    sent.op.kind = kind;
    sent.op.table = notes;
    sent.op.id = local_id::trusted("n-" + std::to_string(seq));
    if (kind == operation_kind::create) sent.op.values = {notes_tables[notes].all_columns(), row, 0, {}};
    if (kind == operation_kind::update) sent.op.values = {0b101010101, row, 0b001010101, row};
    return sent;
}

bool same(const operation_values& a, const operation_values& b) {
    if (a.mask != b.mask || a.before_mask != b.before_mask) return false;
    for (std::size_t i = 0; i < 9; ++i) {
        if (has_column(a.mask, i) && !(a.after[i] == b.after[i])) return false;
        if (has_column(a.before_mask, i) && !(a.before[i] == b.before[i])) return false;
    }
    return true;
}

bool same(cells a, cells b) { return a.size() == b.size() && differing(a, b) == 0; }

}  // namespace

TEST_CASE("a push reads back as it was written") {
    wire::push_request out;
    syncline_property("push round trip", [&](const std::vector<std::uint32_t>& points, const std::string& bytes,
                                             std::int64_t number, std::uint64_t bits, std::uint8_t flags) {
        const note_values note = make_note(points, bytes, number, bits, flags);
        const std::vector<cell> row = note.cells();
        wire::push_request header;
        header.device = "phone";
        if (flags % 2 == 0) header.schema = bits;
        header.owner = note.body;
        header.acknowledged = flags;
        header.cursor = std::to_string(number);
        header.atomic = flags % 3 == 0;
        std::vector<wire::sent_operation> sent;
        for (const operation_kind kind :
             {operation_kind::create, operation_kind::update, operation_kind::remove, operation_kind::close})
            sent.push_back(operation_of(row, kind, static_cast<sequence>(sent.size()) + 1 + flags));
        sent[1].op.incarnation = 1 + flags;
        sent[1].op.base_version = flags;
        sent[1].op.group = flags / 2;
        sent[1].id = server_id::trusted("N/1");
        sent[1].digest = bits;

        std::string text = "kept";
        wire::push_writer writer(text, notes_schema, header);
        for (const wire::sent_operation& one : sent) writer.add(one);
        const std::size_t size = writer.size();
        writer.add(sent[0]);
        writer.drop_last();
        RC_ASSERT(writer.size() == size);
        RC_ASSERT(writer.count() == sent.size());
        writer.finish();
        RC_ASSERT(text.size() == size + 4);
        const error problem = wire::read_push(std::string_view(text).substr(4), notes_schema, {}, out);
        RC_ASSERT(summary(problem) == "none");
        RC_ASSERT(out.device == header.device);
        RC_ASSERT(out.owner == header.owner);
        RC_ASSERT(out.schema == header.schema);
        RC_ASSERT(out.acknowledged == header.acknowledged);
        RC_ASSERT(out.cursor == header.cursor);
        RC_ASSERT(out.atomic == header.atomic);
        RC_ASSERT(out.operations.size() == sent.size());
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const wire::sent_operation& a = sent[i];
            const wire::sent_operation& b = out.operations[i];
            RC_ASSERT(a.op.seq == b.op.seq);
            RC_ASSERT(a.op.kind == b.op.kind);
            RC_ASSERT(a.op.id == b.op.id);
            RC_ASSERT(a.op.incarnation == b.op.incarnation);
            RC_ASSERT(a.op.base_version == b.op.base_version);
            RC_ASSERT(a.op.group == b.op.group);
            RC_ASSERT(a.id == b.id);
            RC_ASSERT(a.digest == b.digest);
            RC_ASSERT(same(a.op.values, b.op.values));
        }
    });
}

TEST_CASE("a page reads back as it was written, tables in push order") {
    wire::page out;
    syncline_property("page round trip", [&](const std::vector<std::uint32_t>& points, const std::string& bytes,
                                             std::int64_t number, std::uint64_t bits, std::uint8_t flags) {
        note_values note = make_note(points, bytes, number, bits, flags);
        note.is_local = false;
        const std::vector<cell> note_row = note.cells();
        const std::vector<cell> folder_row{cell::text(note.body), flags % 2 == 0 ? cell::null() : cell::server_key("F0")};
        std::vector<wire::server_row_view> rows;
        for (int i = 0; i < 3 + flags % 3; ++i) {
            wire::server_row_view row;
            row.table = i % 2 == 0 ? notes : folders;
            row.id = server_id::trusted("R" + std::to_string(i));
            row.local = local_id::trusted("r" + std::to_string(i));
            row.version = 1 + i + flags;
            row.incarnation = 1 + i;
            row.updated_at_ms = number;
            row.removed = i == 3;
            if (!row.removed) row.cells = row.table == notes ? cells(note_row) : cells(folder_row);
            rows.push_back(row);
        }
        wire::included_operations includes;
        includes.floor = flags;
        for (int i = 0; i < flags % 4; ++i) includes.above.push_back(flags + 2 + i);

        std::string text;
        wire::page_writer writer(text, notes_schema);
        for (const wire::server_row_view& row : rows) writer.add(row);
        RC_ASSERT(writer.count() == rows.size());
        writer.finish("cursor\"1", flags % 2 == 0, flags % 3 == 0, includes);
        RC_ASSERT(summary(wire::read_page(text, notes_schema, {}, out)) == "none");
        RC_ASSERT(out.cursor == "cursor\"1");
        RC_ASSERT(out.more == (flags % 2 == 0));
        RC_ASSERT(out.snapshot == (flags % 3 == 0));
        RC_ASSERT(out.includes.floor == includes.floor);
        RC_ASSERT(out.includes.above == includes.above);
        RC_ASSERT(out.rows.size() == rows.size());
        std::vector<wire::server_row_view> by_table;
        for (int table = 0; table < notes_schema.size(); ++table)
            std::copy_if(rows.begin(), rows.end(), std::back_inserter(by_table), [table](const auto& row) { return row.table == table; });
        rows = by_table;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            RC_ASSERT(out.rows[i].table == rows[i].table);
            RC_ASSERT(out.rows[i].id == rows[i].id);
            RC_ASSERT(out.rows[i].local == rows[i].local);
            RC_ASSERT(out.rows[i].version == rows[i].version);
            RC_ASSERT(out.rows[i].incarnation == rows[i].incarnation);
            RC_ASSERT(out.rows[i].updated_at_ms == rows[i].updated_at_ms);
            RC_ASSERT(out.rows[i].removed == rows[i].removed);
            RC_ASSERT(same(out.rows[i].cells, rows[i].cells));
        }
    });
}

TEST_CASE("an answer reads back as it was written") {
    wire::push_answer out;
    syncline_property("answer round trip", [&](const std::vector<std::uint32_t>& points, const std::string& bytes,
                                               std::int64_t number, std::uint64_t bits, std::uint8_t flags) {
        note_values note = make_note(points, bytes, number, bits, flags);
        note.is_local = false;
        const std::vector<cell> row = note.cells();
        std::vector<wire::operation_result> sent;
        for (int i = 0; i <= static_cast<int>(wire::verdict::closed); ++i) {
            wire::operation_result result;
            result.seq = i + 1;
            result.digest = bits + static_cast<std::uint64_t>(i);
            result.outcome = static_cast<wire::verdict>(i);
            result.local = local_id::trusted("n" + std::to_string(i));
            if (i % 2 == 0) result.id = server_id::trusted("N" + std::to_string(i));
            result.version = flags;
            result.incarnation = 1 + flags;
            result.updated_at_ms = number;
            result.permanent = flags % 2 == 0;
            if (i == 4) result.problem = {error_code::restricted, note.body, "note", "n4", "body"};
            if (i == 1) {
                result.table = notes;
                result.overwritten = 0b110010 & flags;
                result.lost = row;
                result.refused = 0b101 & flags;
                result.row =
                    wire::server_row_view{notes, server_id::trusted("N1"), local_id::trusted("n1"), 3, 2, number, false, row};
            }
            sent.push_back(result);
        }
        std::string text;
        wire::push_answer_writer writer(text, notes_schema);
        for (const wire::operation_result& one : sent) writer.add(one);
        writer.finish(flags);
        RC_ASSERT(summary(wire::read_push_answer(text, notes_schema, {}, out)) == "none");
        RC_ASSERT(out.version == flags);
        RC_ASSERT(out.results.size() == sent.size());
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const wire::operation_result& a = sent[i];
            const wire::operation_result& b = out.results[i];
            RC_ASSERT(a.seq == b.seq);
            RC_ASSERT(a.digest == b.digest);
            RC_ASSERT(a.outcome == b.outcome);
            RC_ASSERT(a.local == b.local);
            RC_ASSERT(a.id == b.id);
            RC_ASSERT(a.version == b.version);
            RC_ASSERT(a.incarnation == b.incarnation);
            RC_ASSERT(a.updated_at_ms == b.updated_at_ms);
            RC_ASSERT(a.permanent == b.permanent);
            RC_ASSERT(a.problem == b.problem);
            RC_ASSERT(a.table == b.table);
            RC_ASSERT(a.overwritten == b.overwritten);
            RC_ASSERT(a.refused == b.refused);
            RC_ASSERT(a.row.has_value() == b.row.has_value());
            if (a.row) RC_ASSERT(same(a.row->cells, b.row->cells));
            for (std::size_t column = 0; column < 9; ++column)
                if (has_column(a.overwritten, column)) RC_ASSERT(a.lost[column] == b.lost[column]);
        }
    });
}
