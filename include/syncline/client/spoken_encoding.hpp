/// Which encoding a device uses with its server: learned from the server's answers and remembered in the store.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <syncline/client/store_port.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// Pulls ask for the preferred encoding; pushes use it once the server has answered in it, so that no push is refused for its form.
class spoken_encoding {
public:
    explicit spoken_encoding(wire::encoding preferred) noexcept : preferred_(preferred) {}

    /// Reads what an earlier sync learned, in the caller's transaction.
    void open(store_port& store) {
        saved_ = store.find_meta("encoding").value_or("");
        known_ = saved_ == wire::media_type(preferred_);
    }

    /// Remembers what this sync learned, in the caller's write transaction. Returns true if that was new.
    bool save(store_port& store) {
        const std::string_view learned = known_ ? wire::media_type(preferred_) : std::string_view();
        if (saved_ == learned) return false;
        saved_ = learned;
        store.put_meta("encoding", saved_);
        return true;
    }

    /// Learns from a page.
    void learn(const wire::http_response& answer) noexcept {
        if (wire::encoding_of(answer.content_type) == preferred_) known_ = true;
    }

    /// The server does not read the form of the last push (status 415): JSON from now on. False when it was JSON.
    [[nodiscard]] bool retreat() noexcept {
        const bool was_json = of_push() == wire::encoding::json;
        preferred_ = wire::encoding::json;
        known_ = false;
        return !was_json;
    }

    [[nodiscard]] wire::encoding of_push() const noexcept { return known_ ? preferred_ : wire::encoding::json; }

    [[nodiscard]] wire::http_request push_request(std::string body) const {
        return {"POST", "/api/sync/push", std::move(body), {}, std::string(wire::media_type(of_push())), accept()};
    }
    [[nodiscard]] wire::http_request pull_request(std::string target) const { return {"GET", std::move(target), {}, {}, {}, accept()}; }

private:
    [[nodiscard]] std::string accept() const {
        const std::string json(wire::media_type(wire::encoding::json));
        return preferred_ == wire::encoding::json ? json : std::string(wire::media_type(preferred_)) + ", " + json;
    }

    wire::encoding preferred_;
    bool known_ = false;  ///< the server speaks the preferred one
    std::string saved_;
};

}  // namespace syncline
