// Another project's program, over HTTP: nobody listens there, and the transport says so.
#include <cstdio>
#include <string>
#include <variant>

#include <syncline/transports/http.hpp>
#include <syncline/transports/httplib_client.hpp>

int main() {
    syncline::httplib_client client("http://127.0.0.1:1");
    syncline::http_transport link(client, [] { return std::string("secret"); });
    const syncline::exchange_result result = link.exchange({"GET", "/api/sync", {}, {}});
    const auto* const failure = std::get_if<syncline::exchange_failure>(&result);
    if (failure == nullptr || failure->kind != syncline::exchange_failure_kind::unreachable) return 1;
    std::puts(failure->text.c_str());
}
