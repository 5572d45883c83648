/// Devices of Alice around one server that also has rows of Bob, whom nobody may touch; on memory or on SQLite files.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <backends/scratch_folder.hpp>
#include <integration/support/listing.hpp>
#include <support/catch.hpp>
#include <syncline/backends/memory.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/client/engine.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/server/router.hpp>
#include <syncline/server/service.hpp>
#include <syncline/stores/memory.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/testing/faulty_transport.hpp>
#include <syncline/transports/in_process.hpp>
#include <workout/schema.hpp>

namespace syncline::tests {

/// A memory store and a memory backend.
struct in_memory {
    using store_type = memory_store;
    using backend_type = memory_backend;
    static constexpr bool has_files = false;

    static std::unique_ptr<store_type> open_store(const std::string&, const schema_view& schema, const std::string& owner) {
        return std::make_unique<memory_store>(schema, memory_options{owner});
    }
    static std::unique_ptr<backend_type> open_server(const std::string&, const schema_view& schema) {
        return std::make_unique<memory_backend>(schema, random_source(1));
    }
};

/// A SQLite store in a file and a SQLite backend in another.
struct on_sqlite {
    using store_type = sqlite_store;
    using backend_type = sqlite_backend;
    static constexpr bool has_files = true;

    static std::unique_ptr<store_type> open_store(const std::string& path, const schema_view& schema, const std::string& owner) {
        sqlite_options options;
        options.owner = owner;
        options.durability = sqlite_durability::normal;
        return std::make_unique<sqlite_store>(path, schema, options);
    }
    static std::unique_ptr<backend_type> open_server(const std::string& path, const schema_view& schema) {
        sqlite_backend_options options;
        options.synchronous = sqlite_backend_options::durability::normal;
        options.random = random_source(1);
        return std::make_unique<sqlite_backend>(path, schema, options);
    }
};

/// The token "token of X" stands for owner X.
struct tokens {
    std::optional<std::string> operator()(const std::string& token) const {
        constexpr std::string_view prefix = "token of ";
        if (!token.starts_with(prefix)) return std::nullopt;
        return token.substr(prefix.size());
    }
};

/// An id from a text that is one.
template <class E>
id_of<E> id(std::string_view text) {
    return id_of<E>::parse(text).value();
}

inline void require_complete(const sync_report& report) {
    INFO(name_of(report.outcome) << ": " << to_string(report.problem));
    REQUIRE(report.outcome == sync_outcome::complete);
}

inline bool is_push(const wire::http_request& request) { return request.target == "/api/sync/push"; }

/// Everything a device may be given at its start.
struct world_options {
    limits client;
    limits server;
};

template <class Kind, any_schema Schema>
class world;

/// A store with its repository and engine, on a link that can fail.
template <class Kind, any_schema Schema>
class device {
public:
    using store_type = typename Kind::store_type;
    using server_router = router<service<typename Kind::backend_type>, tokens>;
    using line = in_process_transport<server_router>;
    using link_type = testing::faulty_transport<line>;
    using repository_type = repository<Schema, store_type>;
    using engine_type = engine<store_type, link_type>;

    /// `owner` is named when the store is opened; empty: the store has the one that is stored in it, or none.
    device(std::string path, std::string owner, const std::string& token_owner, server_router& server, limits bounds, std::int64_t& now_ms,
           std::uint64_t seed)
        : path_(std::move(path)), owner_(std::move(owner)), bounds_(bounds), now_ms_(now_ms), seed_(seed),
          line_(server, "token of " + token_owner), link(line_, random_source(seed)) {
        open();
    }

    repository_type* operator->() { return repository_.get(); }
    repository_type& rows() { return *repository_; }
    store_type& store() { return *store_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    engine_options options() {
        engine_options made;
        made.bounds = bounds_;
        made.clock = [this] { return now_ms_; };
        made.random = random_source(++seed_);
        made.pause = [this](std::int64_t ms, const std::stop_token&) { now_ms_ += ms; };
        made.form = form;
        return made;
    }
    repository_options writing_options() { return {bounds_, [this] { return now_ms_; }, random_source(++seed_)}; }

    /// A sync that has to be complete.
    sync_report sync() {
        const sync_report report = engine_->sync();
        require_complete(report);
        return report;
    }
    sync_report try_sync(std::stop_token stop = {}) { return engine_->sync(std::move(stop)); }
    owner_answer ask_owner(std::stop_token stop = {}) { return engine_->ask_owner(std::move(stop)); }
    const engine_type& syncing() const { return *engine_; }
    void allow_removals() { engine_->allow_removals(); }

    /// Everything in memory goes, as when a program ends; a file store is opened again, after `while_closed`.
    void restart(const std::function<void()>& while_closed = {}) {
        engine_.reset();
        repository_.reset();
        if constexpr (Kind::has_files) store_.reset();
        if (while_closed) while_closed();
        open();
    }
    /// Copies the store's file, as a backup does; the program is not running meanwhile.
    void copy_file(const std::string& to) {
        restart([&] { std::filesystem::copy_file(path_, to, std::filesystem::copy_options::overwrite_existing); });
    }
    /// Puts a copy of the store's file back.
    void restore_file(const std::string& from) {
        restart([&] {
            for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
            std::filesystem::copy_file(from, path_, std::filesystem::copy_options::overwrite_existing);
        });
    }

    /// Rows with server id, version and life.
    listing list() { return rows_of_store(*store_); }
    /// The whole store but the rows: pending and refused operations, conflicts, cursor.
    std::string marks() {
        std::string text;
        auto reading = store_->begin_read();
        store_->scan_entries([&](const outbox_entry& entry) {
            text += std::to_string(entry.seq) + " " + std::string(name_of(entry.kind)) + " " + entry.id.str() + " " +
                    std::to_string(static_cast<int>(entry.state)) + " " + std::to_string(entry.attempts) + "\n";
        });
        store_->scan_conflicts([&](const conflict_record& record) { text += "conflict " + std::to_string(record.number) + "\n"; });
        store_->scan_parked([&](const parked_row& row) { text += "parked " + row.id.str() + "\n"; });
        text += "removed " + std::to_string(store_->count_removed()) + "\n";
        for (const char* name : {"cursor", "device", "owner", "lease", "refetch", "refetch_wanted"})
            text += std::string(name) + " " + store_->find_meta(name).value_or("none") + "\n";
        reading.commit();
        return text;
    }
    /// Rows changed so far in the store's file; always 0 in memory.
    [[nodiscard]] int writes() const {
        if constexpr (Kind::has_files) return sqlite3_total_changes(store_->handle());
        else return 0;
    }
    /// The bytes of the file and of its log.
    [[nodiscard]] std::string file_bytes() const {
        std::string bytes;
        if constexpr (Kind::has_files)
            for (const char* suffix : {"", "-wal"}) {
                std::ifstream file(path_ + suffix, std::ios::binary);
                bytes.append(std::istreambuf_iterator<char>(file), {});
            }
        return bytes;
    }

    [[nodiscard]] std::size_t pushes() const {
        std::size_t count = 0;
        for (const wire::http_request& request : link.captured()) count += is_push(request) ? 1u : 0u;
        return count;
    }

private:
    void open() {
        if (!store_) store_ = Kind::open_store(path_, Schema::view(), owner_);
        repository_ = std::make_unique<repository_type>(*store_, writing_options());
        engine_ = std::make_unique<engine_type>(*store_, link, options());
    }

    std::string path_;
    std::string owner_;
    limits bounds_;
    std::int64_t& now_ms_;
    std::uint64_t seed_;
    line line_;

public:
    link_type link;
    wire::encoding form = wire::encoding::json;  ///< preferred from the next restart; JSON, because many tests read what passes

private:
    std::unique_ptr<store_type> store_;
    std::unique_ptr<repository_type> repository_;
    std::unique_ptr<engine_type> engine_;
};

/// The end of every test checks that Bob's rows, on the server and on his device, are what they were.
template <class Kind, any_schema Schema = workout_tracker::schema>
class world {
public:
    using device_type = device<Kind, Schema>;
    using backend_type = typename Kind::backend_type;

    /// `seed` writes Bob's rows, under the names that Alice's rows have.
    world(const std::function<void(typename device_type::repository_type&)>& seed, world_options options = {})
        : options_(options), database(Kind::open_server(folder_.file("server.db"), Schema::view())),
          service_(*database, service_options{options_.server, [this] { return now_ms; }, random_source(2)}), router_(service_, tokens{}),
          bob_(folder_.file("bob.db"), "bob", "bob", router_, options_.client, now_ms, 1'000) {
        seed(bob_.rows());
        bob_.sync();
        bobs_rows_ = bob_.list();
        REQUIRE(bobs_rows_ == server_rows("bob"));
        REQUIRE_FALSE(bobs_rows_.empty());
    }
    explicit world(world_options options = {})
        requires std::same_as<Schema, workout_tracker::schema>
        : world(write_one_of_each, options) {}

    world(const world&) = delete;
    world& operator=(const world&) = delete;

    ~world() {
        if (std::uncaught_exceptions() != 0) return;
        try {
            CHECK(differences(server_rows("bob"), bobs_rows_) == "");
            const sync_report report = bob_.try_sync();
            CHECK(report.outcome == sync_outcome::complete);
            CHECK(report.total() == table_report{});
            CHECK(differences(bob_.list(), bobs_rows_) == "");
        } catch (const std::exception& failure) {
            FAIL_CHECK("Bob's rows could not be checked: " << failure.what());
        }
    }

    /// Another device of Alice.
    device_type& add(const std::string& name) { return add(name, "alice", "alice"); }
    /// A device whose store has no owner yet.
    device_type& add_unowned(const std::string& name, const std::string& token_owner = "alice") { return add(name, "", token_owner); }

    wire::http_response send(const std::string& method, const std::string& target, const std::string& body = {}, const std::string& owner = "alice") {
        return router_.handle({method, target, body, "token of " + owner});
    }

    typename device_type::server_router& server_router() { return router_; }
    [[nodiscard]] std::string server_path() const { return folder_.file("server.db"); }
    /// Where the device that is added under this name has, or will have, its file.
    [[nodiscard]] std::string path_of(const std::string& name) const { return folder_.file(name + ".db"); }
    listing server_rows(std::string_view owner = "alice") { return rows_of_backend(*database, owner); }

    /// Every device of Alice has what the server has, byte for byte, and nothing is left to do.
    void require_agreement() {
        const listing truth = server_rows();
        for (const auto& one : devices_) {
            INFO("device " << one->path() << "\n" << one->marks());
            REQUIRE(differences(one->list(), truth) == "");
            REQUIRE(one->rows().pending().empty());
            REQUIRE(one->rows().quarantine().empty());
        }
    }
    /// Syncs every device twice, in turn, then requires agreement and quiet.
    void converge() {
        for (int round = 0; round < 2; ++round)
            for (const auto& one : devices_) one->sync();
        require_agreement();
        require_quiet();
    }
    /// One more sync of any device is one request that moves and writes nothing.
    void require_quiet() {
        for (const auto& one : devices_) {
            INFO("device " << one->path());
            const std::string marks = one->marks();
            const int writes = one->writes();
            const sync_report report = one->sync();
            REQUIRE(report.requests == 1);
            REQUIRE(report.total() == table_report{});
            REQUIRE(report.conflicts == 0);
            REQUIRE(one->writes() == writes);
            REQUIRE(one->marks() == marks);
        }
    }

    std::int64_t now_ms = 1'700'000'000'000;

    static void write_one_of_each(typename device_type::repository_type& rows)
        requires std::same_as<Schema, workout_tracker::schema>
    {
        using namespace workout_tracker;
        rows.transaction([&] {
            rows.create(exercise{.id = id<exercise>("e1"), .name = "bob's squat"});
            rows.create(workout_template{.id = id<workout_template>("t1"), .name = "bob's plan"});
            rows.create(template_exercise{.id = id<template_exercise>("te1"), .template_id = id<workout_template>("t1"), .exercise_id = id<exercise>("e1")});
            rows.create(workout{.id = id<workout>("w1"), .template_id = id<workout_template>("t1"), .name = "bob's day"});
            rows.create(workout_exercise{.id = id<workout_exercise>("we1"), .workout_id = id<workout>("w1"), .exercise_id = id<exercise>("e1")});
            rows.create(workout_set{.id = id<workout_set>("s1"), .workout_exercise_id = id<workout_exercise>("we1"), .reps = 1});
        });
    }

private:
    device_type& add(const std::string& name, const std::string& owner, const std::string& token_owner) {
        devices_.push_back(std::make_unique<device_type>(folder_.file(name + ".db"), owner, token_owner, router_, options_.client, now_ms,
                                                         10'000 * (devices_.size() + 1)));
        return *devices_.back();
    }

    scratch_folder folder_;
    world_options options_;

public:
    std::unique_ptr<backend_type> database;

private:
    service<backend_type> service_;
    typename device_type::server_router router_;
    device_type bob_;
    listing bobs_rows_;
    std::vector<std::unique_ptr<device_type>> devices_;
};

template <class E, class Device>
std::size_t count(Device& one) {
    return one.rows().template count<E>();
}

/// The row, which has to be there.
template <class E, class Device>
E get(Device& one, std::string_view name) {
    const std::optional<E> found = one->find(id<E>(name));
    INFO(name);
    REQUIRE(found.has_value());
    return *found;
}

template <class E, class Device>
bool has(Device& one, std::string_view name) {
    return one->find(id<E>(name)).has_value();
}

using memory_router = router<service<memory_backend>, tokens>;
using sqlite_router = router<service<sqlite_backend>, tokens>;

}  // namespace syncline::tests

// Instantiated once, in world.cpp, because every test file would spend half a minute on them.
namespace syncline {

extern template class service<memory_backend>;
extern template class router<service<memory_backend>, tests::tokens>;
extern template class in_process_transport<tests::memory_router>;
extern template class testing::faulty_transport<in_process_transport<tests::memory_router>>;
extern template class engine<memory_store, testing::faulty_transport<in_process_transport<tests::memory_router>>>;
extern template class repository<workout_tracker::schema, memory_store>;
extern template class store_adapter<memory_store>;
extern template class tests::device<tests::in_memory, workout_tracker::schema>;
extern template class tests::world<tests::in_memory, workout_tracker::schema>;
extern template class service<sqlite_backend>;
extern template class router<service<sqlite_backend>, tests::tokens>;
extern template class in_process_transport<tests::sqlite_router>;
extern template class testing::faulty_transport<in_process_transport<tests::sqlite_router>>;
extern template class engine<sqlite_store, testing::faulty_transport<in_process_transport<tests::sqlite_router>>>;
extern template class repository<workout_tracker::schema, sqlite_store>;
extern template class store_adapter<sqlite_store>;
extern template class tests::device<tests::on_sqlite, workout_tracker::schema>;
extern template class tests::world<tests::on_sqlite, workout_tracker::schema>;

}  // namespace syncline
