/// Mistakes of a device, each found by the checker that watches for it.
#include <mutants/support/killed.hpp>

using namespace syncline::tests;

TEST_CASE("INV4 finds a verdict that clears edits made after the push", "[mutants]") { require_found(mutation::verdict_clears_later_edits, "INV4"); }

TEST_CASE("INV13 finds that the newest sequence is acknowledged instead of the settled floor", "[mutants]") {
    require_found(mutation::newest_acknowledged, "INV13");
}

TEST_CASE("INV1 finds that the removal of a create in flight is dropped", "[mutants]") {
    require_found(mutation::removal_in_flight_dropped, "INV1");
}

TEST_CASE("INV1 finds that a conflict is not recorded", "[mutants]") { require_found(mutation::conflict_not_recorded, "INV1"); }

TEST_CASE("INV12 finds attempts spent while offline", "[mutants]") { require_found(mutation::attempts_spent_by_sending, "INV12"); }

TEST_CASE("INV10 finds that a pull never inserts", "[mutants]") { require_found(mutation::pull_never_inserts, "INV10"); }

TEST_CASE("INV10 finds a cursor that moved past dropped rows", "[mutants]") { require_found(mutation::cursor_without_rows, "INV10"); }

TEST_CASE("INV19 finds a pull that overwrites edits", "[mutants]") { require_found(mutation::pull_overwrites_edits, "INV19"); }

TEST_CASE("INV10 finds versions that the device counts itself", "[mutants]") { require_found(mutation::version_counted_here, "INV10"); }

TEST_CASE("INV8 finds parked rows forgotten at a restart", "[mutants]") { require_found(mutation::parked_forgotten_at_restart, "INV8"); }

TEST_CASE("INV5 finds what a removal leaves behind on a device", "[mutants]") { require_found(mutation::removal_keeps_referrers, "INV5"); }

TEST_CASE("INV17 finds that a device counts too few of its rows", "[mutants]") { require_found(mutation::few_rows_counted, "INV17"); }
