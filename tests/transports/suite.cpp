/// Every transport of ours keeps every promise of the transport suite, and one that does not is found out.
#include <memory>
#include <string>

#include <http_clients/libcurl_client.hpp>
#include <syncline/testing/transport_suite.hpp>
#include <syncline/transports/http.hpp>
#include <syncline/transports/httplib_client.hpp>
#include <syncline/transports/in_process.hpp>

#include <support/catch.hpp>
#include <syncline/testing/served.hpp>

using namespace syncline;
using syncline::testing::recording_server;

namespace {

/// A served handler, a client and a transport to it.
template <http_client Client>
struct http_line {
    explicit http_line(recording_server& target)
        : server(target), client(server.url()), transport(client, [] { return std::string("a-token"); }) {}

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) { return transport.exchange(request); }

    testing::served<recording_server> server;
    Client client;
    http_transport<Client> transport;
};

/// Asks again when it is not answered with 2xx.
struct stubborn_link {
    in_process_transport<recording_server> inner;
    [[nodiscard]] exchange_result exchange(const wire::http_request& request) {
        const exchange_result first = inner.exchange(request);
        const auto* const response = std::get_if<wire::http_response>(&first);
        return response != nullptr && response->status >= 500 ? inner.exchange(request) : first;
    }
};

/// Keeps the token that a request brings along.
struct careless_link {
    recording_server& server;
    [[nodiscard]] exchange_result exchange(const wire::http_request& request) { return server.handle(request); }
};

}  // namespace

TEST_CASE("the in-process transport keeps every promise of the transport suite") {
    CHECK_NOTHROW(testing::run_transport_suite(
        [](recording_server& server) { return std::make_unique<in_process_transport<recording_server>>(server, "a-token"); }));
}

TEST_CASE("the HTTP transport on cpp-httplib keeps every promise of the transport suite") {
    CHECK_NOTHROW(testing::run_transport_suite([](recording_server& server) { return std::make_unique<http_line<httplib_client>>(server); }));
}

TEST_CASE("the HTTP transport on libcurl keeps every promise of the transport suite") {
    CHECK_NOTHROW(testing::run_transport_suite([](recording_server& server) { return std::make_unique<http_line<libcurl_client>>(server); }));
}

TEST_CASE("a transport that sends twice, or hands on another's token, fails the transport suite") {
    CHECK_THROWS_WITH(testing::run_transport_suite([](recording_server& server) {
                          return std::make_unique<stubborn_link>(stubborn_link{in_process_transport<recording_server>(server, "a-token")});
                      }),
                      tests::contains("nothing is sent twice"));
    CHECK_THROWS_WITH(testing::run_transport_suite([](recording_server& server) { return std::make_unique<careless_link>(careless_link{server}); }),
                      tests::contains("carries the transport's token"));
}
