/// A policy that adds: whatever order edits, answers and pages come in, each edit counts once.
#include <string>

#include <integration/support/world.hpp>

namespace counting {

struct tally {
    syncline::id_of<tally> id{};
    std::int32_t count = 0;
    std::string name{};
};

}  // namespace counting

template <>
struct syncline::entity_traits<counting::tally> {
    static constexpr std::string_view table = "tallies";
    static constexpr auto key = &counting::tally::id;
    static constexpr auto fields =
        std::tuple{field("count", &counting::tally::count, syncline::merge_policy::counter), field("name", &counting::tally::name)};
};

using namespace syncline;
using namespace syncline::tests;
using counting::tally;

namespace {

using schema_type = syncline::schema<tally>;
template <class Kind>
using counting_world = world<Kind, schema_type>;

const auto write_bobs_tally = [](auto& rows) { rows.create(tally{.id = id<tally>("t"), .count = 100}); };

template <class Device>
void add(Device& one, int by) {
    REQUIRE(one->update(id<tally>("t"), [by](tally& row) { row.count += by; }));
}

/// Both devices have the tally at 5.
template <class Device>
void share(Device& phone, Device& tablet) {
    phone->create(tally{.id = id<tally>("t"), .count = 5});
    phone.sync();
    tablet.sync();
}

}  // namespace

TEMPLATE_TEST_CASE("5, and 2 here, 3 there and 1 in flight are 11 on all devices", "[counters]", in_memory, on_sqlite) {
    const std::string tablet_syncs = GENERATE(as<std::string>{}, "before the phone", "while the push is out", "while the answer is out", "after the phone");
    const std::string phone_edits = GENERATE(as<std::string>{}, "while the push is out", "while the answer is out");
    const testing::fault instead = GENERATE(testing::fault::none, testing::fault::lose_answer, testing::fault::lose_request, testing::fault::fail_after);
    const bool pulls_meanwhile = GENERATE(false, true);
    INFO("the tablet syncs " << tablet_syncs << ", the phone edits " << phone_edits << ", " << testing::name_of(instead)
                             << (pulls_meanwhile ? ", with a pull before the push is repeated" : ""));
    counting_world<TestType> home(write_bobs_tally);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share(phone, tablet);
    add(tablet, 2);
    add(phone, 3);
    if (tablet_syncs == "before the phone") tablet.sync();
    const auto at = [&](const std::string& when) {
        if (tablet_syncs == when) tablet.sync();
        if (phone_edits == when) add(phone, 1);
    };
    phone.link.before_delivery = [&, done = false](const wire::http_request& request) mutable {
        if (is_push(request) && !done) done = true, at("while the push is out");
    };
    phone.link.before_answer = [&, done = false](const wire::http_request& request) mutable {
        if (is_push(request) && !done) done = true, at("while the answer is out");
    };
    phone.link.next_fault(instead);
    static_cast<void>(phone.try_sync());
    CHECK(get<tally>(phone, "t").count >= 9);
    if (pulls_meanwhile) {
        phone.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
            if (is_push(request)) return wire::http_response{200, R"({"results":[],"version":"1.1"})", {}};
            return std::nullopt;
        };
        static_cast<void>(phone.try_sync());
    }
    phone.link.heal();
    home.now_ms += 3'600'000;
    if (tablet_syncs == "after the phone") tablet.sync();
    phone.sync();
    home.converge();
    CHECK(get<tally>(phone, "t").count == 11);
    CHECK(get<tally>(tablet, "t").count == 11);
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("a counter that was counted while its row was removed comes back whole when the removal is refused", "[counters]", in_memory, on_sqlite) {
    counting_world<TestType> home(write_bobs_tally);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share(phone, tablet);
    add(phone, 3);
    add(tablet, 2);
    tablet.sync();
    REQUIRE(phone->remove(id<tally>("t")) != 0);
    phone.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
        if (is_push(request) && request.body.find("\"remove\"") != std::string::npos)
            return wire::http_response{422, R"({"error":{"code":"rejected","message":"not on sundays"}})", {}};
        return std::nullopt;
    };
    phone.sync();
    phone.link.heal();
    phone.sync();
    home.converge();
    CHECK(get<tally>(phone, "t").count == 10);
    CHECK(get<tally>(tablet, "t").count == 10);
}

TEMPLATE_TEST_CASE("a count that no longer fits is refused and recorded, and the row stays as it is", "[counters]", in_memory, on_sqlite) {
    counting_world<TestType> home(write_bobs_tally);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share(phone, tablet);
    add(tablet, 2'000'000'000);
    tablet.sync();
    add(phone, 200'000'000);
    phone.sync();
    home.converge();
    CHECK(get<tally>(phone, "t").count == 2'000'000'005);
    REQUIRE(phone->conflicts().size() == 1);
    CHECK(phone->conflicts().front().kind == conflict_kind::edit_refused);
    CHECK(phone->conflicts().front().fields.front().mine == "200000005");
}
