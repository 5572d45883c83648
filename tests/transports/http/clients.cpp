#include <http_clients/libcurl_client.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>

#include <syncline/testing/http_client_suite.hpp>
#include <syncline/testing/loopback_server.hpp>
#include <syncline/transports/httplib_client.hpp>

#include <support/catch.hpp>

using namespace syncline;

namespace {

using testing::loopback_server;

httplib_client_options patient() {
    httplib_client_options options;
    options.connect_timeout = options.read_timeout = options.write_timeout = std::chrono::minutes(10);
    return options;
}

}  // namespace

TEST_CASE("the client on cpp-httplib keeps every promise of the HTTP client suite") {
    // A server in this process may have turned off what a broken connection does otherwise.
    std::signal(SIGPIPE, SIG_DFL);
    for (const auto& check : testing::http_client_checks<httplib_client, loopback_server>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_http_client_check(check, [](const std::string& url) { return std::make_unique<httplib_client>(url, patient()); }));
    }
}

TEST_CASE("a client of one's own on libcurl does not read an endless head") {
    loopback_server server;
    libcurl_client client(server.url());
    for (const std::string_view again : {"X: y\r\n", "xxxxxxxx"}) {
        using kind = testing::script_step::kind;
        server.answer_next({{{kind::send, "HTTP/1.1 200 OK\r\nA: b\r\nC: "}, {kind::flood, std::string(again)}}});
        testing::http_client_suite::expect_lost(client.send(testing::http_client_suite::call_to("GET", "/")));
    }
}

TEST_CASE("a client of one's own on libcurl keeps every promise of the HTTP client suite") {
    for (const auto& check : testing::http_client_checks<libcurl_client, loopback_server>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_http_client_check(check, [](const std::string& url) { return std::make_unique<libcurl_client>(url); }));
    }
}
