#include <syncline/server/metrics.hpp>

#include <map>
#include <sstream>
#include <thread>

#include <server/support/world.hpp>
#include <syncline/server/router.hpp>

using namespace server_tests;
using syncline::tests::contains;
using syncline::wire::http_request;
using syncline::wire::http_response;

namespace {

syncline::router_options with_meter() {
    syncline::router_options options;
    options.may_read_metrics = [](const std::string& token) { return token == "token of the meter"; };
    return options;
}

bool is_name(const std::string& text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789:") == std::string::npos && !syncline::is_digit(text.front());
}

/// Samples by name and labels, as a reader of Prometheus' text format 0.0.4 takes them; empty where one line is none of it.
std::map<std::string, double> read_samples(const std::string& text) {
    std::map<std::string, double> samples;
    std::map<std::string, std::string> types;
    std::istringstream lines(text);
    bool good = text.ends_with("\n");
    for (std::string line; std::getline(lines, line) && good;) {
        INFO(line);
        std::istringstream words(line);
        std::string name, value, more;
        if (line.starts_with("# HELP ")) {
            words >> more >> more >> name;
            good = is_name(name) && !types.contains(name);
        } else if (line.starts_with("# TYPE ")) {
            words >> more >> more >> name >> value;
            good = is_name(name) && (value == "counter" || value == "gauge" || value == "histogram") && types.emplace(name, value).second;
        } else {
            const std::size_t space = line.rfind(' ');
            const std::string labelled = line.substr(0, space);
            name = labelled.substr(0, labelled.find('{'));
            std::size_t used = 0;
            value = line.substr(space + 1);
            const double number = std::stod(value, &used);
            std::string family = name;
            for (const char* suffix : {"_bucket", "_sum", "_count"})
                if (const std::string ending = suffix; name.ends_with(ending) && types.contains(name.substr(0, name.size() - ending.size()))) family.erase(name.size() - ending.size());
            good = used == value.size() && number >= 0 && is_name(name) && types.contains(family) && (labelled.find('{') == std::string::npos || labelled.ends_with("\"}")) &&
                   samples.emplace(labelled, number).second;
        }
        CHECK(good);
    }
    return good ? samples : std::map<std::string, double>();
}

std::map<std::string, double> measure(running_server& server) {
    const http_response response = server.handle({"GET", "/metrics", {}, "token of the meter"});
    CHECK(response.status == 200);
    CHECK_THAT(response.content_type, contains("text/plain; version=0.0.4"));
    return read_samples(response.body);
}

}  // namespace

TEST_CASE("requests are counted by endpoint and status, with their bytes and seconds") {
    world here(backend_kind::memory, {}, with_meter());
    running_server& server = *here.server;
    const std::string push = R"({"device":"curl","operations":[]})";
    std::size_t answered = 0;
    for (int i = 0; i < 3; ++i) answered += server.handle({"POST", "/api/sync/push", push, "token of alice"}).body.size();
    answered += server.handle({"POST", "/api/sync/push", "{", "token of alice"}).body.size();
    answered += server.handle({"POST", "/api/sync/push", push, "wrong"}).body.size();
    static_cast<void>(server.handle({"GET", "/api/sync", {}, "token of alice"}));
    static_cast<void>(server.handle({"GET", "/api/topics/unknown", {}, "token of alice"}));
    static_cast<void>(server.handle({"POST", "/api/topics", R"({"name":"a"})", "token of alice"}));
    static_cast<void>(server.handle({"GET", "/healthz", {}, {}}));
    static_cast<void>(server.handle({"GET", "/nowhere", {}, "token of alice"}));
    static_cast<void>(server.refuse_head({"POST", "/api/sync", {}, "wrong"}));
    auto samples = measure(server);
    const auto count = [&](const char* endpoint, const char* status) {
        return samples["syncline_requests_total{endpoint=\"" + std::string(endpoint) + "\",status=\"" + status + "\"}"];
    };
    CHECK(count("push", "2xx") == 3);
    CHECK(count("push", "4xx") == 2);
    CHECK(count("pull", "2xx") == 1);
    CHECK(count("pull", "4xx") == 1);
    CHECK(count("row", "2xx") == 1);
    CHECK(count("row", "4xx") == 1);
    CHECK(count("healthz", "2xx") == 1);
    CHECK(count("unknown", "4xx") == 1);
    CHECK(samples[R"(syncline_request_bytes_total{endpoint="push"})"] == static_cast<double>(4 * push.size() + 1));
    CHECK(samples[R"(syncline_response_bytes_total{endpoint="push"})"] == static_cast<double>(answered));
    CHECK(samples[R"(syncline_request_seconds_count{endpoint="push"})"] == 5);
    CHECK(samples[R"(syncline_request_seconds_bucket{endpoint="push",le="+Inf"})"] == 5);
    CHECK(samples.at("syncline_waiting") == 0);
    CHECK(measure(server)[R"(syncline_requests_total{endpoint="metrics",status="2xx"})"] == 1);
}

TEST_CASE("failures of the backend are counted") {
    const auto server = running_server::start(backend_kind::memory, {}, with_meter());
    server->break_backend();
    CHECK(server->handle({"GET", "/api/sync", {}, "token of alice"}).status == 500);
    CHECK(server->handle({"GET", "/healthz", {}, {}}).status == 503);
    const auto samples = measure(*server);
    CHECK(samples.at(R"(syncline_requests_total{endpoint="pull",status="5xx"})") == 1);
    CHECK(samples.at(R"(syncline_requests_total{endpoint="healthz",status="5xx"})") == 1);
}

TEST_CASE("a request's seconds are in the first bucket that holds them, and in all above") {
    syncline::request_metrics metrics;
    for (const double seconds : {0.00005, 0.0001, 0.003, 0.7, 1.0, 1.5, 3'600.0}) metrics.count(syncline::endpoint::pull, 200, seconds, 0, 0);
    const auto samples = read_samples(metrics.text(7));
    const auto bucket = [&](const char* bound) { return samples.at("syncline_request_seconds_bucket{endpoint=\"pull\",le=\"" + std::string(bound) + "\"}"); };
    CHECK(bucket("0.0001") == 2);
    CHECK(bucket("0.001") == 2);
    CHECK(bucket("0.005") == 3);
    CHECK(bucket("0.5") == 3);
    CHECK(bucket("1") == 5);
    CHECK(bucket("+Inf") == 7);
    CHECK(samples.at(R"(syncline_request_seconds_count{endpoint="pull"})") == 7);
    CHECK(samples.at(R"(syncline_request_seconds_sum{endpoint="pull"})") == Approx(3'603.20315).epsilon(1e-9));
    CHECK(samples.at("syncline_waiting") == 7);
}

TEST_CASE("an odd status is counted somewhere") {
    syncline::request_metrics metrics;
    for (const int status : {-1, 0, 99, 100, 599, 600, 1'000'000}) metrics.count(syncline::endpoint::unknown, status, 0, 0, 0);
    CHECK(read_samples(metrics.text(0)).at(R"(syncline_request_seconds_count{endpoint="unknown"})") == 7);
}

TEST_CASE("counters may be counted from several threads") {
    syncline::request_metrics metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 1'000; ++n) metrics.count(syncline::endpoint::push, 200, 0.001, 2, 3);
        });
    for (std::thread& one : threads) one.join();
    const auto samples = read_samples(metrics.text(0));
    CHECK(samples.at(R"(syncline_requests_total{endpoint="push",status="2xx"})") == 4'000);
    CHECK(samples.at(R"(syncline_request_bytes_total{endpoint="push"})") == 8'000);
}

TEST_CASE("metrics are read by those who may, and by nobody where nothing was said") {
    world here(backend_kind::memory, {}, with_meter()), silent(backend_kind::memory);
    const auto status = [](world& one, const char* token) { return one.server->handle({"GET", "/metrics", {}, token}).status; };
    CHECK(status(here, "token of the meter") == 200);
    CHECK(status(here, "token of alice") == 404);
    CHECK(status(here, "") == 401);
    CHECK(status(here, "wrong") == 401);
    CHECK(status(silent, "token of the meter") == 404);
    CHECK(status(silent, "") == 401);
}

TEST_CASE("no owner, row or token is in the metrics") {
    world here(backend_kind::memory, {}, with_meter());
    for (const char* token : {"token of alice", "wrong secret"})
        for (const char* target : {"/api/topics/secret-id", "/secret-path", "/api/sync?device=secret-device", "/api/topics"})
            for (const char* method : {"GET", "POST", "secret-method"})
                static_cast<void>(here.server->handle({method, target, R"({"localId":"secret-row","name":"secret-name"})", token, {}, {}, "secret-key"}));
    const std::string text = here.server->handle({"GET", "/metrics", {}, "token of the meter"}).body;
    for (const char* word : {"secret", "alice", "bob", "token", "topic", "meter"}) {
        INFO(word);
        CHECK_THAT(text, !contains(word));
    }
}
