/// Which encoding a device and its server come to speak, and that nothing depends on it.
#include <optional>
#include <string>

#include <integration/support/workout.hpp>
#include <integration/support/world.hpp>

using namespace syncline;
using namespace syncline::tests;
using namespace workout_tracker;

namespace {

template <class Device>
void speak_cbor(Device& one) {
    one.form = wire::encoding::cbor;
    one.restart();
}

template <class Device>
std::size_t pushes_in(const Device& one, wire::encoding form) {
    std::size_t count = 0;
    for (const wire::http_request& request : one.link.captured())
        if (is_push(request) && wire::encoding_of(request.content_type) == form) ++count;
    return count;
}

}  // namespace

TEMPLATE_TEST_CASE("a device that may speaks CBOR from its first push on, and agrees with one that speaks JSON", "[encodings]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    speak_cbor(phone);
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.notes = "phone's"; }));
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.name = "tablet's"; }));
    home.converge();
    CHECK(pushes_in(phone, wire::encoding::cbor) >= 2);
    CHECK(pushes_in(phone, wire::encoding::json) == 0);
    CHECK(pushes_in(tablet, wire::encoding::cbor) == 0);
    CHECK(get<workout>(phone, "w1").name == "tablet's");
    CHECK(get<workout>(phone, "w1").notes == "phone's");
}

TEMPLATE_TEST_CASE("a device remembers after a restart what its server speaks", "[encodings]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    speak_cbor(phone);
    phone.sync();
    phone.restart();
    phone->create(exercise{.id = id<exercise>("e1"), .name = "squat"});
    phone.sync();
    CHECK(pushes_in(phone, wire::encoding::cbor) == 1);
    home.converge();
}

TEMPLATE_TEST_CASE("a server that knows only JSON gets only JSON", "[encodings]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    speak_cbor(phone);
    phone.link.intercept = [&home](const wire::http_request& request) -> std::optional<exchange_result> {
        if (is_push(request)) return std::nullopt;
        return home.send("GET", request.target);
    };
    phone->create(exercise{.id = id<exercise>("e1"), .name = "squat"});
    phone.sync();
    CHECK(pushes_in(phone, wire::encoding::cbor) == 0);
    CHECK(pushes_in(phone, wire::encoding::json) == 1);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("a push refused for its encoding goes again as JSON, and nothing is lost or doubled", "[encodings]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    speak_cbor(phone);
    phone.sync();
    phone->create(exercise{.id = id<exercise>("e1"), .name = "squat"});
    phone->create(exercise{.id = id<exercise>("e2"), .name = "bench"});
    int refused = 0;
    phone.link.intercept = [&home, &refused](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request)) return home.send("GET", request.target);
        if (wire::encoding_of(request.content_type) != wire::encoding::cbor) return std::nullopt;
        ++refused;
        return wire::http_response{415, {}, {}, "text/plain"};
    };
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 2);
    CHECK(report.total().refused == 0);
    CHECK(refused == 1);
    CHECK(pushes_in(phone, wire::encoding::json) == 1);
    CHECK(home.server_rows().size() == 2);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("an answer in no encoding of ours changes nothing", "[encodings]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    speak_cbor(phone);
    phone->create(exercise{.id = id<exercise>("e1"), .name = "squat"});
    phone.link.intercept = [](const wire::http_request&) -> std::optional<exchange_result> {
        return wire::http_response{200, R"({"results":[],"version":"1.1"})", {}, "text/html; charset=utf-8"};
    };
    const std::string before = phone.marks();
    const sync_report report = phone.try_sync();
    CHECK(report.outcome == sync_outcome::server_failed);
    CHECK(report.problem.code == error_code::bad_answer);
    CHECK(phone.marks().find("1 create e1") != std::string::npos);
    CHECK(phone.marks().size() >= before.size());
    phone.link.heal();
    home.converge();
}
