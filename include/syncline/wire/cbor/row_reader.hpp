/// One row in CBOR, in a page or a verdict.
#pragma once

#include <cstdint>
#include <string_view>

#include <syncline/wire/cbor/cell_reader.hpp>
#include <syncline/wire/cbor/message.hpp>
#include <syncline/wire/row_members.hpp>

namespace syncline::wire::cbor {

/// Reads rows into cells of one pool, their texts into `bytes`.
class row_reader {
public:
    row_reader(item_reader& in, cell_reader& cells, arena& bytes, cell_pool& pool, error& problem) noexcept
        : in_(in), cells_(cells), bytes_(bytes), pool_(pool), problem_(problem) {}

    /// Reads the map of a row, which must be next. `fields` are those of its run; `before` becomes this row.
    void read(const field_list& fields, const table_view& table, row_history& before, server_row_view& row) {
        open_map map;
        map_key key;
        std::uint32_t seen = 0;
        bool has_fields = false;
        row.updated_at_ms = before.updated_at_ms.previous();
        const std::span<cell> values = pool_.take(table.columns.size());
        if (!in_.enter(map)) return;
        while (in_.next_key(map, names, key)) {
            if (key.place == row_fields) {
                cells_.read(fields, table, values, "fields");
                has_fields = true;
            } else if (key.place < 0) {
                in_.skip();
            } else {
                seen |= 1u << key.place;
                read_member(key.place, table, before, row);
            }
        }
        if (in_.is_stopped()) return;
        if (!row.removed) row.cells = values;
        check_row(row, table, seen, has_fields ? fields.mask() : 0, problem_);
    }

private:
    static constexpr auto names = with_name(row_member::names, "fields");

    void read_member(int member, const table_view& table, row_history& before, server_row_view& row) {
        if (member == row_member::version) {
            row.version = read_version(in_, before.version, row_versions, "version", problem_);
            return;
        }
        if (member == row_member::base_version) {
            row.base_version = read_version(in_, row_versions, "baseVersion", problem_);
            return;
        }
        wire_value value;
        id_room room;
        if (!in_.next(value)) return;
        switch (member) {
            case row_member::id:
            case row_member::local: unpack_id(value, room); break;
            case row_member::updated_at: continue_from(before.updated_at_ms, value); break;
            default: break;
        }
        take_row_member(member, value, table, row, problem_);
        if (member == row_member::last_writer) row.last_writer = bytes_.keep(row.last_writer);
    }

    item_reader& in_;
    cell_reader& cells_;
    arena& bytes_;
    cell_pool& pool_;
    error& problem_;
};

}  // namespace syncline::wire::cbor
