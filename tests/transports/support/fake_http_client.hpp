/// An HTTP client without a network: it answers as the test says and remembers what it was asked.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/transports/http_client.hpp>

namespace syncline::tests {

class fake_http_client {
public:
    fake_http_client() : fake_http_client([](const http_call&) { return json_reply(200, "{}"); }) {}
    explicit fake_http_client(std::function<http_result(const http_call&)> how) : answer(std::move(how)) {}

    [[nodiscard]] http_result send(const http_call& call) {
        {
            const std::lock_guard lock(mutex_);
            calls_.push_back(call);
        }
        return answer(call);
    }

    [[nodiscard]] std::vector<http_call> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

    [[nodiscard]] static http_reply json_reply(int status, std::string body, std::vector<http_header> more = {}) {
        more.push_back({"Content-Type", "application/json"});
        return {status, std::move(more), std::move(body)};
    }

    std::function<http_result(const http_call&)> answer;

private:
    mutable std::mutex mutex_;
    std::vector<http_call> calls_;
};

/// The header's value in a call, or a text that no test expects.
[[nodiscard]] inline std::string header_of(const http_call& call, std::string_view name) {
    return std::string(find_header(call.headers, name).value_or("(none)"));
}

}  // namespace syncline::tests
