/// A backend with one mistake: versions come from a counter outside the lock, so that transactions commit out of their order.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/backends/memory.hpp>

namespace syncline::tests {

/// The counters of one owner.
struct out_of_order_versions {
    std::atomic<std::int64_t> taken{0};
    std::atomic<std::int64_t> committed{0};
};

/// Collects its writes and does them when it commits; until then every read runs on a copy that is rolled back.
class out_of_order_transaction {
private:
    using write_step = std::function<void(memory_backend_transaction&)>;

    struct reading_transaction {
        reading_transaction(memory_backend& rows, const std::string& owner) : tx(rows.begin_read(owner)) {}
        memory_backend_transaction tx;
    };

    template <class Read>
    auto with_writes(Read&& read) {
        if (reading_) return read(reading_->tx);
        memory_backend_transaction tx = rows_.begin_write(owner_);
        for (const auto& one : writes_) one(tx);
        return read(tx);
    }

public:
    out_of_order_transaction(memory_backend& rows, out_of_order_versions& versions, std::string owner, bool writing)
        : rows_(rows), versions_(versions), owner_(std::move(owner)), version_(first_generation, versions.committed) {
        if (!writing) reading_ = std::make_unique<reading_transaction>(rows_, owner_);
    }
    out_of_order_transaction(const out_of_order_transaction&) = delete;
    out_of_order_transaction& operator=(const out_of_order_transaction&) = delete;

    [[nodiscard]] row_version version() const { return version_; }
    row_version take_version() {
        if (!took_version_) version_ = row_version(first_generation, ++versions_.taken);
        took_version_ = true;
        return version_;
    }

    [[nodiscard]] std::optional<version_nonce> nonce_of(row_version version) const {
        if (version.generation() != first_generation || version > version_) return std::nullopt;
        return static_cast<version_nonce>(version.number());
    }

    template <class Id>
    std::optional<row_identity> identify(int table, const Id& id) {
        return with_writes([&](auto& tx) { return tx.identify(table, id); });
    }
    bool find_by_local(int table, const local_id& local, server_row& out) {
        return with_writes([&](auto& tx) { return tx.find_by_local(table, local, out) && own(out); });
    }
    bool find_by_id(int table, const server_id& id, server_row& out) {
        return with_writes([&](auto& tx) { return tx.find_by_id(table, id, out) && own(out); });
    }
    device_record load_device(std::string_view device) {
        return with_writes([&](auto& tx) { return tx.load_device(device); });
    }
    template <class Tell>
    void find_verdicts(std::string_view device, std::span<const sequence> sequences, Tell&& tell) {
        with_writes([&](auto& tx) { tx.find_verdicts(device, sequences, tell); });
    }
    template <class Visit>
    void scan_referrers(int table, int column, const server_id& id, Visit&& visit) {
        with_writes([&](auto& tx) { tx.scan_referrers(table, column, id, visit); });
    }
    template <class Visit>
    void scan_changes(const feed_position& after, std::size_t limit, Visit&& visit) {
        with_writes([&](auto& tx) { tx.scan_changes(after, limit, visit); });
    }
    template <class Visit>
    void scan_snapshot(const feed_position& after, std::size_t limit, Visit&& visit) {
        with_writes([&](auto& tx) { tx.scan_snapshot(after, limit, visit); });
    }

    bool insert_row(int table, const server_row& row) {
        if (identify(table, row.local)) return false;
        write([table, kept = copy_of(row)](memory_backend_transaction& tx) {
            if (!tx.insert_row(table, *kept)) throw store_error("a row that was not there is there");
        });
        return true;
    }
    void update_row(int table, const server_row& row, column_mask changed) {
        write([table, kept = copy_of(row), changed](memory_backend_transaction& tx) { tx.update_row(table, *kept, changed); });
    }
    void save_device(std::string_view device, sequence floor, sequence forgotten, std::span<const stored_verdict> verdicts) {
        write([name = std::string(device), floor, forgotten, kept = std::vector(verdicts.begin(), verdicts.end())](
                  memory_backend_transaction& tx) { tx.save_device(name, floor, forgotten, kept); });
    }

    void commit() {
        if (reading_) return;
        memory_backend_transaction tx = rows_.begin_write(owner_);
        for (const auto& one : writes_) one(tx);
        tx.commit();
        for (std::int64_t newest = versions_.committed; newest < version_.number();)
            if (versions_.committed.compare_exchange_weak(newest, version_.number())) break;
    }

private:
    static std::shared_ptr<server_row> copy_of(const server_row& row) {
        auto copy = std::make_shared<server_row>();
        copy->local = row.local, copy->id = row.id, copy->version = row.version, copy->incarnation = row.incarnation;
        copy->removed = row.removed, copy->updated_at_ms = row.updated_at_ms;
        copy->writer = row.writer, copy->as_sent = row.as_sent, copy->removal_base = row.removal_base, copy->last_writer = row.last_writer;
        copy->values.assign(row.values.cells());
        return copy;
    }

    /// Copies values that end with the transaction they were read in.
    static bool own(server_row& row) {
        if (!row.removed) row.values.assign(row.values.cells());
        return true;
    }

    void write(write_step step) {
        with_writes([&](memory_backend_transaction& tx) { step(tx); });
        writes_.push_back(std::move(step));
    }

    memory_backend& rows_;
    out_of_order_versions& versions_;
    std::string owner_;
    row_version version_;
    bool took_version_ = false;
    std::unique_ptr<reading_transaction> reading_;
    std::vector<write_step> writes_;
};

class out_of_order_backend {
public:
    explicit out_of_order_backend(const schema_view& schema) : rows_(schema, random_source(1)) {}

    [[nodiscard]] const schema_view& schema() const { return rows_.schema(); }
    [[nodiscard]] const server_identity& identity() const { return rows_.identity(); }
    [[nodiscard]] out_of_order_transaction begin_write(std::string_view owner) {
        return {rows_, of(owner), std::string(owner), true};
    }
    [[nodiscard]] out_of_order_transaction begin_read(std::string_view owner) {
        return {rows_, of(owner), std::string(owner), false};
    }

private:
    out_of_order_versions& of(std::string_view owner) {
        const std::lock_guard lock(gate_);
        return versions_[std::string(owner)];
    }

    memory_backend rows_;
    std::mutex gate_;
    std::map<std::string, out_of_order_versions> versions_;
};

static_assert(backend<out_of_order_backend>);

}  // namespace syncline::tests
