/// A sync is no part of a transaction: what it tells a server could not be rolled back.
#include <string>

#include <integration/support/adopted_handle.hpp>
#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// What the refusal says.
template <class Device>
std::string refusal_of_sync(Device& one) {
    try {
        one.try_sync();
    } catch (const store_error& refused) {
        return refused.what();
    }
    return "not refused";
}

}  // namespace

TEST_CASE("a sync inside an application's own transaction is refused, and loses nothing when that is rolled back", "[transactions]") {
    for (const char* const begin : {"BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT mine"}) {
        world<on_adopted_handle> home;
        auto& phone = home.add("phone");
        auto& tablet = home.add("tablet");
        phone.sync();
        phone->create(an_exercise("e1"));
        const std::string before = phone.marks();
        phone.link.forget_captured();
        execute(phone, begin);
        phone->create(an_exercise("e2", "to be rolled back"));
        CHECK_THAT(refusal_of_sync(phone), contains("transaction"));
        CHECK_THAT(refusal_of_sync(phone), contains("commit"));
        CHECK(phone.link.captured().empty());
        execute(phone, "ROLLBACK");
        CHECK(phone.marks() == before);

        phone->create(an_exercise("e3"));
        CHECK(phone.sync().total().pushed == 2);
        home.converge();
        CHECK(has<exercise>(tablet, "e3"));
        CHECK_FALSE(has<exercise>(tablet, "e2"));
    }
}

TEST_CASE("a sync goes on once the application has committed", "[transactions]") {
    world<on_adopted_handle> home;
    auto& phone = home.add("phone");
    execute(phone, "BEGIN");
    phone->create(an_exercise("e1"));
    CHECK_THAT(refusal_of_sync(phone), contains("transaction"));
    execute(phone, "COMMIT");
    CHECK(phone.sync().total().pushed == 1);
    home.converge();
}

TEMPLATE_TEST_CASE("a sync inside a transaction of the same thread is refused and changes nothing", "[transactions]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    phone->create(an_exercise("e1"));
    const std::string before = phone.marks();
    phone.link.forget_captured();
    phone->transaction([&] {
        phone->create(an_exercise("e2"));
        CHECK_THAT(refusal_of_sync(phone), contains("transaction"));
    });
    {
        auto writing = phone.store().begin_write();
        CHECK_THAT(refusal_of_sync(phone), contains("transaction"));
    }
    {
        auto reading = phone.store().begin_read();
        CHECK_THAT(refusal_of_sync(phone), contains("transaction"));
    }
    CHECK(phone.link.captured().empty());
    CHECK(phone.marks() != before);
    CHECK(phone.sync().total().pushed == 2);
    home.converge();
}

TEMPLATE_TEST_CASE("no step of a session is taken inside a transaction, and each can be taken after it", "[transactions]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    phone->create(an_exercise("e1"));
    using session_type = session;
    const auto inside = [&](auto&& act) {
        auto writing = phone.store().begin_write();
        CHECK_THROWS_AS(act(), store_error);
        writing.commit();
    };
    inside([&] { const session_type refused(phone.store(), {}, random_source(7)); });
    session_type conversation(phone.store(), {}, random_source(7));
    inside([&] { (void)conversation.next(); });
    auto step = conversation.next();
    REQUIRE(std::holds_alternative<wire::http_request>(step));
    const std::string before = phone.marks();
    exchange_result result = phone.link.exchange(std::get<wire::http_request>(step));
    inside([&] { conversation.answer(std::get<wire::http_response>(result)); });
    inside([&] { conversation.fail("no answer"); });
    CHECK(phone.marks() == before);
    conversation.answer(std::get<wire::http_response>(result));
    CHECK(phone->pending().empty());
    inside([&] { (void)conversation.next(); });
    step = conversation.next();
    REQUIRE(std::holds_alternative<wire::http_request>(step));
    conversation.fail("enough");
    CHECK(std::get<sync_report>(conversation.next()).outcome == sync_outcome::offline);
    home.converge();
}

TEMPLATE_TEST_CASE("a device without a name gets none by a sync that is refused", "[transactions]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    {
        auto writing = phone.store().begin_write();
        CHECK_THAT(refusal_of_sync(phone), contains("transaction"));
        CHECK_FALSE(phone.store().find_meta("device").has_value());
        writing.commit();
    }
    phone.sync();
}
