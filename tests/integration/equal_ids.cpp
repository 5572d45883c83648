/// Two devices make a row of one name: nobody's values go without a record, and nobody's removal kills the other's row.
#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// The fields of the device's conflict records about this row: "name: mine / theirs".
template <class Device>
std::string losses(Device& one, std::string_view row) {
    std::string text;
    for (const conflict& record : one->conflicts()) {
        if (record.id.view() != row) continue;
        for (const conflict_field& field : record.fields)
            text += field.name + ": " + field.mine + " / " + field.theirs + (record.mine_won ? " mine\n" : " theirs\n");
    }
    return text;
}

/// A device that speaks the other encoding.
template <class Device>
void speak(Device& one, wire::encoding form) {
    one.form = form;
    one.restart();
}

}  // namespace

TEMPLATE_TEST_CASE("a create that meets another device's row leaves it as it is and keeps its own values in a record", "[equal ids]", in_memory, on_sqlite) {
    const wire::encoding form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    // The second device learns of the row by a verdict, or by a pull before it has sent its own.
    const bool pulls_first = GENERATE(false, true);
    INFO((pulls_first ? "pulls first" : "pushes first"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    speak(phone, form);
    speak(tablet, form);
    if (!pulls_first) tablet.sync();
    phone->create(exercise{.id = id<exercise>("settings"), .name = "dark", .notes = "same"});
    phone.sync();
    tablet->create(exercise{.id = id<exercise>("settings"), .name = "light", .notes = "same"});
    tablet.sync();
    CHECK(get<exercise>(tablet, "settings").name == "dark");
    CHECK(losses(tablet, "settings") == "name: light / dark theirs\n");
    CHECK(tablet->pending().empty());
    home.converge();
    CHECK(get<exercise>(phone, "settings").name == "dark");
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().size() == 1);
    CHECK(home.server_rows().size() == 1);
}

TEMPLATE_TEST_CASE("a fresh device that makes the settings row with defaults empties it for nobody", "[equal ids]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone->create(exercise{.id = id<exercise>("settings"), .name = "", .notes = ""});
    phone.sync();
    REQUIRE(phone->update(id<exercise>("settings"), [](exercise& row) { row.name = "dark", row.notes = "edited"; }));
    phone.sync();
    auto& tablet = home.add("tablet");
    tablet->create(exercise{.id = id<exercise>("settings"), .name = "", .notes = ""});
    tablet.sync();
    home.converge();
    CHECK(get<exercise>(phone, "settings").name == "dark");
    CHECK(get<exercise>(tablet, "settings").notes == "edited");
}

TEMPLATE_TEST_CASE("what was edited after a create is an edit of the row that the create meets, in flight or not", "[equal ids]", in_memory, on_sqlite) {
    const wire::encoding form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    const std::string when = GENERATE(as<std::string>{}, "before it is sent", "while it is in flight", "after its answer was lost");
    const bool pulls_first = GENERATE(false, true);
    // A device that has pulled the row has nothing to send but the edit.
    if (pulls_first && when == "while it is in flight") return;
    INFO("edited " << when << (pulls_first ? ", pulls first" : ", pushes first"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    speak(phone, form);
    speak(tablet, form);
    if (!pulls_first) tablet.sync();
    phone->create(exercise{.id = id<exercise>("settings"), .name = "dark", .notes = "phone's"});
    phone.sync();
    tablet->create(exercise{.id = id<exercise>("settings"), .name = "light", .notes = "default"});
    const auto edit = [&] { REQUIRE(tablet->update(id<exercise>("settings"), [](exercise& row) { row.notes = "tablet's"; })); };
    if (when == "before it is sent") edit();
    else if (when == "while it is in flight")
        tablet.link.before_delivery = [&, done = false](const wire::http_request& request) mutable {
            if (is_push(request) && !done) done = true, edit();
        };
    else {
        tablet.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
            if (is_push(request)) return exchange_failure{exchange_failure_kind::lost, "lost"};
            return std::nullopt;
        };
        static_cast<void>(tablet.try_sync());
        tablet.link.heal();
        edit();
    }
    tablet.sync();
    home.converge();
    CHECK(get<exercise>(phone, "settings").name == "dark");
    CHECK(get<exercise>(phone, "settings").notes == "tablet's");
}

TEMPLATE_TEST_CASE("a removal behind a create that was never taken does not kill another device's row", "[equal ids]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(a_workout_exercise("we2"));
    phone.sync();
    tablet.sync();
    REQUIRE(tablet->remove(id<workout_exercise>("we2")) != 0);
    tablet.sync();
    // The owner is gone, so that the server refuses the set; before the phone hears it, it removes the set.
    phone->create(a_set("n", "we2", 1));
    phone.link.before_answer = [&](const wire::http_request& request) {
        if (!is_push(request)) return;
        phone.link.before_answer = {};
        REQUIRE(phone->remove(id<workout_set>("n")) != 0);
    };
    phone.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request)) return wire::http_response{503, {}, {}};
        return std::nullopt;
    };
    static_cast<void>(phone.try_sync());
    phone.link.heal();
    tablet->create(a_set("n", "we1", 2));
    tablet.sync();
    phone.sync();
    home.converge();
    CHECK(get<workout_set>(tablet, "n").reps == 2);
    CHECK(get<workout_set>(phone, "n").reps == 2);
    CHECK(phone->pending().empty());
}

TEMPLATE_TEST_CASE("two devices make a row of one name and one removes it: the other's row lives, or is gone everywhere", "[equal ids]", in_memory, on_sqlite) {
    const std::string order = GENERATE(as<std::string>{}, "removed before the other pushes", "removed after the other pushed",
                                       "removed while the other's create is in flight");
    INFO(order);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    tablet.sync();
    phone->create(an_exercise("x", "phone's"));
    phone.sync();
    tablet->create(an_exercise("x", "tablet's"));
    const auto remove = [&] {
        REQUIRE(phone->remove(id<exercise>("x")) != 0);
        phone.sync();
    };
    if (order == "removed before the other pushes") remove();
    else if (order == "removed while the other's create is in flight")
        tablet.link.before_delivery = [&, done = false](const wire::http_request& request) mutable {
            if (is_push(request) && !done) done = true, remove();
        };
    tablet.sync();
    if (order == "removed after the other pushed") remove();
    home.converge();
    const bool lives = order != "removed after the other pushed";
    CHECK(has<exercise>(phone, "x") == lives);
    CHECK(has<exercise>(tablet, "x") == lives);
    if (lives) CHECK(get<exercise>(phone, "x").name == "tablet's");
    CHECK(home.server_rows().size() == (lives ? 1u : 0u));
}

TEMPLATE_TEST_CASE("edits and a removal behind a create follow the life that the create was given", "[equal ids]", in_memory, on_sqlite) {
    const bool removes = GENERATE(false, true);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    tablet.sync();
    for (int life = 0; life < 3; ++life) {
        phone->create(an_exercise("x", "phone's"));
        phone.sync();
        REQUIRE(phone->remove(id<exercise>("x")) != 0);
        phone.sync();
    }
    tablet->create(an_exercise("x", "tablet's"));
    tablet.link.before_delivery = [&, done = false](const wire::http_request& request) mutable {
        if (!is_push(request) || done) return;
        done = true;
        if (removes) REQUIRE(tablet->remove(id<exercise>("x")) != 0);
        else REQUIRE(tablet->update(id<exercise>("x"), [](exercise& row) { row.notes = "edited"; }));
    };
    tablet.sync();
    tablet.sync();
    home.converge();
    CHECK(has<exercise>(phone, "x") == !removes);
    if (!removes) CHECK(get<exercise>(phone, "x").notes == "edited");
    CHECK(tablet->conflicts().empty());
}
