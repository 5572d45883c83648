/// Any schema under other names: tables with capitals and spaces, and fields that are called as the members of every row are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/schema/names.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline::testing {

/// Owns the tables and columns that its view points at. Its shape is that of the schema it was made from, whose other names it
/// keeps views of.
class respelled_schema {
public:
    explicit respelled_schema(const schema_view& schema)
        : tables_(schema.tables.begin(), schema.tables.end()), fingerprint_(schema.fingerprint ^ 0x6E616D6573) {
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            table_view& table = tables_[i];
            std::string& name = names_.emplace_back(i % 2 == 0 ? "My " : "");
            name += table.name;
            for (char& character : name)
                if (is_lower_case(character)) character = static_cast<char>(character - 'a' + 'A');
            table.name = name;
            table.route = names_.emplace_back(default_route(name).view());
            std::vector<column_view>& columns = columns_.emplace_back(table.columns.begin(), table.columns.end());
            // Tables begin at different names, so that some have no more than one of ours.
            for (std::size_t column = 0; column < columns.size() && column < field_names.size(); ++column) {
                columns[column].name = field_names[(column + i) % field_names.size()];
                give_way(table.members, columns[column].name);
            }
            table.columns = columns;
            table.has_plain_members = table.members == row_member::names;
        }
    }
    respelled_schema(const respelled_schema&) = delete;
    respelled_schema& operator=(const respelled_schema&) = delete;

    [[nodiscard]] schema_view view() const noexcept { return {tables_, fingerprint_}; }

private:
    static constexpr std::array<std::string_view, 10> field_names{"version", "Id",        "the text", "updatedAt",   "localId",
                                                                  "a.b",     "isDeleted", "rowid",    "INCARNATION", "gr\xc3\xb6\xc3\x9f\x65"};

    std::deque<std::string> names_;
    std::deque<std::vector<column_view>> columns_;
    std::vector<table_view> tables_;
    std::uint64_t fingerprint_;
};

}  // namespace syncline::testing
