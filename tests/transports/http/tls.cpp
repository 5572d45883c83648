#include <http_clients/libcurl_client.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>

#include <httplib.h>

#include <syncline/testing/http_client_suite.hpp>
#include <syncline/transports/httplib_client.hpp>

#include <stores/scratch_folder.hpp>
#include <support/catch.hpp>
#include <transports/support/certificate.hpp>

using namespace syncline;

namespace {

using testing::http_client_suite::call_to;
using tests::certificate;

/// Answers every POST with its body, over TLS, on 127.0.0.1.
class tls_server {
public:
    explicit tls_server(const certificate& shown) : server_(shown.get(), shown.key()) {
        REQUIRE(server_.is_valid());
        server_.Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
            ++requests_;
            response.set_content(request.body, "application/json");
        });
        server_.Get("/slow", [this](const httplib::Request&, httplib::Response&) {
            ++requests_;
            may_answer_.wait(false);
        });
        server_.set_tcp_nodelay(true);
        port_ = server_.bind_to_any_port("127.0.0.1");
        listener_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) std::this_thread::yield();
    }
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;
    ~tls_server() {
        may_answer_.test_and_set();
        may_answer_.notify_all();
        server_.stop();
        listener_.join();
    }

    [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const { return "https://" + host + ":" + std::to_string(port_); }
    [[nodiscard]] int requests() const { return requests_; }

private:
    httplib::SSLServer server_;
    int port_ = 0;
    std::atomic<int> requests_ = 0;
    std::atomic_flag may_answer_;
    std::thread listener_;
};

std::unique_ptr<httplib_client> on_httplib(const std::string& url, const std::string& ca_file) {
    httplib_client_options options;
    options.ca_file = ca_file;
    return std::make_unique<httplib_client>(url, options);
}
std::unique_ptr<libcurl_client> on_libcurl(const std::string& url, const std::string& ca_file) { return std::make_unique<libcurl_client>(url, ca_file); }

/// What each client says to a POST, when it trusts the certificate in `ca_file`, or the system's where that is empty.
struct answers {
    answers(const std::string& url, const std::string& ca_file)
        : httplib(on_httplib(url, ca_file)->send(call_to("POST", "/", "{}"))), libcurl(on_libcurl(url, ca_file)->send(call_to("POST", "/", "{}"))) {}

    [[nodiscard]] bool are_replies() const { return std::holds_alternative<http_reply>(httplib) && std::holds_alternative<http_reply>(libcurl); }
    [[nodiscard]] bool are_unreachable() const { return is_unreachable(httplib) && is_unreachable(libcurl); }

    http_result httplib;
    http_result libcurl;

private:
    static bool is_unreachable(const http_result& result) {
        const auto* const failure = std::get_if<exchange_failure>(&result);
        return failure != nullptr && failure->kind == exchange_failure_kind::unreachable;
    }
};

}  // namespace

TEST_CASE("a certificate that nobody vouches for is refused before anything is sent") {
    const certificate shown("DNS:localhost,IP:127.0.0.1");
    tls_server server(shown);
    const answers refused(server.url(), "");
    CHECK(refused.are_unreachable());
    CHECK_THAT(std::get<exchange_failure>(refused.httplib).text, tests::contains("certificate"));
    CHECK(server.requests() == 0);
}

TEST_CASE("a certificate is accepted from the file of trusted ones, for its own names") {
    const certificate shown("DNS:localhost,IP:127.0.0.1");
    const tests::scratch_folder folder;
    shown.write_to(folder.file("trusted.pem"));
    tls_server server(shown);
    CHECK(answers(server.url(), folder.file("trusted.pem")).are_replies());
    CHECK(answers(server.url("localhost"), folder.file("trusted.pem")).are_replies());
    CHECK(server.requests() == 4);
}

TEST_CASE("a trusted certificate for another name is refused") {
    const certificate shown("DNS:elsewhere.example,IP:127.0.0.9");
    const tests::scratch_folder folder;
    shown.write_to(folder.file("trusted.pem"));
    tls_server server(shown);
    CHECK(answers(server.url(), folder.file("trusted.pem")).are_unreachable());
    CHECK(answers(server.url("localhost"), folder.file("trusted.pem")).are_unreachable());
    CHECK(server.requests() == 0);
}

TEST_CASE("a certificate that has expired is refused") {
    const certificate shown("DNS:localhost,IP:127.0.0.1", -60);
    const tests::scratch_folder folder;
    shown.write_to(folder.file("trusted.pem"));
    tls_server server(shown);
    CHECK(answers(server.url(), folder.file("trusted.pem")).are_unreachable());
    CHECK(server.requests() == 0);
}

TEST_CASE("the file of trusted certificates takes the place of the system's, and must be one") {
    const certificate shown("DNS:localhost,IP:127.0.0.1"), other("DNS:localhost,IP:127.0.0.1");
    const tests::scratch_folder folder;
    other.write_to(folder.file("other.pem"));
    tls_server server(shown);
    CHECK(answers(server.url(), folder.file("other.pem")).are_unreachable());
    CHECK(answers(server.url(), folder.file("missing.pem")).are_unreachable());
    CHECK(server.requests() == 0);
}

TEST_CASE("a stop ends a call over TLS, and the next call works") {
    const certificate shown("DNS:localhost,IP:127.0.0.1");
    const tests::scratch_folder folder;
    shown.write_to(folder.file("trusted.pem"));
    tls_server server(shown);
    httplib_client_options options;
    options.ca_file = folder.file("trusted.pem");
    options.read_timeout = std::chrono::minutes(10);
    httplib_client client(server.url(), options);
    for (int i = 0; i < 2; ++i) {
        const http_result result = client.send(call_to("POST", "/", testing::http_client_suite::all_bytes(4'000)));
        CHECK(std::holds_alternative<http_reply>(result));
    }
    const int before = server.requests();
    const http_result stopped = testing::http_client_suite::send_and_stop(client, call_to("GET", "/slow"), [&] {
        while (server.requests() == before) std::this_thread::yield();
    });
    CHECK(std::holds_alternative<exchange_failure>(stopped));
    CHECK(std::holds_alternative<http_reply>(client.send(call_to("POST", "/", "{}"))));
}

TEST_CASE("ending a connection over TLS raises no signal in the thread that used it") {
    const certificate shown("DNS:localhost,IP:127.0.0.1");
    const tests::scratch_folder folder;
    shown.write_to(folder.file("trusted.pem"));
    tls_server server(shown);
    static std::atomic<int> signals;
    static pthread_t caller;
    caller = pthread_self();
    const auto before = std::signal(SIGPIPE, [](int) { signals += pthread_equal(pthread_self(), caller) != 0 ? 1 : 0; });
    for (int i = 0; i < 3; ++i) {
        std::stop_source source;
        http_call call = call_to("GET", "/slow");
        call.stop = source.get_token();
        std::thread stopper([&, seen = server.requests()] {
            while (server.requests() == seen) std::this_thread::yield();
            source.request_stop();
        });
        const http_result stopped = on_httplib(server.url(), folder.file("trusted.pem"))->send(call);
        stopper.join();
        CHECK(std::holds_alternative<exchange_failure>(stopped));
    }
    std::signal(SIGPIPE, before);
    CHECK(signals == 0);
}

TEST_CASE("a server without TLS is unreachable for a client that wants it") {
    httplib::Server server;
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread listener([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
    CHECK(answers("https://127.0.0.1:" + std::to_string(port), "").are_unreachable());
    server.stop();
    listener.join();
}
