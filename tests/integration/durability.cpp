/// What a request tells a server is on the device's disk before it leaves, so that a loss of power never makes a device contradict itself.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <integration/support/workout.hpp>
#include <stores/forgetful_disk.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// The disk must be there before the first database of the world.
struct world_on_a_disk {
    explicit world_on_a_disk(world_options options = {}) : home(options) {}

    forgetful_disk disk;
    world<on_sqlite> home;
};

/// Lets `look` see each request of the device on its way.
template <class Look>
void watch(device<on_sqlite, workout_tracker::schema>& one, Look look) {
    one.link.intercept = [look = std::move(look)](const wire::http_request& request) mutable {
        look(request);
        return std::optional<exchange_result>();
    };
}

world_options small_batches() {
    world_options options;
    options.client.batch_operations = 2;
    options.client.page_rows = options.server.page_rows = 2;
    return options;
}

/// What a pull says that the device has settled; empty for a push.
std::string floor_told_by(const wire::http_request& request) {
    const std::string name = "acknowledged=";
    const auto at = request.target.find(name);
    if (is_push(request) || at == std::string::npos) return {};
    return request.target.substr(at, request.target.find('&', at) - at);
}

/// Lets a device lose its power while its request number `fatal` is out, which the server still gets, and goes on from what its disk kept.
/// False when the device's syncs had fewer requests.
bool survives_loss_of_power_at(std::size_t fatal) {
    world_on_a_disk there(small_batches());
    auto& home = there.home;
    auto& tablet = home.add("tablet");
    tablet->create(an_exercise("e0"));
    tablet.sync();
    auto& phone = home.add("phone");
    phone.sync();
    // A file that was closed is on the disk as a whole.
    phone.restart();
    const std::string copy = (std::filesystem::path(phone.path()).parent_path() / "copy.db").string();
    std::size_t requests = 0;
    watch(phone, [&](const wire::http_request&) {
        if (++requests != fatal) return;
        there.disk.copy_what_survives(phone.path(), copy);
        phone.link.next_fault(testing::fault::lose_answer);
    });
    const auto sync_until_the_end = [&] { return requests < fatal && phone.try_sync().outcome == sync_outcome::complete; };
    write_in_worst_order(phone);
    bool lives = sync_until_the_end();
    if (lives) {
        REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "tuesday"; }));
        phone->create(a_set("s2"));
        REQUIRE(phone->remove(id<template_exercise>("te1")) != 0);
        lives = sync_until_the_end();
    }
    phone.link.heal();
    if (lives) return false;

    INFO("power was lost during request " << fatal);
    auto& again = home.add("copy");
    const std::string edited = "another edit under a sequence that the device may have used";
    again->create(an_exercise("e9", edited));
    again.sync();
    again.sync();
    CHECK(again.rows().pending().empty());
    CHECK(again.rows().quarantine().empty());
    CHECK(again.rows().conflicts().empty());
    tablet.sync();
    CHECK(differences(again.list(), home.server_rows()) == "");
    CHECK(differences(tablet.list(), home.server_rows()) == "");
    CHECK(get<exercise>(tablet, "e9").name == edited);
    return true;
}

}  // namespace

TEST_CASE("no request leaves before what it tells anew is on the disk, whatever the durability", "[durability]") {
    world_on_a_disk there(small_batches());
    auto& home = there.home;
    auto& phone = home.add("phone");
    std::size_t requests = 0, early = 0;
    std::string floor;
    watch(phone, [&](const wire::http_request& request) {
        ++requests;
        // The next page of a pull tells nothing but a cursor.
        const std::string former = std::exchange(floor, floor_told_by(request));
        if ((floor.empty() || floor != former) && !there.disk.unsynced(phone.path()).empty()) ++early;
    });
    write_in_worst_order(phone);
    phone.sync();
    CHECK(requests > 3);
    // A request of its own shows whether a server that failed works at all.
    phone->create(a_set("s2"));
    phone.link.next_fault(testing::fault::fail_before);
    phone.sync();
    home.now_ms += 3'600'000;
    CHECK(phone.sync().total().pushed == 1);
    int edits = 0;
    phone.link.before_answer = [&](const wire::http_request&) {
        if (++edits < 4) phone->create(a_set("meanwhile" + std::to_string(edits)));
    };
    phone.sync();
    phone.link.before_answer = {};
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    phone.sync();
    CHECK(requests > 10);
    CHECK(early == 0);
    phone.link.heal();
    home.converge();
}

TEST_CASE("writing waits for the disk no more often because of syncs", "[durability]") {
    world_on_a_disk there;
    auto& phone = there.home.add("phone");
    phone.sync();
    const std::size_t before = there.disk.syncs;
    for (int number = 0; number < 20; ++number) phone->create(an_exercise("e" + std::to_string(number)));
    CHECK(there.disk.syncs == before);
    std::size_t of_requests = 0;
    std::size_t seen = before;
    watch(phone, [&](const wire::http_request&) {
        of_requests = std::max(of_requests, there.disk.syncs - seen);
    });
    phone.link.before_answer = [&](const wire::http_request&) { seen = there.disk.syncs; };
    CHECK(phone.sync().total().pushed == 20);
    CHECK(of_requests == 1);
    phone.link.heal();
    // What the last sync settled is written through by the next one, and from then on there is nothing to wait for.
    phone.sync();
    const std::size_t quiet = there.disk.syncs;
    phone.sync();
    phone.sync();
    CHECK(there.disk.syncs == quiet);
}

TEST_CASE("a pull of many pages waits for the disk once", "[durability]") {
    world_on_a_disk there(small_batches());
    auto& phone = there.home.add("phone");
    for (int number = 0; number < 20; ++number) phone->create(an_exercise("e" + std::to_string(number)));
    phone.sync();
    auto& tablet = there.home.add("tablet");
    std::size_t pulls = 0, waits = 0, seen = there.disk.syncs;
    watch(tablet, [&](const wire::http_request&) {
        ++pulls;
        if (there.disk.unsynced(tablet.path()).empty()) ++waits;
        seen = there.disk.syncs;
    });
    tablet.sync();
    CHECK(pulls >= 10);
    CHECK(waits == 1);
    CHECK(seen == there.disk.syncs);
    tablet.link.heal();
    there.home.converge();
}

TEST_CASE("a device that loses its power while a request is out goes on from its disk, and nothing is lost or forked", "[durability]") {
    std::size_t fatal = 1;
    while (survives_loss_of_power_at(fatal)) ++fatal;
    CHECK(fatal > 6);
}

TEST_CASE("a disk that refuses to be written through lets no request leave", "[durability]") {
    world_on_a_disk there;
    auto& phone = there.home.add("phone");
    phone.sync();
    phone->create(an_exercise());
    phone.link.forget_captured();
    there.disk.refuses_syncs = true;
    for (int again = 0; again < 2; ++again) {
        const sync_report report = phone.try_sync();
        CHECK(report.outcome == sync_outcome::busy);
        CHECK(report.problem.code == error_code::storage);
        CHECK(report.retry_in_ms > 0);
    }
    CHECK(phone.link.captured().empty());
    CHECK(phone->find(id<exercise>("e1")));
    there.disk.refuses_syncs = false;
    CHECK(phone.sync().total().pushed == 1);
    there.home.converge();
}

TEST_CASE("a session whose flush failed gives the same request once the disk takes it", "[durability]") {
    world_on_a_disk there;
    auto& phone = there.home.add("phone");
    phone.sync();
    phone->create(an_exercise());
    session conversation(phone.store(), {}, random_source(7));
    there.disk.refuses_syncs = true;
    CHECK_THROWS_AS((void)conversation.next(), store_error);
    there.disk.refuses_syncs = false;
    const auto step = conversation.next();
    REQUIRE(std::holds_alternative<wire::http_request>(step));
    const auto& request = std::get<wire::http_request>(step);
    CHECK(is_push(request));
    exchange_result result = phone.link.exchange(request);
    REQUIRE(std::holds_alternative<wire::http_response>(result));
    conversation.answer(std::get<wire::http_response>(result));
    CHECK(std::holds_alternative<wire::http_request>(conversation.next()));
    conversation.fail("enough");
    const auto end = conversation.next();
    CHECK(std::get<sync_report>(end).requests == 2);
    CHECK(phone->pending().empty());
}
