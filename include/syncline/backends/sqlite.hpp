/// A backend in one SQLite file: real tables with real columns, one for each entity, and every key in them begins with the owner.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <syncline/backends/sqlite_rows.hpp>
#include <syncline/base/random.hpp>
#include <syncline/base/thread_safe.hpp>

namespace syncline {

struct sqlite_backend_options {
    enum class durability {
        full,   ///< a commit has reached the disk when it returns
        normal  ///< a power failure may take the newest commits; the file stays whole
    };

    durability synchronous = durability::full;
    /// Milliseconds to wait for a writer of another process.
    int busy_timeout_ms = 5'000;
    /// Connections kept open: readers that do not wait for each other, and one writer.
    std::size_t connections_max = 8;
    /// Makes the identity of a file that is created, and the nonces of versions.
    random_source random = seeded_by_system();
};

/// One owner's transaction on a sqlite_backend, see `backend_transaction`; used and destroyed by the thread that began it.
/// A thread has at most one transaction at a time: a second could wait for the first.
class sqlite_backend_transaction {
public:
    sqlite_backend_transaction(const sqlite_backend_transaction&) = delete;
    sqlite_backend_transaction& operator=(const sqlite_backend_transaction&) = delete;
    ~sqlite_backend_transaction() {
        if (connection_) connection_->transactions.roll_back(true);
    }

    [[nodiscard]] row_version version() const noexcept { return version_; }

    row_version take_version() {
        if (took_version_) return version_;
        const std::int64_t owner = writing_owner();
        const version_nonce nonce = random_.next();
        const row_version taken = version_.next();
        sqlite::statement& put = use(own_statement::put_version, "UPDATE syncline_owners SET version = ?, nonce = ? WHERE id = ?");
        put.bind_integer(1, taken.number());
        put.bind_integer(2, nonce);
        put.bind_integer(3, owner);
        put.run();
        sqlite::statement& insert =
            use(own_statement::insert_nonce, "INSERT INTO syncline_versions (owner, generation, version, nonce) VALUES (?, ?, ?, ?)");
        insert.bind_integer(1, owner);
        sqlite::bind_version(insert, 2, taken);
        insert.bind_integer(4, nonce);
        insert.run();
        took_version_ = true;
        nonce_ = nonce;
        return version_ = taken;
    }

    /// Asks the file for versions before the newest only.
    [[nodiscard]] std::optional<version_nonce> nonce_of(row_version version) {
        if (version == version_) return nonce_;
        if (version == row_version(version_.generation(), 0)) return version_nonce{0};
        sqlite::statement& query =
            use(own_statement::find_nonce, "SELECT nonce FROM syncline_versions WHERE owner = ? AND generation = ? AND version = ?");
        const sqlite::run_guard run(query);
        query.bind_integer(1, owner_);
        sqlite::bind_version(query, 2, version);
        if (!query.step()) return std::nullopt;
        return static_cast<version_nonce>(query.integer(0));
    }

    bool find_by_local(int table, const local_id& local, server_row& out) {
        return rows_.find(owner_, row_statement::find_by_local, table, local.view(), out);
    }
    bool find_by_id(int table, const server_id& id, server_row& out) {
        return rows_.find(owner_, row_statement::find_by_id, table, id.view(), out);
    }
    [[nodiscard]] std::optional<row_identity> identify(int table, const local_id& local) {
        return rows_.identify(owner_, row_statement::identify_by_local, table, local.view());
    }
    [[nodiscard]] std::optional<row_identity> identify(int table, const server_id& id) {
        return rows_.identify(owner_, row_statement::identify_by_id, table, id.view());
    }

    bool insert_row(int table, const server_row& row) { return rows_.insert(writing_owner(), table, row); }
    void update_row(int table, const server_row& row, column_mask changed) {
        rows_.update(writing_owner(), table, row, changed);
    }

    template <class Visit>
    void scan_referrers(int table, int column, const server_id& id, Visit&& visit) {
        rows_.scan_referrers(owner_, table, column, id.view(), visit);
    }
    template <class Visit>
    void scan_changes(const feed_position& after, std::size_t limit, Visit&& visit) {
        if (after.version > version_ || (after.version == version_ && after.table >= schema_.size())) return;
        rows_.scan_changes(owner_, after, limit, visit);
    }
    template <class Visit>
    void scan_snapshot(const feed_position& after, std::size_t limit, Visit&& visit) {
        rows_.scan_snapshot(owner_, after, limit, visit);
    }

    [[nodiscard]] device_record load_device(std::string_view device) { return devices_.load(owner_, device); }
    template <class Tell>
    void find_verdicts(std::string_view device, std::span<const sequence> sequences, Tell&& tell) {
        devices_.find_verdicts(owner_, device, sequences, tell);
    }
    void save_device(std::string_view device, sequence floor, sequence forgotten, std::span<const stored_verdict> verdicts) {
        devices_.save(writing_owner(), device, floor, forgotten, verdicts);
    }

    /// Ends the transaction. Throws store_error, and nothing has changed, when a row points at a row that is not there or the
    /// disk is full.
    void commit() {
        connection_->transactions.commit(true);
        connection_.give_back();
        if (writing_.owns_lock()) writing_.unlock();
    }

private:
    friend class sqlite_backend;
    using own_statement = sqlite_backend_parts::own_statement;
    using row_statement = sqlite_backend_parts::row_statement;

    sqlite_backend_transaction(const schema_view& schema, sqlite_backend_parts::connection_pool& pool, nonce_source& random,
                               std::unique_lock<std::mutex> writing, std::string_view owner)
        : schema_(schema),
          random_(random),
          writing_(std::move(writing)),
          connection_(pool),
          devices_(*connection_),
          rows_(schema_, *connection_, devices_),
          owner_name_(owner) {
        const bool writes = writing_.owns_lock();
        std::ignore = connection_->transactions.begin(writes ? sqlite::transaction_mode::write : sqlite::transaction_mode::read);
        try {
            // In a reading transaction the first query fixes the state that all others see.
            sqlite::statement& query = use(own_statement::find_owner, "SELECT id, generation, version, nonce FROM syncline_owners WHERE name = ?");
            const sqlite::run_guard run(query);
            query.bind_text(1, owner_name_);
            if (!query.step()) return;
            owner_ = query.integer(0);
            version_ = sqlite::read_version(query, 1);
            nonce_ = static_cast<version_nonce>(query.integer(3));
        } catch (...) {
            connection_->transactions.roll_back(true);
            throw;
        }
    }

    sqlite::statement& use(own_statement which, std::string_view sql) {
        return sqlite_backend_parts::prepared(*connection_, which, sql);
    }

    /// The owner's number, made at the owner's first write.
    std::int64_t writing_owner() {
        if (!writing_.owns_lock()) throw store_error("a reading transaction cannot write");
        if (owner_ != 0) return owner_;
        sqlite::statement& insert = use(own_statement::insert_owner, "INSERT INTO syncline_owners (name, generation, version, nonce) VALUES (?, ?, ?, 0)");
        insert.bind_text(1, owner_name_);
        sqlite::bind_version(insert, 2, version_);
        insert.run();
        return owner_ = connection_->database.last_rowid();
    }

    const schema_view& schema_;
    nonce_source& random_;
    std::unique_lock<std::mutex> writing_;
    sqlite_backend_parts::taken_connection connection_;
    sqlite_backend_parts::device_table devices_;
    sqlite_backend_parts::row_tables rows_;
    std::string owner_name_;
    std::int64_t owner_ = 0;
    row_version version_{first_generation, 0};
    version_nonce nonce_ = 0;  ///< of version_
    bool took_version_ = false;
};

/// Rows, versions and verdicts of all owners in one file, see `backend`. Several processes may use the file.
class sqlite_backend {
public:
    static constexpr bool is_thread_safe = true;
    using opening_options = sqlite_backend_options;  ///< what a server passes on
    using transaction = sqlite_backend_transaction;

    /// Opens the file, or creates it with its tables; ":memory:" is a database of its own that only this object sees.
    /// Throws store_error for a file that is not a server's or was made with another schema, and leaves it as it is.
    sqlite_backend(const std::string& path, const schema_view& schema, const sqlite_backend_options& options = {})
        : sqlite_backend(path, schema, options, open(path, options)) {}

    [[nodiscard]] const schema_view& schema() const noexcept { return schema_; }
    [[nodiscard]] const server_identity& identity() const noexcept { return identity_; }

    /// Waits until no other writing transaction is open, here or in another process.
    [[nodiscard]] transaction begin_write(std::string_view owner) { return {schema_, pool_, nonces_, std::unique_lock(writers_), owner}; }

    /// Waits for nobody, unless all connections are in use.
    [[nodiscard]] transaction begin_read(std::string_view owner) {
        return {schema_, pool_, nonces_, std::unique_lock<std::mutex>(), owner};
    }

private:
    sqlite_backend(const std::string& path, const schema_view& schema, sqlite_backend_options options, sqlite::connection first)
        : schema_(schema),
          identity_(sqlite_backend_parts::create_or_check_tables(first, schema_, draw_identity(options.random))),
          nonces_(identity_, options.random),
          pool_(
              std::move(first), [path, options] { return open(path, options); },
              is_private(path) ? 1 : std::max<std::size_t>(options.connections_max, 1)) {
        // After the check, because it changes the file.
        const sqlite_backend_parts::taken_connection connection(pool_);
        connection->database.use_write_ahead_log(options.busy_timeout_ms);
    }

    /// Another connection to such a path is another database.
    [[nodiscard]] static bool is_private(std::string_view path) noexcept { return path.empty() || path == ":memory:"; }

    [[nodiscard]] static sqlite::connection open(const std::string& path, const sqlite_backend_options& options) {
        sqlite::connection opened = sqlite::connection::open(path, sqlite::connection_threads::locked);
        opened.set_busy_timeout(options.busy_timeout_ms);
        opened.execute("PRAGMA foreign_keys = ON");
        opened.execute(options.synchronous == sqlite_backend_options::durability::full ? "PRAGMA synchronous = FULL"
                                                                                       : "PRAGMA synchronous = NORMAL");
        return opened;
    }

    schema_view schema_;
    server_identity identity_;
    nonce_source nonces_;
    sqlite_backend_parts::connection_pool pool_;
    std::mutex writers_;
};

static_assert(backend<sqlite_backend> && thread_safe<sqlite_backend>);

}  // namespace syncline
