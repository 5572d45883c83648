/// One row as pages and verdicts write it: what sync knows of it beside its fields, flat in one object.
#pragma once

#include <cstdint>
#include <string_view>

#include <syncline/wire/json/field_reader.hpp>
#include <syncline/wire/row_members.hpp>

namespace syncline::wire::json {

/// Reads one row object at a time: start, then keys and values, then finish.
class row_reader {
public:
    row_reader(cell_decoder& decoder, cell_pool& pool, error& problem) noexcept
        : fields_(decoder, pool, unknown_fields::ignored, problem), bytes_(decoder.bytes()), problem_(problem) {}

    /// Begins an object; without a table all its values are kept until finish, because only a table tells members from fields.
    void start(const table_view* table) {
        table_ = table;
        members_.start();
        fields_.start(table);
        row_ = {};
    }

    [[nodiscard]] key_use key(std::string_view name) {
        member_ = member_finder::unknown;
        if (table_ == nullptr || (members_.seen() == row_member::of_every_row && fields_.predicts(name))) return fields_.key(name);
        member_ = members_.find(table_->members, name);
        if (member_ == member_finder::unknown) return fields_.key(name);
        if (member_ != member_finder::repeated) return key_use::take;
        note_repeated(name);
        return key_use::ignore;
    }

    void value(const wire_value& value) {
        if (member_ < 0) return fields_.value(value);
        take_row_member(member_, value, *table_, row_, problem_);
        if (member_ == row_member::last_writer) row_.last_writer = bytes_.keep(row_.last_writer);
    }

    /// The row, checked against its table; table indices are the caller's.
    [[nodiscard]] const server_row_view& finish(const table_view& table) {
        if (table_ == nullptr) take_early_members(table);
        if (!row_.removed) {
            fields_.finish(table);
            row_.cells = fields_.cells();
        }
        check_row(row_, table, members_.seen(), fields_.mask(), problem_);
        return row_;
    }

    [[nodiscard]] const local_id& local_so_far() const noexcept { return row_.local; }

private:
    [[gnu::cold]] void take_early_members(const table_view& table) {
        fields_.take_early([&](std::string_view name, const wire_value& value) {
            const int member = members_.find(table.members, name);
            if (member == member_finder::repeated) note_repeated(name);
            if (member >= 0) take_row_member(member, value, table, row_, problem_);
            return member != member_finder::unknown;
        });
    }
    void note_repeated(std::string_view name) { note(problem_, error_code::duplicate_key, "the key is there twice", name); }

    field_reader fields_;
    arena& bytes_;
    error& problem_;
    const table_view* table_ = nullptr;
    member_finder members_;
    int member_ = 0;
    server_row_view row_;
};

}  // namespace syncline::wire::json
