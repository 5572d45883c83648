/// Stores that were put back from a copy, and devices that run from one copy: what one of them did must not pass for the other's doing.
#include <filesystem>
#include <string>

#include <integration/support/refusals.hpp>
#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// The device's sync ends because the server knows another operation under one of its sequences; what it has not sent still waits.
template <class Device>
void require_forked(Device& one, std::size_t waiting) {
    const sync_report report = one.try_sync();
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == error_code::device_forked);
    CHECK(report.total().pushed == 0);
    CHECK(one->pending().size() == waiting);
    CHECK(one->conflicts().empty());
}

/// A device that goes on from a copy of the first one's file.
template <class World, class Device>
Device& add_twin(World& home, Device& one) {
    one.copy_file(home.path_of("twin"));
    return home.add("twin");
}

}  // namespace

TEST_CASE("a device whose file was put back does not lose the edit that takes a used sequence", "[restored]") {
    const bool says_so_first = GENERATE(false, true);
    INFO((says_so_first ? "the server has heard that the lost sequence was settled" : "it has not"));
    world<on_sqlite> home;
    auto& phone = home.add("phone");
    phone->create(an_exercise("one"));
    phone.sync();
    const std::string copy = home.path_of("copy");
    phone.copy_file(copy);
    phone->create(an_exercise("x"));
    phone.sync();
    if (says_so_first) phone.sync();
    phone.restore_file(copy);
    CHECK_FALSE(has<exercise>(phone, "x"));

    phone->create(an_exercise("y"));
    require_forked(phone, 1);
    CHECK(has<exercise>(phone, "y"));
    CHECK(home.server_rows().size() == 2);
    // However often it asks, nothing is lost and nothing is taken for something else.
    require_forked(phone, 1);
}

TEST_CASE("an edit whose sequence a twin closed goes out under another one", "[restored]") {
    world<on_sqlite> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "seven"; }));
    phone.link.next_fault(testing::fault::lose_request);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    auto& twin = add_twin(home, phone);

    spend_attempts(home, phone, "w1", false, false);
    phone->discard(id<workout>("w1"));
    phone.sync();
    CHECK(voids(phone.link.captured()) == 1);

    twin.sync();
    CHECK(twin->pending().empty());
    CHECK(twin->conflicts().empty());
    CHECK(get<workout>(twin, "w1").name == "seven");
    tablet.sync();
    CHECK(get<workout>(tablet, "w1").name == "seven");
}

TEST_CASE("a removal whose sequence a twin closed goes out under another one, and a row made anew behind it follows", "[restored]") {
    world<on_sqlite> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) { row.reps = 9; }));
    phone.link.next_fault(testing::fault::lose_request);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    auto& twin = add_twin(home, phone);
    spend_attempts(home, phone, "s1", false, false);
    phone->discard(id<workout_set>("s1"));
    phone.sync();

    REQUIRE(twin->remove(id<workout_set>("s1")) != 0);
    twin->create(a_set("s1", "we1", 77));
    twin.sync();
    twin.sync();
    CHECK(twin->pending().empty());
    CHECK(get<workout_set>(twin, "s1").reps == 77);
    tablet.sync();
    CHECK(get<workout_set>(tablet, "s1").reps == 77);
}

TEST_CASE("a void does not settle an edit by the verdict of what a twin sent under its sequence", "[restored]") {
    world<on_sqlite> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    auto& twin = add_twin(home, phone);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's"; }));
    phone.sync();

    REQUIRE(twin->update(id<workout>("w1"), [](workout& row) { row.notes = "twin's"; }));
    // The control request works, so that the failures count as answers about the edit, and so does the void at last.
    twin.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request) || request.body.find("\"w1\"") == std::string::npos || request.body.find("\"op\":\"void\"") != std::string::npos) return std::nullopt;
        return wire::http_response{500, {}, {}};
    };
    for (int i = 0; i < 20 && twin.try_sync().outcome != sync_outcome::refused; ++i) home.now_ms += 3'600'000;
    twin.link.heal();
    CHECK(twin->quarantine().empty());
    CHECK(voids(twin.link.captured()) == 1);
    REQUIRE(twin->update(id<workout>("w1"), [](workout& row) { row.notes = "twin's repair"; }));
    const sync_report report = twin.try_sync();
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == error_code::device_forked);
    CHECK(twin->pending().size() == 2);
    CHECK(get<workout>(twin, "w1").notes == "twin's repair");
    tablet.sync();
    CHECK(get<workout>(tablet, "w1").notes.empty());
}
