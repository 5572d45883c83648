/// A backend in memory with one thing wrong.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <mutants/support/mutation.hpp>
#include <syncline/backends/memory.hpp>

namespace syncline::tests {

class mutant_transaction {
public:
    mutant_transaction(memory_backend& database, std::string_view owner, bool writes, mutation what)
        : inner_(writes ? database.begin_write(what == mutation::owner_ignored ? "A" : owner) : database.begin_read(owner)), writes_(writes),
          what_(what) {}
    mutant_transaction(const mutant_transaction&) = delete;
    mutant_transaction& operator=(const mutant_transaction&) = delete;

    [[nodiscard]] row_version version() const noexcept { return inner_.version(); }
    row_version take_version() {
        if (is(mutation::one_version_for_two) && inner_.version().number() % 3 == 1) return inner_.version();
        return inner_.take_version();
    }
    [[nodiscard]] std::optional<version_nonce> nonce_of(row_version version) const { return inner_.nonce_of(version); }
    bool find_by_local(int table, const local_id& local, server_row& out) const {
        if (!inner_.find_by_local(table, local, out)) return false;
        return !(is(mutation::dead_life_revived) && writes_ && out.removed);
    }
    bool find_by_id(int table, const server_id& id, server_row& out) const { return inner_.find_by_id(table, id, out); }
    [[nodiscard]] std::optional<row_identity> identify(int table, const local_id& local) const { return inner_.identify(table, local); }
    [[nodiscard]] std::optional<row_identity> identify(int table, const server_id& id) const { return inner_.identify(table, id); }

    bool insert_row(int table, const server_row& sent) {
        server_row row = changed_by_mistake(sent);
        server_row former;
        if (is(mutation::dead_life_revived) && inner_.find_by_local(table, row.local, former) && former.removed) {
            row.id = former.id;
            inner_.update_row(table, row, ~column_mask{0});
            return true;
        }
        if (!inner_.insert_row(table, row)) return false;
        if (!is(mutation::second_row)) return true;
        row.local = local_id::trusted("second-" + row.id.str());
        row.id = server_id::trusted(row.id.str() + "2");
        return inner_.insert_row(table, row);
    }
    void update_row(int table, const server_row& row, column_mask changed) {
        inner_.update_row(table, changed_by_mistake(row), changed);
    }

    template <class Visit>
    void scan_referrers(int table, int column, const server_id& id, Visit&& visit) const {
        if (!is(mutation::referrers_survive)) inner_.scan_referrers(table, column, id, visit);
    }

    template <class Visit>
    void scan_changes(feed_position after, std::size_t limit, Visit&& visit) const {
        // The checkers read without a limit, and see what is there.
        if (limit >= static_cast<std::size_t>(std::numeric_limits<int>::max())) return inner_.scan_changes(after, limit, visit);
        bool skips = is(mutation::row_after_page_skipped) && after.table >= 0;
        if (is(mutation::newest_rows_told_again) && after.table < 0 && after.version.number() > 0)
            after.version = row_version(after.version.generation(), after.version.number() - 1);
        inner_.scan_changes(after, limit, [&](int table, const server_row& row) {
            const bool left_out = skips || (is(mutation::tombstones_not_told) && row.removed);
            skips = false;
            return left_out || visit(table, row);
        });
    }
    template <class Visit>
    void scan_snapshot(const feed_position& after, std::size_t limit, Visit&& visit) const {
        inner_.scan_snapshot(after, limit, visit);
    }

    [[nodiscard]] device_record load_device(std::string_view device) {
        device_ = device;
        return inner_.load_device(device);
    }
    template <class Tell>
    void find_verdicts(std::string_view device, std::span<const sequence> sequences, Tell&& tell) const {
        inner_.find_verdicts(device, sequences, tell);
    }
    void save_device(std::string_view device, sequence floor, sequence forgotten, std::span<const stored_verdict> verdicts) {
        if (is(mutation::verdicts_forgotten)) verdicts = {};
        inner_.save_device(device, floor, forgotten, verdicts);
    }
    void commit() { inner_.commit(); }

private:
    [[nodiscard]] bool is(mutation one) const noexcept { return what_ == one; }

    [[nodiscard]] server_row changed_by_mistake(const server_row& row) const {
        server_row copy;
        copy.local = row.local;
        copy.id = row.id;
        copy.version = row.version;
        copy.incarnation = row.incarnation;
        copy.removed = row.removed;
        copy.updated_at_ms = row.updated_at_ms;
        copy.writer = row.writer;
        copy.as_sent = row.as_sent;
        copy.removal_base = row.removal_base;
        copy.last_writer = row.last_writer;
        copy.values.assign(row.values.cells());
        if (is(mutation::merged_rows_as_echo) && !row.as_sent) {
            copy.as_sent = true;
            copy.writer = {device_, 1};
        }
        return copy;
    }

    memory_backend_transaction inner_;
    bool writes_;
    mutation what_;
    std::string device_;
};

class mutant_backend {
public:
    mutant_backend(const schema_view& schema, random_source random, mutation what) : inner_(schema, random), what_(what) {}

    [[nodiscard]] const schema_view& schema() const noexcept { return inner_.schema(); }
    [[nodiscard]] const server_identity& identity() const { return inner_.identity(); }
    [[nodiscard]] mutant_transaction begin_write(std::string_view owner) { return {inner_, owner, true, what_}; }
    [[nodiscard]] mutant_transaction begin_read(std::string_view owner) { return {inner_, owner, false, what_}; }

private:
    memory_backend inner_;
    mutation what_;
};

static_assert(backend<mutant_backend>);

}  // namespace syncline::tests
