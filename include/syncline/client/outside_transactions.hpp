/// A sync is no part of a transaction: what it told a server cannot be rolled back.
#pragma once

#include <syncline/client/store_port.hpp>

namespace syncline {

/// A sync was asked for inside a transaction. Nothing was sent or changed.
class transaction_is_open : public store_error {
public:
    transaction_is_open() : store_error("a sync cannot be a part of a transaction: commit the transaction or roll it back, then sync") {}
};

/// The store. Throws transaction_is_open inside a transaction of the calling thread, or of the application beneath the store; waits for
/// the transactions of other threads.
inline store_port& outside_transactions(store_port& store) {
    if (store.in_transaction()) throw transaction_is_open();
    return store;
}

}  // namespace syncline
