// Another project's test of its HTTP client, with what is installed: the whole suite on a client that does it right, and one that does not.
#include <cstdio>
#include <memory>
#include <string>

#include <syncline/testing/http_client_suite.hpp>
#include <syncline/testing/loopback_server.hpp>
#include <syncline/transports/httplib_client.hpp>

namespace {

using syncline::testing::loopback_server;
using syncline::testing::run_http_client_suite;

/// A client that never comes to its network.
struct trivial_client {
    [[nodiscard]] syncline::http_result send(const syncline::http_call&) {
        return syncline::exchange_failure{syncline::exchange_failure_kind::unreachable, "there is no network here"};
    }
};

}  // namespace

int main() {
    run_http_client_suite<loopback_server>([](const std::string& url) { return std::make_unique<syncline::httplib_client>(url); });
    try {
        run_http_client_suite<loopback_server>([](const std::string&) { return std::make_unique<trivial_client>(); });
    } catch (const syncline::testing::http_client_suite_failure& failure) {
        std::puts(failure.what());
        return 0;
    }
    return 1;
}
