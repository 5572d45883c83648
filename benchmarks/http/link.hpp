/// A client's way to a served router.
#pragma once

#include <string>
#include <utility>

#include <syncline/transports/http.hpp>
#include <syncline/transports/httplib_client.hpp>

namespace benchmarks::http {

/// One client with a connection of its own.
class link {
public:
    link(const std::string& url, std::string token)
        : client_(url), transport_(client_, [token = std::move(token)] { return token; }) {}

    [[nodiscard]] syncline::exchange_result exchange(const syncline::wire::http_request& request) { return transport_.exchange(request); }

private:
    syncline::httplib_client client_;
    syncline::http_transport<syncline::httplib_client> transport_;
};

}  // namespace benchmarks::http
