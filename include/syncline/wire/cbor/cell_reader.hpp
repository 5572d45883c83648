/// The fields of a run: their names once in its header, then the values of one row or operation after the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <syncline/model/arena.hpp>
#include <syncline/wire/cbor/item_reader.hpp>
#include <syncline/wire/cell_rules.hpp>

namespace syncline::wire::cbor {

/// Room for the text of an id that travelled as bytes.
struct id_room {
    std::array<char, uuid_characters> text;
};

/// Makes bytes that stand for an id the text of that id, which lives in `room`. Any other value stays as it is.
inline void unpack_id(wire_value& value, id_room& room) noexcept {
    if (value.kind != value_kind::bytes) return;
    const std::size_t size = unpack_id(value.text, room.text.data());
    if (size != 0) value = {value_kind::id, 0, 0, {room.text.data(), size}};
}

/// Makes 8 bytes the word they mean; false with a note where there are fewer or more.
[[nodiscard]] inline bool read_word(wire_value& value, std::string_view name, error& problem) {
    if (value.kind != value_kind::bytes) return true;
    if (value.text.size() != 8) {
        note(problem, error_code::malformed, "8 bytes were expected", name);
        return false;
    }
    std::uint64_t word = 0;
    for (const char byte : value.text) word = word << 8 | static_cast<unsigned char>(byte);
    value = {value_kind::word, static_cast<std::int64_t>(word), 0, {}};
    return true;
}

/// The columns that a header names, in its order.
class field_list {
public:
    void clear() noexcept {
        size_ = 0;
        mask_ = 0;
    }

    /// Reads the list that is the member `name` of a header; without a table its names mean nothing.
    void read(item_reader& in, const table_view* table, unknown_fields unknown, std::string_view name, error& problem) {
        clear();
        wire_value value;
        if (!in.is_next(major::array)) {
            if (in.next(value)) note(problem, error_code::wrong_type, "a list of names was expected", name);
            return;
        }
        open_items items;
        if (!in.enter_array(items)) return;
        while (in.more(items) && in.next(value)) {
            if (size_ == columns_.size()) {
                in.fail(error_code::too_large, "a header has too many names", name);
                return;
            }
            columns_[size_++] = column_of(value, table, unknown, name, problem);
        }
    }

    /// Places in the table; -1 for a name to pass over.
    [[nodiscard]] std::span<const std::int8_t> columns() const noexcept { return {columns_.data(), size_}; }
    [[nodiscard]] column_mask mask() const noexcept { return mask_; }

private:
    std::int8_t column_of(const wire_value& value, const table_view* table, unknown_fields unknown, std::string_view name,
                          error& problem) {
        if (value.kind != value_kind::text) note(problem, error_code::wrong_type, "a name was expected", name);
        else if (value.text.size() > key_bytes_max) note(problem, error_code::too_large, "a name is too long");
        else if (table != nullptr) return static_cast<std::int8_t>(take_column(*table, value.text, unknown, mask_, problem));
        return -1;
    }

    static constexpr std::size_t names_max = 4 * columns_max;
    std::array<std::int8_t, names_max> columns_;
    std::size_t size_ = 0;
    column_mask mask_ = 0;
};

/// Reads the values that belong to a field_list.
class cell_reader {
public:
    cell_reader(item_reader& in, const limits& bounds, arena& bytes, key_form keys, error& problem) noexcept
        : in_(in), rules_(bounds, keys), bytes_(bytes), problem_(problem) {}

    /// Reads the list of values that is the member `name` into `row`, which has a cell for each column of `table`.
    void read(const field_list& fields, const table_view& table, std::span<cell> row, std::string_view name) {
        if (!in_.is_next(major::array)) {
            wire_value value;
            if (in_.next(value)) note(problem_, error_code::wrong_type, "a list of values was expected", name);
            return;
        }
        open_items items;
        if (!in_.enter_array(items)) return;
        if (!items.until_end && items.left == fields.columns().size()) {
            for (const std::int8_t column : fields.columns()) read_cell(column, table, row);
            return in_.leave();
        }
        for (const std::int8_t column : fields.columns()) {
            if (!in_.more(items)) {
                in_.fail(error_code::malformed, "there are fewer values than names", name);
                return;
            }
            read_cell(column, table, row);
        }
        if (in_.more(items)) in_.fail(error_code::malformed, "there are more values than names", name);
    }

private:
    void read_cell(std::int8_t place, const table_view& table, std::span<cell> row) {
        if (place < 0) {
            in_.skip();
            return;
        }
        const column_view& column = table.columns[static_cast<std::size_t>(place)];
        wire_value value;
        id_room room;
        if (column.kind == column_kind::key && rules_.keys() == key_form::server_or_local && in_.is_next(major::array)) {
            read_local_key(value, room);
        } else {
            if (!in_.next(value)) return;
            if (column.kind == column_kind::key) unpack_id(value, room);
        }
        if (in_.is_stopped()) return;
        cell checked;
        rules_.check(column, value, checked, problem_);
        row[static_cast<std::size_t>(place)] = bytes_.keep(checked);
    }

    /// A local key is a list of one id; any other list is no value of a cell.
    void read_local_key(wire_value& value, id_room& room) {
        open_items items;
        std::size_t count = 0;
        if (!in_.enter_array(items)) return;
        for (; in_.more(items); ++count)
            if (!(count == 0 ? in_.next(value) : in_.skip())) return;
        unpack_id(value, room);
        if (value.kind == value_kind::text && !local_id::is_valid(value.text)) value.text = {};
        const bool is_key = count == 1 && (value.kind == value_kind::id || value.kind == value_kind::text);
        value.kind = is_key ? value_kind::local_reference : value_kind::nested;
    }

    item_reader& in_;
    cell_rules rules_;
    arena& bytes_;
    error& problem_;
};

}  // namespace syncline::wire::cbor
