/// A backend that keeps everything in memory: for tests, simulations and servers that may forget.
#pragma once

#include <algorithm>
#include <cstddef>
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
#include <syncline/base/random.hpp>
#include <syncline/server/backend.hpp>

namespace syncline {

namespace memory_backend_parts {

/// What the backend holds of one owner. Writers hold the gate alone, readers together.
struct owner_data {
    explicit owner_data(const schema_view& schema) : rows(schema) {}

    std::shared_mutex gate;
    row_version version = 0;
    owner_rows rows;
    std::map<std::string, device_record, std::less<>> devices;
    std::set<std::string, std::less<>> origins;  ///< names of devices that rows point at
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
        if (!took_version_) ++version_;
        took_version_ = true;
        return version_;
    }

    bool find_by_local(int table, const local_id& local, server_row& out) const { return read(data_.rows.find(table, local), out); }
    bool find_by_id(int table, const server_id& id, server_row& out) const { return read(data_.rows.find(table, id), out); }
    [[nodiscard]] std::optional<row_identity> identify(int table, const local_id& local) const {
        return identity_of(data_.rows.find(table, local));
    }
    [[nodiscard]] std::optional<row_identity> identify(int table, const server_id& id) const {
        return identity_of(data_.rows.find(table, id));
    }

    void insert_row(int table, const server_row& row) {
        require_writing();
        if (data_.rows.find(table, row.local) || data_.rows.find(table, row.id))
            throw store_error("two rows with one id in table " + std::string(schema_[table].name));
        log_.push_back({&data_.rows.insert(table, row.local, row.id, content_of(table, row)), std::nullopt});
    }

    /// `changed` may leave out columns whose values are those already stored; here it does not matter.
    void update_row(int table, const server_row& row, [[maybe_unused]] column_mask changed = ~column_mask{0}) {
        require_writing();
        stored_row* const found = data_.rows.find(table, row.local);
        if (!found || found->id != row.id) throw store_error("no such row to update in table " + std::string(schema_[table].name));
        log_.push_back({found, data_.rows.replace(*found, content_of(table, row))});
    }

    template <class Visit>
    void scan_referrers(int table, int column, const server_id& id, Visit&& visit) const {
        const local_set* const pointing = data_.rows.referrers(table, column, id);
        if (!pointing) return;
        std::size_t all = pointing->size();
        scan(pointing->begin(), pointing->end(), all, true, visit);
    }

    template <class Visit>
    void scan_changes(const feed_position& after, std::size_t limit, Visit&& visit) const {
        const feed_set& feed = data_.rows.feed();
        scan(feed.upper_bound(after), feed.end(), limit, false, visit);
    }

    template <class Visit>
    void scan_snapshot(const feed_position& after, std::size_t limit, Visit&& visit) const {
        for (int table = std::max(after.table, 0); table < schema_.size(); ++table) {
            const local_set& ordered = data_.rows.ordered(table);
            const auto first = table == after.table ? ordered.upper_bound(after.local) : ordered.begin();
            if (!scan(first, ordered.end(), limit, true, visit)) return;
        }
    }

    [[nodiscard]] device_record load_device(std::string_view device) const {
        const auto found = data_.devices.find(device);
        return found == data_.devices.end() ? device_record{} : found->second;
    }

    void save_device(std::string_view device, sequence floor, std::span<const stored_verdict> verdicts) {
        require_writing();
        device_record record = load_device(device);
        const auto [saved, is_new] = data_.devices.try_emplace(std::string(device));
        devices_before_.try_emplace(saved->first, is_new ? std::nullopt : std::optional(saved->second));
        record.floor = std::max(record.floor, floor);
        record.verdicts.insert(record.verdicts.end(), verdicts.begin(), verdicts.end());
        std::erase_if(record.verdicts, [&](const stored_verdict& one) { return one.seq <= record.floor; });
        std::ranges::sort(record.verdicts, {}, &stored_verdict::seq);
        saved->second = std::move(record);
    }

    /// Ends the transaction. Throws store_error, and nothing has changed, when a row of this transaction points at a row that is
    /// not there.
    void commit() {
        for (const change& done : log_)
            if (!done.row->content.removed) check_keys(*done.row);
        if (writing_.owns_lock()) {
            data_.version = version_;
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
    using local_set = memory_backend_parts::local_set;
    using feed_set = memory_backend_parts::feed_set;

    struct change {
        stored_row* row;
        std::optional<row_content> before;  ///< nothing for an insert
    };

    memory_backend_transaction(const schema_view& schema, owner_data& data, std::unique_lock<std::shared_mutex> writing)
        : schema_(schema), data_(data), writing_(std::move(writing)), version_(data.version) {}
    memory_backend_transaction(const schema_view& schema, owner_data& data, std::shared_lock<std::shared_mutex> reading)
        : schema_(schema), data_(data), reading_(std::move(reading)), version_(data.version) {}

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
                data_.rows.undo_insert();
        }
        for (auto& [device, before] : devices_before_) {
            if (before)
                data_.devices.find(device)->second = std::move(*before);
            else
                data_.devices.erase(data_.devices.find(device));
        }
    }

    [[nodiscard]] row_content content_of(int table, const server_row& row) {
        row_content content{row.version, row.incarnation, row.removed, row.updated_at_ms, nullptr, row.origin_seq, {}};
        if (!row.origin_device.empty()) content.origin_device = &*data_.origins.insert(row.origin_device).first;
        if (row.removed) return content;
        const cells values = row.values.cells();
        const std::span<const column_view> columns = schema_[table].columns;
        SYNCLINE_ASSERT(values.size() == columns.size());
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (values[i].is_null() && !columns[i].nullable)
                throw store_error("null in " + std::string(schema_[table].name) + "." + std::string(columns[i].name));
        content.values = memory_backend_parts::packed_cells(values);
        return content;
    }

    void check_keys(const stored_row& row) const {
        const cells values = row.content.values.view();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const column_view& column = schema_[row.table].columns[i];
            if (column.kind != column_kind::key || values[i].is_null()) continue;
            if (!data_.rows.find(column.target, server_id::trusted(values[i].view())))
                throw store_error("a key points at no row: " + std::string(schema_[row.table].name) + "." +
                                  std::string(column.name));
        }
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
        if (content.origin_device)
            out.origin_device = *content.origin_device;
        else
            out.origin_device.clear();
        out.origin_seq = content.origin_seq;
        if (content.removed)
            out.values.reset(schema_[found->table].columns.size());
        else
            out.values.assign(content.values.view());
        return true;
    }

    [[nodiscard]] static std::optional<row_identity> identity_of(const stored_row* found) {
        if (!found) return std::nullopt;
        return row_identity{found->local, found->id, found->content.removed};
    }

    /// Visits at most `left` rows and counts them off; false when the scan is over.
    template <class Place, class Visit>
    bool scan(Place from, Place end, std::size_t& left, bool live_only, Visit& visit) const {
        server_row row;
        for (; from != end; ++from) {
            if (left == 0) return false;
            if (live_only && (*from)->content.removed) continue;
            read(*from, row);
            --left;
            if (!visit((*from)->table, std::as_const(row))) return false;
        }
        return true;
    }

    schema_view schema_;
    owner_data& data_;
    std::unique_lock<std::shared_mutex> writing_;
    std::shared_lock<std::shared_mutex> reading_;
    row_version version_;
    bool took_version_ = false;
    std::vector<change> log_;
    std::map<std::string, std::optional<device_record>, std::less<>> devices_before_;
};

/// Rows, versions and verdicts in memory, see `backend`. Owners have nothing in common but the object.
class memory_backend {
public:
    using transaction = memory_backend_transaction;

    explicit memory_backend(const schema_view& schema) : memory_backend(schema, seeded_by_system()) {}
    /// `random` makes the epoch.
    memory_backend(const schema_view& schema, random_source random)
        : schema_(schema), epoch_(new_server_id(0, random).view().substr(10)) {}

    [[nodiscard]] const schema_view& schema() const noexcept { return schema_; }
    [[nodiscard]] std::string epoch() const { return epoch_; }

    /// Waits until no other transaction of the owner is open.
    [[nodiscard]] transaction begin_write(std::string_view owner) {
        owner_data& data = of(owner);
        return {schema_, data, std::unique_lock(data.gate)};
    }

    /// Waits until no writing transaction of the owner is open.
    [[nodiscard]] transaction begin_read(std::string_view owner) {
        owner_data& data = of(owner);
        return {schema_, data, std::shared_lock(data.gate)};
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
    std::string epoch_;
    std::mutex owners_gate_;
    std::map<std::string, std::unique_ptr<owner_data>, std::less<>> owners_;
};

static_assert(backend<memory_backend>);

}  // namespace syncline
