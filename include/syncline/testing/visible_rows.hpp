/// The rows of a device or server as canonical text: devices and server can be compared row by row, and by one hash.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/base/hash.hpp>
#include <syncline/client/store.hpp>
#include <syncline/model/image.hpp>
#include <syncline/server/backend.hpp>

namespace syncline::testing {

/// Every visible row: "table/local id" to the image of its cells, keys as local ids.
using visible_rows = std::map<std::string, std::string>;

namespace detail {
inline void add_row(visible_rows& rows, const table_view& table, std::string_view id, cells values) {
    rows.emplace(std::string(table.name) + "/" + std::string(id), make_image(values, table.all_columns()));
}
}  // namespace detail

/// The rows of a device.
template <store S>
[[nodiscard]] visible_rows visible_rows_of(S& device) {
    visible_rows rows;
    const schema_view& schema = device.schema();
    auto reading = device.begin_read();
    for (int table = 0; table < schema.size(); ++table)
        device.scan_rows(table, [&](const local_id& id, const row_buffer& row) { detail::add_row(rows, schema[table], id.view(), row.cells()); });
    reading.commit();
    return rows;
}

/// The rows that the server holds of an owner. A key that points at no live row shows as its server id, so that it equals nothing.
template <backend B>
[[nodiscard]] visible_rows visible_rows_of(B& server, std::string_view owner) {
    visible_rows rows;
    const schema_view& schema = server.schema();
    auto tx = server.begin_read(owner);
    struct kept_row {
        int table;
        local_id id;
        std::string image;
    };
    std::vector<kept_row> kept;
    feed_position after;
    for (bool more = true; more;) {
        more = false;
        tx.scan_snapshot(after, 1'000, [&](int table, const server_row& row) {
            kept.push_back({table, row.local, make_image(row.values.cells(), schema[table].all_columns())});
            after.table = table;
            after.local = row.local;
            return more = true;
        });
    }
    for (const kept_row& row : kept) {
        const table_view& table = schema[row.table];
        std::vector<cell> values = read_image(row.image, table.columns.size());
        arena bytes;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].kind() != cell_kind::server_key) continue;
            const auto target = tx.identify(table.columns[i].target, server_id::trusted(values[i].view()));
            if (target && !target->removed) values[i] = cell::local_key(bytes.keep(target->local.view()));
        }
        detail::add_row(rows, table, row.id.view(), values);
    }
    return rows;
}

/// One number for all rows; the same for equal contents on every machine.
[[nodiscard]] inline std::uint64_t hash_of(const visible_rows& rows) noexcept {
    hasher hash;
    for (const auto& [name, image] : rows) hash.add(name).add(image);
    return hash.finish();
}

}  // namespace syncline::testing
