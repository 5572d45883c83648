/// A message in JSON, right or wrong, as the same message in CBOR: nothing is checked, so that readers have to.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/wire/reader.hpp>
#include <wire/support/cbor_text.hpp>
#include <wire/support/json_tree.hpp>

namespace syncline::tests {

/// Turns trees into CBOR; knows a schema, because the kind of a column decides how JSON writes its values.
class transcoder {
public:
    explicit transcoder(const schema_view& schema) : schema_(schema) {}

    [[nodiscard]] std::string push(const json_tree& root) const {
        return members(root, wire::push_member::names, [this](int place, const json_tree& value) {
            if (place == wire::push_member::schema) return word(value);
            if (place != wire::push_member::operations) return plain(value);
            if (!value.is(type::array)) return plain(value);
            std::vector<std::string> runs;
            for (const json_tree& one : value.items) runs.push_back(one.is(type::object) ? run_of_operation(one) : plain(one));
            return cbor::array(runs);
        });
    }

    [[nodiscard]] std::string page(const json_tree& root) const {
        return members(root, wire::page_member::names, [this](int place, const json_tree& value) {
            if (place == wire::page_member::includes) return members(value, wire::includes_member::names, as_plain());
            if (place != wire::page_member::changes) return plain(value);
            if (!value.is(type::object)) return no_list(value);
            std::vector<std::string> runs;
            for (std::size_t i = 0; i < value.items.size(); ++i) add_runs_of_table(value.keys[i], value.items[i], runs);
            return cbor::array(runs);
        });
    }

    [[nodiscard]] std::string push_answer(const json_tree& root) const {
        return members(root, wire::answer_member::names, [this](int place, const json_tree& value) {
            if (place == wire::answer_member::version) return version(value);
            if (place != wire::answer_member::results || !value.is(type::array)) return plain(value);
            std::vector<std::string> runs;
            for (const json_tree& one : value.items) runs.push_back(one.is(type::object) ? run_of_result(one) : plain(one));
            return cbor::array(runs);
        });
    }

    [[nodiscard]] std::string error_answer(const json_tree& root) const {
        constexpr std::array<std::string_view, 1> names{"error"};
        return members(root, names,
                       [](int, const json_tree& value) { return members(value, wire::problem_member::names, as_plain()); });
    }

private:
    using type = json_tree::type;
    using value_writer = std::function<std::string(int place, const json_tree& value)>;

    [[nodiscard]] static std::string plain(const json_tree& value) {
        switch (value.kind) {
            case type::null: return cbor::null();
            case type::boolean: return cbor::boolean(value.flag);
            case type::integer: return cbor::number(value.integer);
            case type::huge: return cbor::head(value.is_negative ? 1 : 0, value.huge);
            case type::real: return cbor::real(value.real);
            case type::text: return cbor::text(value.text);
            case type::array: {
                std::vector<std::string> items;
                for (const json_tree& item : value.items) items.push_back(plain(item));
                return cbor::array(items);
            }
            case type::object: return members(value, {}, as_plain());
        }
        return {};
    }

    [[nodiscard]] static value_writer as_plain() {
        return [](int, const json_tree& value) { return plain(value); };
    }

    /// Where CBOR has a list and JSON an object, a list in JSON must become what is no list.
    [[nodiscard]] static std::string no_list(const json_tree& value) {
        return value.is(type::array) ? cbor::map({}) : plain(value);
    }

    [[nodiscard]] static int place_of(std::span<const std::string_view> names, std::string_view name) {
        const auto found = std::find(names.begin(), names.end(), name);
        return found == names.end() ? -1 : static_cast<int>(found - names.begin());
    }

    [[nodiscard]] static std::string key_of(std::span<const std::string_view> names, const std::string& name) {
        const int place = place_of(names, name);
        return place < 0 ? cbor::text(name) : cbor::number(place);
    }

    [[nodiscard]] static std::string sorted_map(cbor::pairs pairs) {
        // As a stable sort would, whose buffer clang calls deprecated.
        for (std::size_t i = 1; i < pairs.size(); ++i)
            for (std::size_t j = i; j > 0 && pairs[j].first < pairs[j - 1].first; --j) std::swap(pairs[j], pairs[j - 1]);
        return cbor::map(pairs);
    }

    /// An object whose known keys become numbers; what is none stays what it is.
    [[nodiscard]] static std::string members(const json_tree& value, std::span<const std::string_view> names,
                                             const value_writer& write) {
        if (!value.is(type::object)) return plain(value);
        cbor::pairs pairs;
        for (std::size_t i = 0; i < value.items.size(); ++i)
            pairs.emplace_back(key_of(names, value.keys[i]), write(place_of(names, value.keys[i]), value.items[i]));
        return sorted_map(pairs);
    }

    [[nodiscard]] static const json_tree* find(const json_tree& object, std::string_view name) {
        for (std::size_t i = 0; i < object.keys.size(); ++i)
            if (object.keys[i] == name) return &object.items[i];
        return nullptr;
    }

    [[nodiscard]] static std::string word(const json_tree& value) {
        if (!value.is(type::text)) return plain(value);
        const auto number = wire::parse_hexadecimal(value.text);
        return number ? cbor::word(*number) : cbor::bytes(value.text);
    }

    [[nodiscard]] static std::string id(const json_tree& value) {
        char packed[wire::cbor::ulid_bytes];
        const std::size_t size = value.is(type::text) ? wire::cbor::pack_id(value.text, packed) : 0;
        return size == 0 ? plain(value) : cbor::bytes({packed, size});
    }

    [[nodiscard]] static std::string cell(const column_view* column, const json_tree& value) {
        if (column == nullptr) return plain(value);
        if (column->kind == column_kind::key) {
            if (value.is(type::object) && value.keys == std::vector<std::string>{"localId"}) return cbor::array({id(value.items[0])});
            // A list in JSON is no local key.
            return value.is(type::array) ? cbor::map({}) : id(value);
        }
        std::string bytes;
        if (column->kind == column_kind::bytes && value.is(type::text) && wire::json::read_base64(value.text, bytes))
            return cbor::bytes(bytes);
        return plain(value);
    }

    [[nodiscard]] const table_view* entity_in(const json_tree& object) const {
        const json_tree* const name = find(object, "entity");
        const int table = name == nullptr ? -1 : schema_.find_entity(name->text);
        return table < 0 ? nullptr : &schema_[table];
    }

    /// Takes the object of fields apart: into the names for a header and the values for an item.
    struct field_parts {
        std::vector<std::string> names, values;
    };
    static void add_field(const table_view* table, const std::string& name, const json_tree& value, field_parts& out) {
        const int column = table == nullptr ? -1 : table->find_column(name);
        out.names.push_back(cbor::text(name));
        out.values.push_back(cell(column < 0 ? nullptr : &table->columns[static_cast<std::size_t>(column)], value));
    }

    /// Adds a member that is an object of fields to header and item.
    static void add_fields(int key, const table_view* table, const json_tree& value, cbor::pairs& header, cbor::pairs& item) {
        if (!value.is(type::object)) {
            header.emplace_back(cbor::number(key), no_list(value));
            return;
        }
        field_parts parts;
        for (std::size_t i = 0; i < value.items.size(); ++i) add_field(table, value.keys[i], value.items[i], parts);
        header.emplace_back(cbor::number(key), cbor::array(parts.names));
        item.emplace_back(cbor::number(key), cbor::array(parts.values));
    }

    [[nodiscard]] std::string run_of_operation(const json_tree& one) const {
        using member = wire::operation_member;
        const table_view* const table = entity_in(one);
        cbor::pairs header, item;
        for (std::size_t i = 0; i < one.items.size(); ++i) {
            const int place = place_of(member::names, one.keys[i]);
            const json_tree& value = one.items[i];
            const std::string key = key_of(member::names, one.keys[i]);
            if (place == member::op || place == member::entity) header.emplace_back(key, plain(value));
            else if (place == member::fields || place == member::before || place == member::edited) add_fields(place, table, value, header, item);
            else if (place == member::digest) item.emplace_back(key, word(value));
            else if (place == member::local || place == member::id) item.emplace_back(key, id(value));
            else if (place == member::base_version) item.emplace_back(key, version(value));
            else item.emplace_back(key, plain(value));
        }
        header.emplace_back(cbor::number(wire::cbor::run_operations), cbor::array({sorted_map(item)}));
        return sorted_map(header);
    }

    /// The row and the names of its fields. Version and time are differences from those `before`.
    [[nodiscard]] static std::string row(const json_tree& one, const table_view* table, row_version version_before, std::int64_t time_before,
                                         std::string& names) {
        using member = wire::row_member;
        cbor::pairs item;
        field_parts parts;
        bool has_time = false;
        for (std::size_t i = 0; i < one.items.size(); ++i) {
            const int place = place_of(member::names, one.keys[i]);
            const json_tree& value = one.items[i];
            has_time |= place == member::updated_at;
            if (place < 0) add_field(table, one.keys[i], value, parts);
            else if (place == member::id || place == member::local) item.emplace_back(cbor::number(place), id(value));
            else if (place == member::version) item.emplace_back(cbor::number(place), version(value, version_before));
            else if (place == member::updated_at) item.emplace_back(cbor::number(place), difference(value, time_before));
            else if (place == member::base_version) item.emplace_back(cbor::number(place), version(value));
            else item.emplace_back(cbor::number(place), plain(value));
        }
        if (!has_time && time_before != 0) item.emplace_back(cbor::number(member::updated_at), difference(0, time_before));
        if (!parts.names.empty()) item.emplace_back(cbor::number(wire::cbor::row_fields), cbor::array(parts.values));
        names = cbor::array(parts.names);
        return sorted_map(item);
    }

    [[nodiscard]] static std::string difference(std::int64_t value, std::int64_t before) {
        return cbor::number(static_cast<std::int64_t>(static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(before)));
    }
    [[nodiscard]] static std::string difference(const json_tree& value, std::int64_t before) {
        return value.is(type::integer) ? difference(value.integer, before) : plain(value);
    }

    /// Two numbers, as differences from those of `before`. A text that is no version becomes a list that is none.
    [[nodiscard]] static std::string version(const json_tree& value, row_version before = {}) {
        if (!value.is(type::text)) return no_list(value);
        const auto read = row_version::parse(value.text);
        if (!read) return cbor::array({});
        return cbor::array({difference(read->generation(), before.generation()), difference(read->number(), before.number())});
    }
    [[nodiscard]] static row_version version_in(const json_tree& object) {
        const json_tree* const value = find(object, "version");
        return value == nullptr || !value->is(type::text) ? row_version() : row_version::parse(value->text).value_or(row_version());
    }

    [[nodiscard]] static std::int64_t integer_in(const json_tree& object, std::string_view name) {
        const json_tree* const value = find(object, name);
        return value == nullptr || !value->is(type::integer) ? 0 : value->integer;
    }

    void add_runs_of_table(const std::string& name, const json_tree& rows, std::vector<std::string>& runs) const {
        const int index = schema_.find_table(name);
        const table_view* const table = index < 0 ? nullptr : &schema_[index];
        const auto add = [&](const std::string& names, const std::string& list) {
            runs.push_back(cbor::map({{cbor::number(0), cbor::text(name)}, {cbor::number(1), names}, {cbor::number(2), list}}));
        };
        if (!rows.is(type::array)) add(cbor::array({}), no_list(rows));
        for (const json_tree& one : rows.items) {
            if (!rows.is(type::array)) break;
            std::string names = cbor::array({});
            const std::string item = one.is(type::object) ? row(one, table, {}, 0, names) : plain(one);
            add(names, cbor::array({item}));
        }
    }

    [[nodiscard]] std::string run_of_result(const json_tree& one) const {
        using member = wire::result_member;
        const table_view* const table = entity_in(one);
        cbor::pairs header, item;
        for (std::size_t i = 0; i < one.items.size(); ++i) {
            const int place = place_of(member::names, one.keys[i]);
            const json_tree& value = one.items[i];
            const std::string key = key_of(member::names, one.keys[i]);
            if (place == member::outcome || place == member::entity || place == member::refused || place == member::kept) {
                header.emplace_back(key, plain(value));
            } else if (place == member::conflicts) {
                add_fields(place, table, value, header, item);
            } else if (place == member::row && value.is(type::object)) {
                std::string names;
                item.emplace_back(key, row(value, table, version_in(one), integer_in(one, "updatedAt"), names));
                header.emplace_back(key, names);
            } else if (place == member::problem) {
                item.emplace_back(key, members(value, wire::problem_member::names, as_plain()));
            } else if (place == member::digest) {
                item.emplace_back(key, word(value));
            } else if (place == member::local || place == member::id) {
                item.emplace_back(key, id(value));
            } else if (place == member::version) {
                item.emplace_back(key, version(value));
            } else {
                item.emplace_back(key, plain(value));
            }
        }
        header.emplace_back(cbor::number(wire::cbor::run_results), cbor::array({sorted_map(item)}));
        return sorted_map(header);
    }

    const schema_view& schema_;
};

}  // namespace syncline::tests
