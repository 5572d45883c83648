/// What an application learns of its syncs: the counts of one entity, the last report, and whether anything waits.
#include <optional>
#include <stdexcept>

#include <integration/support/workout.hpp>
#include <syncline/testing/failing_store.hpp>

using namespace syncline;
using namespace syncline::tests;

TEMPLATE_TEST_CASE("a report has the counts of each entity", "[reports]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(an_exercise("e2"));
    phone->create(a_set("s2"));
    phone->create(a_set("s3"));
    const sync_report pushed = phone.sync();
    CHECK(pushed.of<exercise>().pushed == 1);
    CHECK(pushed.of<workout_set>().pushed == 2);
    CHECK(pushed.of<workout>() == table_report{});
    const sync_report pulled = tablet.sync();
    CHECK(pulled.of<exercise>().pulled == 1);
    CHECK(pulled.of<workout_set>().pulled == 2);
}

TEMPLATE_TEST_CASE("a sync that cannot use its store has a report of each entity too", "[reports]", in_memory, on_sqlite) {
    struct busy_store : testing::failing_store<typename TestType::store_type> {
        using testing::failing_store<typename TestType::store_type>::failing_store;
        typename busy_store::transaction begin_read() { throw store_unavailable("held by another process"); }
    };
    world<TestType> home;
    auto& phone = home.add("phone");
    busy_store busy(phone.store());
    engine syncing(busy, phone.link, phone.options());
    const sync_report report = syncing.sync();
    CHECK(report.outcome == sync_outcome::busy);
    CHECK(report.template of<exercise>() == table_report{});
    CHECK_FALSE(syncing.in_sync());
}

namespace {
struct stranger {
    id_of<stranger> id{};
};
}  // namespace
template <>
struct syncline::entity_traits<stranger> {
    static constexpr std::string_view table = "strangers";
};

TEST_CASE("asking a report for an entity of another schema is a broken assumption of the caller") {
    struct broken : std::logic_error {
        using std::logic_error::logic_error;
    };
    world<in_memory> home;
    const sync_report report = home.add("phone").sync();
    const assert_handler before = set_assert_handler([](const char* condition, const char*, int) { throw broken(condition); });
    CHECK_THROWS_AS(report.of<stranger>(), broken);
    CHECK_THROWS_AS(sync_report{}.of<exercise>(), broken);
    set_assert_handler(before);
}

TEMPLATE_TEST_CASE("a device is in sync from a complete sync until its next edit", "[reports]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    CHECK_FALSE(phone.syncing().in_sync());
    phone.sync();
    CHECK(phone.syncing().in_sync());
    phone->create(an_exercise("e1"));
    CHECK_FALSE(phone.syncing().in_sync());
    phone.link.next_fault(testing::fault::lose_request);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    CHECK_FALSE(phone.syncing().in_sync());
    phone.link.heal();
    phone.sync();
    CHECK(phone.syncing().in_sync());
}

TEMPLATE_TEST_CASE("a device whose last sync found no server is not in sync, also if nothing waits", "[reports]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    phone.link.next_fault(testing::fault::lose_request);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    CHECK_FALSE(phone.syncing().in_sync());
}

TEMPLATE_TEST_CASE("an operation that was set aside does not keep a device from being in sync", "[reports]", in_memory, on_sqlite) {
    world<TestType> home(world_options{.client = {}, .server = {.string_bytes = 100}});
    auto& phone = home.add("phone");
    phone->create(an_exercise("e1", std::string(200, 'x')));
    phone.sync();
    REQUIRE(phone->quarantine().size() == 1);
    CHECK(phone.syncing().in_sync());
}

TEMPLATE_TEST_CASE("the last report is that of the last sync that ended", "[reports]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    CHECK_FALSE(phone.syncing().last_report());
    phone->create(an_exercise("e1"));
    phone.link.before_answer = [&](const wire::http_request&) { CHECK_FALSE(phone.syncing().last_report()); };
    phone.sync();
    phone.link.before_answer = {};
    REQUIRE(phone.syncing().last_report());
    CHECK(phone.syncing().last_report()->template of<exercise>().pushed == 1);
    phone.link.next_fault(testing::fault::lose_request);
    phone.try_sync();
    CHECK(phone.syncing().last_report()->outcome == sync_outcome::offline);
}

TEST_CASE("after a sync that threw there is no last report") {
    world<in_memory> home;
    auto& phone = home.add("phone");
    testing::failing_store failing(phone.store());
    engine syncing(failing, phone.link, phone.options());
    require_complete(syncing.sync());
    REQUIRE(syncing.in_sync());
    failing.fail_at(2);
    REQUIRE_THROWS_AS(syncing.sync(), store_error);
    CHECK_FALSE(syncing.last_report());
    CHECK_FALSE(syncing.in_sync());
}
