/// A store around any other that fails when it is told to: for trying what a full disk or a crash in the middle leaves behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/client/store.hpp>

namespace syncline::testing {

enum class failure_duration : std::uint8_t { once, for_ever };

/// Forwards to `inner`, which must outlive it. Every call counts from 1, beginnings and commits too; a call that is to fail throws
/// store_error and does not reach `inner`. A scan is one call.
template <store S>
class failing_store {
public:
    class [[nodiscard]] transaction {
    public:
        transaction(failing_store& store, typename S::transaction inner) : store_(store), inner_(std::move(inner)) {}
        void commit() {
            store_.count();
            inner_.commit();
        }

    private:
        failing_store& store_;
        typename S::transaction inner_;
    };

    explicit failing_store(S& inner) noexcept : inner_(inner) {}

    /// Counts from 1 again and lets the call of this number fail, and after it every other, or none. 0: no call fails.
    void fail_at(std::size_t call, failure_duration duration = failure_duration::once) noexcept {
        calls_ = 0;
        fail_at_ = call;
        duration_ = duration;
    }
    /// Calls since `fail_at`.
    [[nodiscard]] std::size_t calls() const noexcept { return calls_; }
    /// True once the call that was to fail has come.
    [[nodiscard]] bool has_failed() const noexcept { return fail_at_ != 0 && calls_ >= fail_at_; }

    [[nodiscard]] transaction begin_write() { return transaction(*this, counted().begin_write()); }
    [[nodiscard]] transaction begin_read() { return transaction(*this, counted().begin_read()); }
    [[nodiscard]] bool in_transaction() { return counted().in_transaction(); }
    void flush() { counted().flush(); }
    [[nodiscard]] const schema_view& schema() const noexcept { return inner_.schema(); }

    bool find_row(int table, const local_id& id, row_buffer& out) { return counted().find_row(table, id, out); }
    bool find_state(int table, const local_id& id, row_state& out) { return counted().find_state(table, id, out); }
    void put_row(int table, const local_id& id, cells values, const row_state& state) { counted().put_row(table, id, values, state); }
    clean_put put_clean_row(int table, const local_id& id, cells values, const row_state& state) {
        return counted().put_clean_row(table, id, values, state);
    }
    void put_state(int table, const local_id& id, const row_state& state) { counted().put_state(table, id, state); }
    bool settle_row(int table, const local_id& id, sequence seq, const row_state& clean, cells values) {
        return counted().settle_row(table, id, seq, clean, values);
    }
    void erase_row(int table, const local_id& id) { counted().erase_row(table, id); }
    local_id local_of(int table, const server_id& remote) { return counted().local_of(table, remote); }
    template <class Visit>
    void scan_rows(int table, Visit&& visit) {
        counted().scan_rows(table, visit);
    }
    template <class Visit>
    void scan_referrers(int table, int column, const local_id& id, Visit&& visit) {
        counted().scan_referrers(table, column, id, visit);
    }
    bool has_referrer(int table, int column, const local_id& id, const local_id& except) {
        return counted().has_referrer(table, column, id, except);
    }
    std::size_t count_rows(int table) { return counted().count_rows(table); }

    sequence append_entry(outbox_entry& entry) { return counted().append_entry(entry); }
    bool find_entry(sequence seq, outbox_entry& out) { return counted().find_entry(seq, out); }
    void put_entry(const outbox_entry& entry) { counted().put_entry(entry); }
    void erase_entry(sequence seq) { counted().erase_entry(seq); }
    void erase_entries(std::span<const sequence> several) { counted().erase_entries(several); }
    void mark_in_flight(std::span<const sequence> sent) { counted().mark_in_flight(sent); }
    template <class Visit>
    void scan_entries(Visit&& visit) {
        counted().scan_entries(visit);
    }
    std::size_t count_entries() { return counted().count_entries(); }
    sequence first_open_sequence() { return counted().first_open_sequence(); }
    sequence newest_sequence() { return counted().newest_sequence(); }

    bool create_row(int table, const local_id& id, cells values, const row_state& state, outbox_entry& entry) {
        return counted().create_row(table, id, values, state, entry);
    }
    bool are_keys_closed() { return counted().are_keys_closed(); }

    void put_removed(const removed_row& row) { counted().put_removed(row); }
    sequence removal_after(sequence root) { return counted().removal_after(root); }
    std::size_t count_removed() { return counted().count_removed(); }
    void erase_removed(int table, const local_id& id, sequence root) { counted().erase_removed(table, id, root); }
    template <class Visit>
    void scan_removed_of(int table, const local_id& id, Visit&& visit) {
        counted().scan_removed_of(table, id, visit);
    }
    template <class Visit>
    void scan_removed_by(sequence root, Visit&& visit) {
        counted().scan_removed_by(root, visit);
    }
    void put_parked(const parked_row& row) { counted().put_parked(row); }
    void erase_parked(int table, const local_id& id) { counted().erase_parked(table, id); }
    template <class Visit>
    void scan_parked(Visit&& visit) {
        counted().scan_parked(visit);
    }

    std::int64_t add_conflict(conflict_record& record) { return counted().add_conflict(record); }
    template <class Visit>
    void scan_conflicts(Visit&& visit) {
        counted().scan_conflicts(visit);
    }
    void erase_conflict(std::int64_t number) { counted().erase_conflict(number); }

    std::optional<std::string> find_meta(std::string_view name) { return counted().find_meta(name); }
    void put_meta(std::string_view name, std::string_view value) { counted().put_meta(name, value); }

private:
    void count() {
        ++calls_;
        if (fail_at_ != 0 && (duration_ == failure_duration::once ? calls_ == fail_at_ : calls_ >= fail_at_))
            throw store_error("the store was told to fail");
    }
    S& counted() { return count(), inner_; }

    S& inner_;
    std::size_t calls_ = 0;
    std::size_t fail_at_ = 0;
    failure_duration duration_ = failure_duration::once;
};

}  // namespace syncline::testing
