/// Whose rows a store holds: named by the application or by the first answer, and never by a token.
#include <optional>
#include <string>
#include <variant>

#include <integration/support/workout.hpp>
#include <integration/support/world.hpp>
#include <syncline/client/claim.hpp>

using namespace syncline;
using namespace syncline::tests;
using namespace workout_tracker;

namespace {

template <class Device>
void write_squat(Device& one) {
    one->create(exercise{.id = id<exercise>("e9"), .name = "squat"});
}

template <class Device>
void require_refused(Device& one, error_code code) {
    const sync_report report = one.try_sync();
    INFO(name_of(report.outcome) << ": " << to_string(report.problem));
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == code);
    CHECK(report.total().pushed == 0);
    CHECK(report.total().pulled == 0);
}

template <class Device>
std::string requests_of(const Device& one) {
    std::string text;
    for (const wire::http_request& request : one.link.captured()) text += request.target + "\n" + request.body + "\n";
    return text;
}

template <class Device>
std::string owner_in(Device& one) {
    auto reading = one.store().begin_read();
    std::string owner = one.store().find_meta("owner").value_or("none");
    reading.commit();
    return owner;
}

/// The error with which the claim is refused; code none if it is not.
template <class Device>
error refusal_of_claim(Device& one, std::string_view owner) {
    try {
        one->claim(owner);
    } catch (const write_refused& refused) {
        return refused.reason();
    }
    return {};
}

}  // namespace

TEMPLATE_TEST_CASE("a store without an owner that holds unsent edits does not sync, and nothing leaves it", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    write_squat(phone);
    const std::string marks = phone.marks();
    const listing rows = phone.list();
    const sync_report report = phone.try_sync();
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == error_code::owner_unknown);
    CHECK(report.problem.message.find("claim") != std::string::npos);
    CHECK(report.requests == 0);
    CHECK(report.total().waiting == 1);
    CHECK(phone.link.requests() == 0);
    CHECK(phone.marks() == marks);
    CHECK(phone.list() == rows);
    CHECK(phone.rows().pending().size() == 1);
    CHECK(home.server_rows().empty());
}

TEMPLATE_TEST_CASE("rows written before the sign-in go to the owner that the application claims the store for", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    write_squat(phone);
    require_refused(phone, error_code::owner_unknown);
    phone->claim("alice");
    CHECK(phone.sync().total().pushed == 1);
    CHECK(home.server_rows().size() == 1);
    home.converge();
}

TEMPLATE_TEST_CASE("another user's token does not get the rows that were written before the sign-in", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone", "bob");
    write_squat(phone);
    require_refused(phone, error_code::owner_unknown);
    phone->claim("alice");
    require_refused(phone, error_code::wrong_owner);
    CHECK(requests_of(phone).find("squat") == std::string::npos);
    CHECK(phone.rows().pending().size() == 1);
    CHECK(home.server_rows().empty());
}

TEMPLATE_TEST_CASE("an empty store belongs to the owner that its first answer names, from that answer on", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& tablet = home.add("tablet");
    write_squat(tablet);
    tablet.sync();
    auto& phone = home.add_unowned("phone");
    CHECK(owner_in(phone) == "none");
    CHECK(phone.sync().total().pulled == 1);
    CHECK(owner_in(phone) == "alice");
    REQUIRE_FALSE(phone.link.captured().empty());
    CHECK(phone.link.captured().front().target.find("owner=") == std::string::npos);
    REQUIRE(phone->update(id<exercise>("e9"), [](exercise& row) { row.notes = "low bar"; }));
    phone.link.forget_captured();
    phone.sync();
    for (const wire::http_request& request : phone.link.captured())
        CHECK((request.target + request.body).find("alice") != std::string::npos);
    home.converge();
}

TEMPLATE_TEST_CASE("a store is bound in the transaction that stores its first page, not before its last", "[owners]", in_memory, on_sqlite) {
    world_options options;
    options.client.page_rows = 2;
    world<TestType> home(options);
    auto& tablet = home.add("tablet");
    for (int i = 1; i <= 5; ++i) tablet->create(exercise{.id = id<exercise>("e" + std::to_string(i)), .name = "squat"});
    tablet.sync();
    auto& phone = home.add_unowned("phone");
    int answers = 0;
    phone.link.rewrite_answer = [&](const wire::http_request&, wire::http_response& response) {
        // The second page is lost, when the first one is in the store.
        if (++answers == 2) response = {503, {}, 1'000, {}};
    };
    CHECK(phone.try_sync().outcome == sync_outcome::server_failed);
    CHECK(owner_in(phone) == "alice");
    CHECK(count<exercise>(phone) == 2);
    REQUIRE(phone.link.captured().size() == 2);
    CHECK(phone.link.captured()[1].target.find("owner=alice") != std::string::npos);
    phone.link.heal();
    phone.restart();
    home.converge();
}

TEMPLATE_TEST_CASE("a first answer that was lost binds nothing", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    phone.link.next_fault(testing::fault::lose_answer);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    CHECK(owner_in(phone) == "none");
    write_squat(phone);
    require_refused(phone, error_code::owner_unknown);
    CHECK(requests_of(phone).find("squat") == std::string::npos);
    phone->claim("alice");
    home.converge();
}

TEMPLATE_TEST_CASE("an edit made while the first request is out keeps the store without an owner and without the answer", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& tablet = home.add("tablet");
    tablet->create(exercise{.id = id<exercise>("e1"), .name = "bench"});
    tablet.sync();
    auto& phone = home.add_unowned("phone");
    phone.link.before_answer = [&](const wire::http_request&) {
        if (count<exercise>(phone) == 0) write_squat(phone);
    };
    const sync_report report = phone.try_sync();
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == error_code::owner_unknown);
    CHECK(report.requests == 1);
    CHECK(report.total().pulled == 0);
    CHECK(owner_in(phone) == "none");
    CHECK(count<exercise>(phone) == 1);
    CHECK(phone.marks().find("cursor none") != std::string::npos);
    CHECK(phone.marks().find("lease none") != std::string::npos);
    CHECK(requests_of(phone).find("squat") == std::string::npos);
    CHECK(home.server_rows().size() == 1);
    phone.link.heal();
    require_refused(phone, error_code::owner_unknown);
    phone->claim("alice");
    home.converge();
    CHECK(home.server_rows().size() == 2);
}

TEMPLATE_TEST_CASE("a store that is claimed for its token's owner while the first request is out takes the answer", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& tablet = home.add("tablet");
    tablet->create(exercise{.id = id<exercise>("e1"), .name = "bench"});
    tablet.sync();
    auto& phone = home.add_unowned("phone");
    phone.link.before_answer = [&](const wire::http_request&) {
        if (count<exercise>(phone) != 0) return;
        write_squat(phone);
        phone->claim("alice");
    };
    phone.sync();
    CHECK(count<exercise>(phone) == 2);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("a store that is claimed for another owner while the first request is out takes nothing", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone", "bob");
    phone.link.before_answer = [&](const wire::http_request&) {
        if (owner_in(phone) == "none") phone->claim("alice");
    };
    require_refused(phone, error_code::wrong_owner);
    CHECK(owner_in(phone) == "alice");
    CHECK(phone.list().empty());
    CHECK(phone.marks().find("cursor none") != std::string::npos);
    phone.link.heal();
    require_refused(phone, error_code::wrong_owner);
}

TEMPLATE_TEST_CASE("a bound store refuses another owner's token, and sends no row with it", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    phone.sync();
    REQUIRE(owner_in(phone) == "alice");
    write_squat(phone);
    phone.link.intercept = [&](const wire::http_request& request) -> std::optional<exchange_result> {
        return home.send(request.method, request.target, request.body, "bob");
    };
    require_refused(phone, error_code::wrong_owner);
    CHECK(owner_in(phone) == "alice");
    CHECK(phone.rows().pending().size() == 1);
    CHECK(home.server_rows().empty());
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("an answer that names no owner is not stored in a store that has none", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& tablet = home.add("tablet");
    write_squat(tablet);
    tablet.sync();
    auto& phone = home.add_unowned("phone");
    phone.link.rewrite_answer = [](const wire::http_request&, wire::http_response& response) {
        const std::string named = R"(,"owner":"alice")";
        const std::size_t at = response.body.find(named);
        if (at != std::string::npos) response.body.erase(at, named.size());
    };
    require_refused(phone, error_code::owner_unknown);
    CHECK(owner_in(phone) == "none");
    CHECK(phone.list().empty());
    CHECK(phone.marks().find("cursor none") != std::string::npos);
    phone->claim("alice");
    CHECK(phone.sync().total().pulled == 1);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("a claim for the same owner is fine, and one for another owner is refused and changes nothing", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    CHECK(phone->owner().empty());
    CHECK_FALSE(refusal_of_claim(phone, "alice"));
    CHECK_FALSE(refusal_of_claim(phone, "alice"));
    CHECK(phone->owner() == "alice");
    const std::string marks = phone.marks();
    const error refused = refusal_of_claim(phone, "bob");
    CHECK(refused.code == error_code::wrong_owner);
    CHECK(refused.message.find("another owner") != std::string::npos);
    CHECK(phone.marks() == marks);
    home.converge();
}

TEMPLATE_TEST_CASE("a claim inside a transaction that fails is undone with it", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    struct changed_its_mind {};
    CHECK_THROWS_AS(phone->transaction([&] {
        phone->claim("bob");
        throw changed_its_mind();
    }),
                    changed_its_mind);
    CHECK(phone->owner().empty());
    phone->claim("alice");
    home.converge();
}

TEMPLATE_TEST_CASE("a text that is no owner tag claims nothing", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    for (const std::string& text : {std::string(), std::string(1'025, 'a'), std::string("a\0b", 3), std::string("\xff")}) {
        CHECK(refusal_of_claim(phone, text).code == error_code::invalid_text);
        CHECK(phone->owner().empty());
    }
    CHECK_FALSE(refusal_of_claim(phone, std::string(1'024, 'a')));
}

TEMPLATE_TEST_CASE("a store is not opened for a text that is no owner tag", "[owners]", in_memory, on_sqlite) {
    const scratch_folder folder;
    for (const std::string& text : {std::string(1'025, 'a'), std::string("a\0b", 3), std::string("\xff")})
        CHECK_THROWS_AS(TestType::open_store(folder.file("phone.db"), workout_tracker::schema::view(), text), store_error);
    CHECK_NOTHROW(TestType::open_store(folder.file("phone.db"), workout_tracker::schema::view(), "alice & bob"));
}

TEMPLATE_TEST_CASE("asking for the token's owner binds nothing, stores nothing and sends no row", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& tablet = home.add("tablet");
    tablet->create(exercise{.id = id<exercise>("e1"), .name = "bench"});
    tablet.sync();
    auto& phone = home.add_unowned("phone");
    write_squat(phone);
    const std::string marks = phone.marks();
    const int writes = phone.writes();
    const owner_answer answer = phone.ask_owner();
    CHECK(answer.outcome == sync_outcome::complete);
    CHECK_FALSE(answer.problem);
    CHECK(answer.owner == "alice");
    CHECK(phone.marks() == marks);
    CHECK(phone.writes() == writes);
    CHECK(count<exercise>(phone) == 1);
    CHECK(phone.link.requests() == 1);
    CHECK(requests_of(phone).find("squat") == std::string::npos);
    require_refused(phone, error_code::owner_unknown);
    phone->claim(*answer.owner);
    home.converge();
}

TEMPLATE_TEST_CASE("a store that has an owner may still ask whom the token stands for", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    phone.link.intercept = [&](const wire::http_request& request) -> std::optional<exchange_result> {
        return home.send(request.method, request.target, request.body, "bob");
    };
    const std::string marks = phone.marks();
    CHECK(phone.ask_owner().owner == "bob");
    CHECK(phone.marks() == marks);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("asking for the token's owner says why there is no answer", "[owners]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add_unowned("phone");
    const auto ask_with = [&](exchange_result result) {
        phone.link.intercept = [result](const wire::http_request&) -> std::optional<exchange_result> { return result; };
        const owner_answer answer = phone.ask_owner();
        CHECK_FALSE(answer.owner.has_value());
        CHECK(answer.problem);
        return answer.outcome;
    };
    CHECK(ask_with(exchange_failure{exchange_failure_kind::unreachable, "no network"}) == sync_outcome::offline);
    CHECK(ask_with(home.send("GET", "/api/sync?owner=alice")) == sync_outcome::refused);
    CHECK(ask_with(wire::http_response{401, {}, {}, {}}) == sync_outcome::unauthorized);
    CHECK(ask_with(wire::http_response{503, {}, {}, {}}) == sync_outcome::server_failed);
    CHECK(ask_with(wire::http_response{200, "<html>", {}, "text/html"}) == sync_outcome::server_failed);
    CHECK(ask_with(wire::http_response{404, {}, {}, {}}) == sync_outcome::refused);
    CHECK(owner_in(phone) == "none");
    phone.link.heal();
}
