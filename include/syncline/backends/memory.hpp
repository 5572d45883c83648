/// A backend that keeps everything in memory: for tests, simulations and servers that may forget.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/backends/memory_rows.hpp>
#include <syncline/backends/verdict_record.hpp>
#include <syncline/base/random.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/server/backend.hpp>

namespace syncline {

namespace memory_backend_parts {

/// A device with its verdicts, one record a push, by the last sequence of each.
struct device_data {
    device_record record;
    std::map<sequence, backend_parts::verdict_record> verdicts;
};

/// What takes back one save of a device.
struct device_change {
    std::string name;
    std::optional<device_record> before;               ///< nothing for a device that was new
    std::vector<backend_parts::verdict_record> taken;  ///< records that are gone or changed
    sequence added = 0;                                ///< the last sequence of the record that was added; 0: none

    void undo(std::map<std::string, device_data, std::less<>>& devices) {
        const auto found = devices.find(name);
        if (!before) return static_cast<void>(devices.erase(found));
        found->second.record = std::move(*before);
        found->second.verdicts.erase(added);
        for (backend_parts::verdict_record& one : taken) found->second.verdicts.insert_or_assign(one.last, std::move(one));
    }
};

/// What the backend holds of one owner. Writers hold the gate alone, readers together.
struct owner_data {
    explicit owner_data(const schema_view& schema) : rows(schema) {}

    std::shared_mutex gate;
    std::vector<version_nonce> nonces;  ///< of the versions 1, 2 and so on of the first generation
    owner_rows rows;
    std::map<std::string, device_data, std::less<>> devices;
    std::set<std::string, std::less<>> writers;  ///< names of devices that rows point at

    [[nodiscard]] row_version newest() const noexcept { return row_version(first_generation, static_cast<std::int64_t>(nonces.size())); }
};

}  // namespace memory_backend_parts

/// One owner's transaction on a memory_backend, see `backend_transaction`; used and destroyed by the thread that began it.
/// A thread has at most one transaction of an owner at a time: a second would wait for the first.
class memory_backend_transaction {
public:
    memory_backend_transaction(const memory_backend_transaction&) = delete;
    memory_backend_transaction& operator=(const memory_backend_transaction&) = delete;
    ~memory_backend_transaction() { roll_back(); }

    [[nodiscard]] row_version version() const noexcept { return version_; }

    row_version take_version() {
        require_writing();
        if (!nonce_) {
            nonce_ = random_.next();
            version_ = version_.next();
        }
        return version_;
    }

    [[nodiscard]] std::optional<version_nonce> nonce_of(row_version version) const {
        if (version.generation() != version_.generation() || version > version_) return std::nullopt;
        if (version.number() == 0) return version_nonce{0};
        if (nonce_ && version == version_) return nonce_;
        return data_.nonces[static_cast<std::size_t>(version.number() - 1)];
    }

    bool find_by_local(int table, const local_id& local, server_row& out) const { return read(data_.rows.find(table, local), out); }
    bool find_by_id(int table, const server_id& id, server_row& out) const { return read(data_.rows.find_by_id(table, id.view()), out); }
    [[nodiscard]] std::optional<row_identity> identify(int table, const local_id& local) const {
        return identity_of(data_.rows.find(table, local));
    }
    [[nodiscard]] std::optional<row_identity> identify(int table, const server_id& id) const {
        return identity_of(data_.rows.find_by_id(table, id.view()));
    }

    bool insert_row(int table, const server_row& row) {
        require_writing();
        stored_row* const made = data_.rows.insert(table, row.local, row.id, content_of(table, row));
        if (made != nullptr) log_.push_back({made, std::nullopt});
        return made != nullptr;
    }

    void update_row(int table, const server_row& row, [[maybe_unused]] column_mask changed) {
        require_writing();
        stored_row* const found = data_.rows.find(table, row.local);
        if (!found || found->id != row.id) throw store_error("no such row to update in table " + std::string(schema_[table].name));
        log_.push_back({found, data_.rows.replace(*found, content_of(table, row))});
    }

    template <class Visit>
    void scan_referrers(int table, int column, const server_id& id, Visit&& visit) const {
        server_row row;
        for (const stored_row* const one : data_.rows.referrers(table, column, id)) {
            read(one, row);
            if (!visit(table, std::as_const(row))) return;
        }
    }

    template <class Visit>
    void scan_changes(const feed_position& after, std::size_t limit, Visit&& visit) const {
        if (limit == 0) return;
        server_row row;
        data_.rows.feed().scan(after, [&](const stored_row& one) {
            read(&one, row);
            return visit(one.table, std::as_const(row)) && --limit != 0;
        });
    }

    template <class Visit>
    void scan_snapshot(const feed_position& after, std::size_t limit, Visit&& visit) const {
        server_row row;
        for (int table = std::max(after.table, 0); table < schema_.size() && limit != 0; ++table) {
            const std::span<stored_row* const> rows = data_.rows.in_order(table);
            auto next = rows.begin();
            if (table == after.table)
                next = std::partition_point(next, rows.end(), [&](const stored_row* one) { return !(after.local < one->local); });
            for (; next != rows.end(); ++next) {
                if ((*next)->content.removed) continue;
                read(*next, row);
                if (!visit(table, std::as_const(row)) || --limit == 0) return;
            }
        }
    }

    [[nodiscard]] device_record load_device(std::string_view device) const {
        const auto found = data_.devices.find(device);
        return found == data_.devices.end() ? device_record{} : found->second.record;
    }

    template <class Tell>
    void find_verdicts(std::string_view device, std::span<const sequence> sequences, Tell&& tell) const {
        const auto found = data_.devices.find(device);
        if (found == data_.devices.end() || sequences.empty()) return;
        const auto& records = found->second.verdicts;
        for (auto at = records.lower_bound(sequences.front()); at != records.end(); ++at)
            if (at->second.first <= sequences.back()) backend_parts::find_in_record(at->second.bytes, sequences, tell);
    }

    void save_device(std::string_view device, sequence floor, sequence forgotten, std::span<const stored_verdict> verdicts) {
        require_writing();
        const auto [saved, is_new] = data_.devices.try_emplace(std::string(device));
        device_data& now = saved->second;
        device_change& step = device_log_.emplace_back();
        step.name = device;
        if (!is_new) step.before = now.record;
        const sequence former = now.record.floor;
        now.record.settle(floor);
        now.record.add(verdicts);
        if (floor > former) settle(now, former, forgotten, step);
        auto packed = backend_parts::pack_verdicts(verdicts, now.record.floor);
        if (packed.bytes.empty()) return;
        const sequence last = packed.last;
        if (!now.verdicts.emplace(last, std::move(packed)).second) throw store_error("a sequence has two verdicts");
        step.added = last;
    }

    /// Ends the transaction. Throws store_error, and nothing has changed, when a row of this transaction points at a row that is
    /// not there.
    void commit() {
        if (writing_.owns_lock()) {
            data_.rows.check_keys();
            data_.rows.forget_open_keys();
            if (nonce_) data_.nonces.push_back(*nonce_);
            writing_.unlock();
        } else if (reading_.owns_lock()) {
            reading_.unlock();
        }
    }

private:
    friend class memory_backend;
    using owner_data = memory_backend_parts::owner_data;
    using stored_row = memory_backend_parts::stored_row;
    using row_content = memory_backend_parts::row_content;
    using kept_writing = memory_backend_parts::kept_writing;
    using kept_removal = memory_backend_parts::kept_removal;
    using device_data = memory_backend_parts::device_data;
    using device_change = memory_backend_parts::device_change;

    struct change {
        stored_row* row;
        std::optional<row_content> before;  ///< nothing for an insert
    };

    memory_backend_transaction(const schema_view& schema, owner_data& data, nonce_source& random, std::unique_lock<std::shared_mutex> writing)
        : schema_(schema), data_(data), random_(random), writing_(std::move(writing)), version_(data.newest()) {}
    memory_backend_transaction(const schema_view& schema, owner_data& data, nonce_source& random, std::shared_lock<std::shared_mutex> reading)
        : schema_(schema), data_(data), random_(random), reading_(std::move(reading)), version_(data.newest()) {}

    void require_writing() const {
        if (!writing_.owns_lock()) throw store_error("a reading transaction cannot write");
    }

    void roll_back() {
        if (!writing_.owns_lock()) return;
        for (; !log_.empty(); log_.pop_back()) {
            change& done = log_.back();
            if (done.before)
                data_.rows.replace(*done.row, std::move(*done.before));
            else
                data_.rows.undo_insert(*done.row);
        }
        data_.rows.forget_open_keys();
        for (; !device_log_.empty(); device_log_.pop_back()) device_log_.back().undo(data_.devices);
    }

    /// After the floor has risen: takes from records that are now settled what nobody asks for again, and drops whole records of which
    /// no digest is needed.
    static void settle(device_data& now, sequence former_floor, sequence forgotten, device_change& step) {
        while (!now.verdicts.empty() && now.verdicts.begin()->first <= forgotten)
            step.taken.push_back(std::move(now.verdicts.extract(now.verdicts.begin()).mapped()));
        for (auto at = now.verdicts.upper_bound(former_floor); at != now.verdicts.end() && at->first <= now.record.floor; ++at) {
            if (!at->second.has_texts) continue;
            step.taken.push_back(std::move(at->second));
            at->second = backend_parts::settle_record(step.taken.back().bytes, now.record.floor);
        }
    }

    [[nodiscard]] row_content content_of(int table, const server_row& row) {
        row_content content{row.version, row.updated_at_ms, kept(row.writer), row.incarnation, row.removed, row.as_sent, {}, {}};
        if (row.removed) {
            content.removal = std::make_unique<kept_removal>(kept_removal{row.removal_base, kept(row.last_writer)});
            return content;
        }
        const cells values = row.values.cells();
        const std::span<const column_view> columns = schema_[table].columns;
        SYNCLINE_ASSERT(values.size() == columns.size());
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (values[i].is_null() && !columns[i].nullable)
                throw store_error("null in " + std::string(schema_[table].name) + "." + std::string(columns[i].name));
        content.values = memory_backend_parts::packed_cells(values);
        return content;
    }

    [[nodiscard]] kept_writing kept(const row_writing& writing) {
        if (writing.device.empty()) return {nullptr, writing.seq};
        if (newest_writer_ == nullptr || *newest_writer_ != writing.device) newest_writer_ = &*data_.writers.emplace(writing.device).first;
        return {newest_writer_, writing.seq};
    }

    bool read(const stored_row* found, server_row& out) const {
        if (!found) return false;
        const row_content& content = found->content;
        out.local = found->local;
        out.id = found->id;
        out.version = content.version;
        out.incarnation = content.incarnation;
        out.removed = content.removed;
        out.updated_at_ms = content.updated_at_ms;
        out.writer = content.writer.view();
        out.as_sent = content.as_sent;
        out.removal_base = content.removal ? content.removal->removal_base : row_version();
        out.last_writer = content.removal ? content.removal->last_writer.view() : row_writing();
        if (content.removed)
            out.values.reset(schema_[found->table].columns.size());
        else
            out.values.borrow(content.values.view());
        return true;
    }

    [[nodiscard]] static std::optional<row_identity> identity_of(const stored_row* found) {
        if (!found) return std::nullopt;
        return row_identity{found->local, found->id, found->content.removed};
    }

    schema_view schema_;
    owner_data& data_;
    nonce_source& random_;
    std::unique_lock<std::shared_mutex> writing_;
    std::shared_lock<std::shared_mutex> reading_;
    row_version version_;
    std::optional<version_nonce> nonce_;  ///< of the version that this transaction took
    std::vector<change> log_;
    const std::string* newest_writer_ = nullptr;
    std::vector<device_change> device_log_;
};

/// Rows, versions and verdicts in memory, see `backend`. Owners have nothing in common but the object.
class memory_backend {
public:
    static constexpr bool is_thread_safe = true;
    using transaction = memory_backend_transaction;

    explicit memory_backend(const schema_view& schema) : memory_backend(schema, seeded_by_system()) {}
    /// `random` makes the identity and the nonces of versions.
    memory_backend(const schema_view& schema, random_source random)
        : schema_(schema), identity_(draw_identity(random)), nonces_(identity_, random) {}

    [[nodiscard]] const schema_view& schema() const noexcept { return schema_; }
    [[nodiscard]] const server_identity& identity() const noexcept { return identity_; }

    /// Waits until no other transaction of the owner is open.
    [[nodiscard]] transaction begin_write(std::string_view owner) {
        owner_data& data = of(owner);
        return {schema_, data, nonces_, std::unique_lock(data.gate)};
    }

    /// Waits until no writing transaction of the owner is open.
    [[nodiscard]] transaction begin_read(std::string_view owner) {
        owner_data& data = of(owner);
        return {schema_, data, nonces_, std::shared_lock(data.gate)};
    }

private:
    using owner_data = memory_backend_parts::owner_data;

    owner_data& of(std::string_view owner) {
        const std::lock_guard lock(owners_gate_);
        const auto found = owners_.find(owner);
        if (found != owners_.end()) return *found->second;
        return *owners_.emplace(std::string(owner), std::make_unique<owner_data>(schema_)).first->second;
    }

    schema_view schema_;
    server_identity identity_;
    nonce_source nonces_;
    std::mutex owners_gate_;
    std::map<std::string, std::unique_ptr<owner_data>, std::less<>> owners_;
};

static_assert(backend<memory_backend> && thread_safe<memory_backend>);

}  // namespace syncline
