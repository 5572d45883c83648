/// Rows of the backend as the messages carry them.
#pragma once

#include <cstddef>
#include <span>

#include <syncline/server/backend.hpp>

namespace syncline {

/// A view of `row` that lives as long as the row.
[[nodiscard]] inline wire::server_row_view view_of(int table, const server_row& row) noexcept {
    wire::server_row_view view{table, row.id, row.local, row.version, row.incarnation, row.updated_at_ms, row.removed, {}};
    if (!row.removed) {
        view.cells = row.values.cells();
        return view;
    }
    view.base_version = row.removal_base;
    if (!row.last_writer.device.empty()) {
        view.last_writer = row.last_writer.device;
        view.last_seq = row.last_writer.seq;
    }
    return view;
}

/// The same view, its values kept in the buffers of `Message`, a push_answer or page.
template <class Message>
[[nodiscard]] wire::server_row_view keep_row(Message& message, wire::server_row_view view) {
    const std::span<cell> kept = message.cells.take(view.cells.size());
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = message.bytes.keep(view.cells[i]);
    view.cells = kept;
    view.last_writer = message.bytes.keep(view.last_writer);
    return view;
}

}  // namespace syncline
