/// Devices sync entities whose tables and fields have names that need care.
#include <string>

#include <integration/support/world.hpp>
#include <support/releases.hpp>

using namespace syncline;
using namespace syncline::tests;
using releases::change;
using releases::release;

namespace {

template <class Kind>
using release_world = world<Kind, releases::schema>;

const auto write_bobs_release = [](auto& rows) {
    rows.create(release{.id = id<release>("r1"), .store_id = "bob's", .version = "0.1"});
    rows.create(change{.id = id<change>("c1"), .release_id = id<release>("r1")});
};

}  // namespace

TEMPLATE_TEST_CASE("two devices sync rows whose fields are called as the members of every row", "[names]", in_memory, on_sqlite) {
    const wire::encoding form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    release_world<TestType> home(write_bobs_release);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    for (auto* one : {&phone, &tablet}) {
        one->form = form;
        one->restart();
    }
    phone->create(release{.id = id<release>("r1"), .store_id = "com.example", .version = "2.1", .updated_at = 5, .notes = "none"});
    phone->create(change{.id = id<change>("c1"), .release_id = id<release>("r1"), .local_id = "c-7", .is_deleted = true});
    phone->create(change{.id = id<change>("c2"), .release_id = id<release>("r1"), .local_id = "c-8"});
    phone.sync();
    tablet.sync();
    CHECK(get<release>(tablet, "r1").store_id == "com.example");
    CHECK(get<release>(tablet, "r1").version == "2.1");
    CHECK(get<change>(tablet, "c1").local_id == "c-7");
    CHECK(get<change>(tablet, "c1").is_deleted);

    // Edits of different fields meet, so that the server answers with the merged row.
    REQUIRE(tablet->update(id<release>("r1"), [](release& row) { row.version = "2.2", row.updated_at = 6; }));
    tablet.sync();
    REQUIRE(phone->update(id<release>("r1"), [](release& row) { row.store_id = "com.example.app"; }));
    REQUIRE(phone->remove(id<change>("c2")) != 0);
    phone.sync();
    home.converge();
    for (auto* one : {&phone, &tablet}) {
        CHECK(get<release>(*one, "r1").store_id == "com.example.app");
        CHECK(get<release>(*one, "r1").version == "2.2");
        CHECK(get<release>(*one, "r1").updated_at == 6);
        CHECK_FALSE(has<change>(*one, "c2"));
    }

    REQUIRE(phone->remove(id<release>("r1")) != 0);
    home.converge();
    CHECK(count<release>(tablet) + count<change>(tablet) == 0);
}
