/// Who speaks for a store: its owner and its device, which travel with every request.
#pragma once

#include <string>
#include <string_view>

#include <syncline/base/clock.hpp>
#include <syncline/base/errors.hpp>
#include <syncline/base/random.hpp>
#include <syncline/client/store_port.hpp>

namespace syncline {

struct store_identity {
    std::string owner;   ///< empty: the store has none yet
    std::string device;  ///< empty only if the store may not speak, see find_unknown_owner
};

/// The store's owner, in the caller's transaction; empty if it has none.
[[nodiscard]] inline std::string owner_of(store_port& store) {
    return store.find_meta("owner").value_or("");
}

namespace detail {
[[nodiscard]] inline error owner_unknown_error(const char* message) { return {error_code::owner_unknown, message, {}, {}, {}}; }
[[nodiscard]] inline error unclaimed_edits_error() {
    return owner_unknown_error("the store holds unsent edits and has no owner; claim it for their owner first");
}
}  // namespace detail

/// Reads the store's identity; a store without a device gets one, in a transaction of its own, unless it may not speak anyway.
[[nodiscard]] inline store_identity identity_of(store_port& store, const clock_source& clock, random_source& random) {
    store_identity identity;
    auto reading = store.begin_read();
    identity.owner = owner_of(store);
    identity.device = store.find_meta("device").value_or("");
    const bool is_mute = identity.owner.empty() && store.count_entries() != 0;
    reading.commit();
    if (!identity.device.empty() || is_mute) return identity;
    auto writing = store.begin_write();
    // Another process may have named the device meanwhile.
    identity.device = store.find_meta("device").value_or("");
    if (!identity.device.empty()) return identity;
    identity.device = new_local_id(clock(), random).str();
    store.put_meta("device", identity.device);
    writing.commit();
    return identity;
}

/// Why nothing may be asked for this store, in the caller's transaction; code none if it may. A token must not decide whose edits they
/// are. Learns the owner of a store that was claimed since its identity was read.
[[nodiscard]] inline error find_unknown_owner(store_port& store, store_identity& speaker) {
    if (!speaker.owner.empty()) return {};
    if (speaker.device.empty()) return detail::unclaimed_edits_error();
    speaker.owner = owner_of(store);
    return speaker.owner.empty() && store.count_entries() != 0 ? detail::unclaimed_edits_error() : error{};
}

/// Gives a store that asked without an owner the one that the answer names, in the write transaction that stores the answer. The
/// error has code none if the answer may be stored; otherwise the caller lets the transaction go.
[[nodiscard]] inline error bind_owner(store_port& store, const store_identity& speaker, std::string_view named) {
    if (!speaker.owner.empty()) return {};
    if (named.empty()) return detail::owner_unknown_error("the server does not say whose the rows are; claim the store for their owner first");
    // The application may have claimed the store, or have written to it, while the request was out.
    const std::string claimed = owner_of(store);
    if (claimed == named) return {};
    if (!claimed.empty()) return {error_code::wrong_owner, "the store was claimed for another owner than the token's", {}, {}, {}};
    if (store.count_entries() != 0) return detail::unclaimed_edits_error();
    store.put_meta("owner", named);
    return {};
}

}  // namespace syncline
