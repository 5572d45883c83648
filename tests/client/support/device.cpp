#include <client/support/device.hpp>

#include <syncline/client/histories.hpp>

namespace client_tests {

namespace {

std::string text_of_image(std::string_view image, std::size_t columns) {
    std::vector<cell> values(columns);
    const column_mask mask = take_image(image, values);
    std::string text;
    for (std::size_t i = 0; i < columns; ++i)
        if (has_column(mask, i)) text += (text.empty() ? "" : " ") + text_of(cells(values).subspan(i, 1));
    return text;
}

std::string text_of_state(const row_state& state) {
    std::string text = (state.id.empty() ? std::string("unknown") : state.id.str()) + " at " + std::to_string(state.version.number());
    if (state.incarnation != 1) text += " life " + std::to_string(state.incarnation);
    if (state.pending != 0) text += " #" + std::to_string(state.pending);
    return text;
}

}  // namespace

std::string text_of(cells values) {
    std::string text;
    for (const cell& value : values) {
        if (!text.empty()) text += ' ';
        if (value.is_null()) text += '-';
        else if (value.kind() == cell_kind::integer) text += std::to_string(value.as_integer());
        else text += value.view();
    }
    return text;
}

std::string text_of(const outbox_entry& entry) {
    std::string text = "#" + std::to_string(entry.seq) + " " + std::string(name_of(entry.kind)) + " " + entry.id.str();
    if (entry.kind == operation_kind::update)
        for (std::size_t i = 0; i < schema[entry.table].columns.size(); ++i)
            if (has_column(entry.mask, i)) text += " " + std::string(schema[entry.table].columns[i].name);
    if (entry.behind != 0) text += " behind " + std::to_string(entry.behind);
    if (entry.state == entry_state::in_flight) text += " in flight";
    if (entry.state == entry_state::quarantined) text += " set aside";
    if (entry.incarnation != 1) text += " life " + std::to_string(entry.incarnation);
    if (entry.contained) text += " contained";
    if (entry.attempts != 0) text += " tried " + std::to_string(entry.attempts);
    if (entry.not_before_ms != 0) text += " put off";
    if (!entry.frozen.empty()) text += " sent " + text_of_image(entry.frozen, schema[entry.table].columns.size());
    return text;
}

std::string device::values_of(int table, std::string_view row) {
    row_buffer buffer;
    return store_.find_row(table, id(row), buffer) ? text_of(buffer.cells()) : "nothing";
}

std::string device::listing() {
    std::string text;
    store_adapter port(store_);
    for (int table = 0; table < schema.size(); ++table) {
        std::vector<local_id> dirty;
        store_.scan_rows(table, [&](const local_id& row, const row_buffer& buffer) {
            text += row.str() + ": " + text_of(buffer.cells()) + ", " + text_of_state(buffer.state) + "\n";
            dirty.push_back(row);
        });
        for (const local_id& row : dirty)
            if (loaded_row loaded; load_visible(port, table, row, loaded) && loaded.history.has_base())
                text += "base of " + row.str() + ": " + text_of(loaded.history.base) + " at " + std::to_string(loaded.history.version.number()) + "\n";
    }
    store_.scan_entries([&](const outbox_entry& entry) { text += text_of(entry) + "\n"; });
    for (sequence root = store_.removal_after(0); root != 0; root = store_.removal_after(root))
        store_.scan_removed_by(root, [&](const removed_row& record) {
            text += "removed by " + std::to_string(root) + " " + record.id.str() + ": " + text_of_image(record.image, schema[record.table].columns.size()) + ", " +
                    text_of_state(record.state);
            if (!record.base.empty()) text += ", base " + text_of_image(record.base, schema[record.table].columns.size());
            if (record.unsent_create) text += ", create unsent";
            if (record.unsent != 0) text += ", unsent " + std::to_string(record.unsent);
            text += "\n";
        });
    store_.scan_parked([&](const parked_row& row) {
        text += std::string(row.removed ? "parked removal of " : "parked ") + row.id.str();
        if (!row.removed) text += ": " + text_of_image(row.image, schema[row.table].columns.size());
        text += " at " + std::to_string(row.version.number()) + "\n";
    });
    store_.scan_conflicts([&](const conflict_record& record) { text += "conflict: " + std::string(name_of(record.kind)) + " " + record.id.str() + "\n"; });
    return text;
}

}  // namespace client_tests
