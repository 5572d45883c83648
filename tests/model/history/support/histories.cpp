#include <model/history/support/histories.hpp>

namespace history_tests {

namespace {

std::string columns_of(column_mask mask) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (has_column(mask, i)) text += (text.empty() ? "" : ",") + std::string(columns[i].name);
    return text.empty() ? "no column" : text;
}

std::string text_of_image(std::string_view& image) {
    std::vector<cell> values(columns.size());
    const column_mask mask = take_image(image, values);
    return "(" + text_of(values, mask) + ")";
}

std::string text_of_image(const std::string& image) {
    std::string_view rest = image;
    return text_of_image(rest);
}

std::string text_of_conflict(const conflict_record& record) {
    std::string text = std::string(name_of(record.kind)) + " at " + std::to_string(record.version.number()) + ": " + columns_of(record.mask) + " mine " +
                       text_of_image(record.mine);
    if (!record.theirs.empty()) text += " theirs " + text_of_image(record.theirs);
    if (record.mine_won) text += " mine won";
    if (!record.reason.empty()) text += " because " + record.reason;
    return text;
}

}  // namespace

std::string text_of(cells values, column_mask mask) {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i != 0) text += ' ';
        if (!has_column(mask, i)) text += '.';
        else if (values[i].is_null()) text += '-';
        else if (values[i].kind() == cell_kind::integer) text += std::to_string(values[i].as_integer());
        else text += values[i].view();
    }
    return text;
}

std::string text_of(const outbox_entry& entry) {
    std::string text(name_of(entry.kind));
    if (entry.kind == operation_kind::close) text += " of " + std::string(name_of(entry.closes));
    if (entry.mask != (makes_row(entry) ? whole : 0)) text += " " + columns_of(entry.mask);
    if (entry.seq != 0) text += " #" + std::to_string(entry.seq);
    if (entry.behind != 0) text += " behind " + std::to_string(entry.behind);
    if (entry.state == entry_state::in_flight) text += " in flight";
    if (entry.state == entry_state::quarantined) text += " set aside";
    if (entry.incarnation != 1) text += " life " + std::to_string(entry.incarnation);
    if (entry.group != 0) text += " group " + std::to_string(entry.group);
    if (entry.contained) text += " contained";
    if (!entry.frozen.empty()) {
        std::string_view image = entry.frozen;
        text += " sent " + text_of_image(image);
        if (const std::string before = text_of_image(image); before != "(. . .)") text += " over " + before;
    }
    const bool has_version = !entry.frozen.empty() || entry.kind == operation_kind::remove || entry.closes == operation_kind::remove;
    if (has_version && !entry.base_version.is_none()) text += " from " + std::to_string(entry.base_version.number());
    if (!entry.created.empty()) text += " made " + text_of_image(entry.created);
    if (entry.attempts != 0) text += " tried " + std::to_string(entry.attempts);
    if (entry.reason != error_code::none) text += " because " + std::string(name_of(entry.reason));
    if (!entry.reason_text.empty()) text += ": " + entry.reason_text;
    return text;
}

std::string text_of(const row_history& history) {
    std::string text = !history.exists ? "gone" : (history.visible ? "shows " : "hidden ") + text_of(history.shown);
    if (history.exists && history.is_clean() && history.version != at_version(4)) text += " at " + std::to_string(history.version.number());
    if (history.removed_by != 0) text += " by " + std::to_string(history.removed_by);
    if (history.remote.view() != "R") text += history.remote.empty() ? " unknown" : " as " + history.remote.str();
    if (history.incarnation != 1) text += " life " + std::to_string(history.incarnation);
    if (history.has_base() && history.exists) text += " | base " + text_of(history.base) + " at " + std::to_string(history.version.number());
    for (const outbox_entry& entry : history.edits) text += " | " + text_of(entry);
    return text;
}

std::string text_of(const row_effects& effects) {
    std::string text;
    const auto add = [&](const std::string& one) { text += (text.empty() ? "" : " | ") + one; };
    for (const conflict_record& record : effects.conflicts) add(text_of_conflict(record));
    for (const outbox_entry& entry : effects.voids) add(text_of(entry));
    if (effects.fetch) add("fetch");
    if (effects.of_this_sync) add("of this sync");
    if (effects.refused) add("refused");
    if (effects.put_off) add("put off");
    if (effects.never_made) add("never made");
    if (effects.leaves) add("leaves at " + std::to_string(effects.leaves_at.number()));
    if (effects.leaves_later) add("leaves later at " + std::to_string(effects.leaves_at.number()));
    return text;
}

std::string text_of(const row_history& history, const row_effects& effects) {
    const std::string wanted = text_of(effects);
    return text_of(history) + (wanted.empty() ? "" : " => " + wanted);
}

}  // namespace history_tests
