/// The transaction that stores hand out: it undoes its part when it is destroyed without commit().
#pragma once

#include <utility>

#include <syncline/base/assert.hpp>

namespace syncline {

/// Movable; to be ended by the thread that began it, the innermost first.
template <class Store>
class [[nodiscard]] store_transaction {
public:
    store_transaction(store_transaction&& other) noexcept : store_(std::exchange(other.store_, nullptr)) {}
    store_transaction& operator=(store_transaction&&) = delete;
    ~store_transaction() {
        if (store_ != nullptr) store_->roll_back_level();
    }

    /// Makes the changes last once the outermost transaction commits. When an outermost commit cannot be done, also because a
    /// key points nowhere, it throws store_error, and everything is as before the transaction.
    void commit() {
        SYNCLINE_ASSERT(store_ != nullptr);
        std::exchange(store_, nullptr)->commit_level();
    }

private:
    friend Store;
    explicit store_transaction(Store& store) noexcept : store_(&store) {}
    Store* store_;
};

}  // namespace syncline
