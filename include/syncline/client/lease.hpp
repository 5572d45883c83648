/// One sync at a time over all processes that share a store: a claim in the store with a number that only grows.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include <syncline/client/store_port.hpp>

namespace syncline {

/// A claim on the store's sync. All calls run inside a transaction of the caller.
class sync_lease {
public:
    sync_lease(std::string holder, std::int64_t duration_ms) : holder_(std::move(holder)), duration_ms_(duration_ms) {}

    [[nodiscard]] bool is_held() const noexcept { return fence_ != 0; }

    /// True when the claim is ours, or may be taken; changes nothing. False when another process holds it, or has held it since we took it.
    [[nodiscard]] bool is_free(store_port& store, std::int64_t now_ms) const {
        const claim current = read(store);
        return fence_ != 0 ? is_ours(current) : !is_alive(current, now_ms);
    }

    /// Takes the claim where it is free, and renews it when half of its time is over, in a write transaction of the caller. Returns
    /// what is_free says.
    [[nodiscard]] bool hold(store_port& store, std::int64_t now_ms) {
        const claim current = read(store);
        if (fence_ != 0) {
            if (!is_ours(current)) return false;
            if (current.expires_ms - now_ms < duration_ms_ / 2) write(store, fence_, now_ms + duration_ms_);
            return true;
        }
        if (is_alive(current, now_ms)) return false;
        fence_ = current.fence + 1;
        write(store, fence_, now_ms + duration_ms_);
        return true;
    }

    /// Gives the claim back if it is still ours.
    void release(store_port& store) {
        const claim current = read(store);
        if (fence_ != 0 && is_ours(current)) store.put_meta("lease", std::to_string(fence_) + " 0 ");
        fence_ = 0;
    }

private:
    struct claim {
        std::int64_t fence = 0;
        std::int64_t expires_ms = 0;
        std::string holder;
    };

    [[nodiscard]] bool is_ours(const claim& current) const noexcept { return current.holder == holder_ && current.fence == fence_; }

    /// True while another holder may be at work: a claim from the far future is a clock that jumped.
    [[nodiscard]] bool is_alive(const claim& current, std::int64_t now_ms) const noexcept {
        return !current.holder.empty() && current.holder != holder_ && current.expires_ms > now_ms && current.expires_ms - now_ms <= duration_ms_;
    }

    static claim read(store_port& store) {
        claim current;
        const auto text = store.find_meta("lease");
        if (!text) return current;
        const char* const end = text->data() + text->size();
        auto at = std::from_chars(text->data(), end, current.fence).ptr;
        if (at != end) at = std::from_chars(at + 1, end, current.expires_ms).ptr;
        if (at != end) current.holder.assign(at + 1, end);
        return current;
    }

    void write(store_port& store, std::int64_t fence, std::int64_t expires_ms) const {
        store.put_meta("lease", std::to_string(fence) + " " + std::to_string(expires_ms) + " " + holder_);
    }

    std::string holder_;
    std::int64_t duration_ms_;
    std::int64_t fence_ = 0;
};

}  // namespace syncline
