/// Who speaks for a store: its owner and its device, which travel with every request.
#pragma once

#include <string>

#include <syncline/base/clock.hpp>
#include <syncline/base/random.hpp>
#include <syncline/client/store.hpp>

namespace syncline {

struct store_identity {
    std::string owner;
    std::string device;
};

/// Reads the store's identity; a store without a device gets one, in a transaction of its own.
template <store S>
[[nodiscard]] store_identity identity_of(S& store, const clock_source& clock, random_source& random) {
    store_identity identity;
    auto reading = store.begin_read();
    identity.owner = store.find_meta("owner").value_or("");
    identity.device = store.find_meta("device").value_or("");
    reading.commit();
    if (!identity.device.empty()) return identity;
    auto writing = store.begin_write();
    // Another process may have named the device meanwhile.
    identity.device = store.find_meta("device").value_or("");
    if (!identity.device.empty()) return identity;
    identity.device = new_local_id(clock(), random).str();
    store.put_meta("device", identity.device);
    writing.commit();
    return identity;
}

}  // namespace syncline
