/// A device's half in one object: the store, the application's reads and writes, and the sync.
#pragma once

#include <concepts>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/base/opening.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/client/engine.hpp>
#include <syncline/client/repository.hpp>

namespace syncline {

struct unclaimed_store {};
/// Says that the owner of a store is not known yet. The store keeps its edits to itself until it is claimed; one that was claimed before
/// stays its owner's.
inline constexpr unclaimed_store unclaimed{};

/// Whose a store is: an owner, or `unclaimed`.
class store_owner {
public:
    store_owner(unclaimed_store) noexcept {}
    template <std::convertible_to<std::string> Text>
    store_owner(Text&& name) : name_(std::forward<Text>(name)) {}

    [[nodiscard]] const std::optional<std::string>& name() const noexcept { return name_; }

private:
    std::optional<std::string> name_;
};

template <class S>
struct replica_options {
    detail::opening_options_of<S> store = {};  ///< the store's own; the owner in them is that of the constructor
    repository_options rows = {};
    engine_options syncs = {};
};

/// Owns store, repository and engine of one device. The transport is the application's, and must outlive it.
///
/// Thread safety: as thread_safe as the store: one thread may read and write rows while another syncs.
/// Lifetime: neither copied nor moved, because its parts refer to one another. No call may be in work when it is destroyed.
template <any_schema Schema, store S, transport T>
class replica {
public:
    static constexpr bool is_thread_safe = thread_safe<S>;

    using repository_type = syncline::repository<Schema, S>;
    using engine_type = syncline::engine<S, T>;

    /// Over a store that is opened at no place, such as a memory_store. Throws store_error for a text that names no owner, for a store of
    /// another owner, and for what else the store cannot open.
    replica(store_owner owner, T& link, replica_options<S> options = {})
        requires detail::openable<S, schema_view>
        : store_(detail::open<S>(Schema::view(), for_owner(owner, std::move(options.store)))), rows_(store_, std::move(options.rows)),
          engine_(store_, link, std::move(options.syncs)) {
        claim_for(owner);
    }

    /// Over a store that is opened at a place, such as a file's path, or an open `sqlite3*`, for a sqlite_store.
    template <class Place>
        requires detail::openable<S, schema_view, Place>
    replica(Place&& place, store_owner owner, T& link, replica_options<S> options = {})
        : store_(detail::open<S>(Schema::view(), for_owner(owner, std::move(options.store)), std::forward<Place>(place))),
          rows_(store_, std::move(options.rows)), engine_(store_, link, std::move(options.syncs)) {
        claim_for(owner);
    }

    replica(const replica&) = delete;
    replica& operator=(const replica&) = delete;

    /// The typed reads and writes.
    [[nodiscard]] repository_type& rows() noexcept { return rows_; }
    [[nodiscard]] const repository_type& rows() const noexcept { return rows_; }

    /// Pushes what waits and pulls what is new, see engine::sync.
    sync_report sync(std::stop_token stop = {}) { return engine_.sync(std::move(stop)); }
    /// The report of the last sync that ended, see engine::last_report.
    [[nodiscard]] std::optional<sync_report> last_report() const { return engine_.last_report(); }
    /// True if nothing waits to be sent and the last sync was complete, see engine::in_sync.
    [[nodiscard]] bool in_sync() const { return engine_.in_sync(); }

    /// Says whose the rows of an unclaimed store are, once and for all, see repository::claim.
    void claim(std::string_view owner) { rows_.claim(owner); }
    /// Whom the transport's token stands for, see engine::ask_owner.
    [[nodiscard]] owner_answer ask_owner(std::stop_token stop = {}) { return engine_.ask_owner(std::move(stop)); }
    /// Agrees to the removals that a sync reported as `awaiting_consent`, see engine::allow_removals.
    void allow_removals() { engine_.allow_removals(); }

    [[nodiscard]] S& store() noexcept { return store_; }
    [[nodiscard]] engine_type& engine() noexcept { return engine_; }

private:
    using store_options = detail::opening_options_of<S>;
    static constexpr bool takes_owner = requires(store_options& options, const std::string& name) { options.owner = name; };

    /// A store that takes its owner when it is opened can refuse another one's before it touches anything.
    [[nodiscard]] static store_options for_owner(const store_owner& owner, store_options options) {
        if (owner.name() && !wire::is_owner_tag(*owner.name())) throw store_error(std::string(wire::owner_tag_rule));
        if constexpr (takes_owner) options.owner = owner.name().value_or(std::string());
        return options;
    }

    void claim_for(const store_owner& owner) {
        if (takes_owner || !owner.name()) return;
        store_adapter<S> port(store_);
        try {
            syncline::claim(port, *owner.name());
        } catch (const write_refused& refused) {
            throw store_error(refused.what());
        }
    }

    S store_;
    repository_type rows_;
    engine_type engine_;
};

}  // namespace syncline
