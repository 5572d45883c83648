/// The edits of a row that was removed here: one in flight, whose verdict its record waits for, and what the removal replaced.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/edits.hpp>
#include <syncline/client/new_base.hpp>

namespace syncline {

/// What a refusal of the removal has to show again.
class removed_edits {
public:
    template <store S>
    removed_edits(S& store, const removed_row& record)
        : table_(store.schema()[record.table]), shown_(read_image(record.image, table_.columns.size())) {
        std::vector<cell> base;
        if (!record.base.empty()) base = read_image(record.base, table_.columns.size());
        outbox_entry entry;
        if (record.state.pending != 0 && store.find_entry(record.state.pending, entry)) chain_.push_back(std::move(entry));
        if (record.unsent_create || record.unsent != 0) {
            outbox_entry& unsent = chain_.emplace_back();
            unsent.kind = record.unsent_create ? operation_kind::create : operation_kind::update;
            unsent.mask = record.unsent_create ? table_.all_columns() : record.unsent;
        }
        edits_.emplace(table_, record.table, chain_, shown_, base);
    }

    /// The row with all edits laid over a newer one of the server, which contains what `includes` says.
    template <store S>
    [[nodiscard]] std::vector<cell> shown_on(S& store, cells fresh, const wire::included_operations* includes) {
        note_contained(store, chain_, includes);
        edits_->note_contained(chain_);
        return laid_over(fresh, edits_->all());
    }
    /// The row with what is behind the entry in flight laid over what its verdict left.
    [[nodiscard]] std::vector<cell> shown_behind_first(cells settled) const { return laid_over(settled, edits_->behind_first()); }

private:
    [[nodiscard]] std::vector<cell> laid_over(cells row, std::span<const pending_edit> edits) const {
        std::vector<cell> shown(row.begin(), row.end());
        rebase(shown, table_, edits);
        return shown;
    }

    const table_view& table_;
    std::vector<cell> shown_;
    std::vector<outbox_entry> chain_;
    std::optional<edit_stack> edits_;
};

/// The row's removal record that waits for this entry. False if there is none.
template <store S>
[[nodiscard]] bool find_removed_waiting(S& store, const outbox_entry& entry, removed_row& out) {
    bool found = false;
    store.scan_removed_of(entry.table, entry.id, [&](const removed_row& record) {
        if (record.state.pending != entry.seq) return;
        out = record;
        found = true;
    });
    return found;
}

/// The removal that took a row, if it names that very row and was not sent yet. False for any other.
template <store S>
[[nodiscard]] bool find_own_removal(S& store, const removed_row& record, outbox_entry& out) {
    return store.find_entry(record.root, out) && out.kind == operation_kind::remove && out.table == record.table && out.id == record.id &&
           out.state == entry_state::queued;
}

/// The entry has its verdict, or has none to come, and the server's row is not changed by it.
template <store S>
void detach_from_removed(S& store, const outbox_entry& entry) {
    removed_row record;
    if (!find_removed_waiting(store, entry, record)) return;
    record.state.pending = 0;
    store.put_removed(record);
}

/// The operation was accepted: what the server holds is what a refusal of the removal must bring back.
template <store S>
void fold_removed(S& store, const outbox_entry& entry, const wire::operation_result& result, const entry_content& content, removed_row& record) {
    const table_view& table = store.schema()[entry.table];
    base_record base{record.state.version, record.base};
    const new_base after = base_after(store, entry, result, content, record.base.empty() ? nullptr : &base);
    // The keys that the create left null until their rows exist are edits that were not sent.
    const removed_edits edits(store, record);
    std::vector<cell> former = read_image(record.image, table.columns.size());
    if (makes_row(entry))
        for (std::size_t i = 0; i < former.size(); ++i)
            if (has_column(hideable_keys(table, entry.table), i) && content.after[i].is_null() && !former[i].is_null()) record.unsent |= only_column(i);
    const std::vector<cell> shown = edits.shown_behind_first(after.values);
    record.state.pending = 0;
    record.state.incarnation = result.incarnation;
    record.state.id = result.id.empty() ? record.state.id : result.id;
    if (after.version > record.state.version) record.state.version = after.version;
    if (record.unsent_create) record.unsent = differing(after.values, shown);
    record.unsent_create = false;
    // Made before either is replaced, because the values point into both.
    std::string shown_image = make_image(shown, table.all_columns());
    record.base = make_image(after.values, table.all_columns());
    record.image = std::move(shown_image);
    store.put_removed(record);
}

}  // namespace syncline
