/// Mistakes of a server and its backend, each found by the checker that watches for it.
#include <mutants/support/killed.hpp>

using namespace syncline::tests;

TEST_CASE("INV16 finds a push that is applied to another owner's rows", "[mutants]") { require_found(mutation::owner_ignored, "INV16"); }

TEST_CASE("INV3 finds that a repeated operation is applied again", "[mutants]") { require_found(mutation::verdicts_forgotten, "INV3"); }

TEST_CASE("INV2 finds a create that makes two rows", "[mutants]") { require_found(mutation::second_row, "INV2"); }

TEST_CASE("INV14 finds a row that an old create brings back", "[mutants]") { require_found(mutation::dead_life_revived, "INV14"); }

TEST_CASE("INV5 finds what a removal leaves behind on the server", "[mutants]") { require_found(mutation::referrers_survive, "INV5"); }

TEST_CASE("INV15 finds two transactions of one version", "[mutants]") { require_found(mutation::one_version_for_two, "INV15"); }

TEST_CASE("INV10 finds that removals are not told", "[mutants]") { require_found(mutation::tombstones_not_told, "INV10"); }

TEST_CASE("INV10 finds a row that is skipped between two pages", "[mutants]") { require_found(mutation::row_after_page_skipped, "INV10"); }

TEST_CASE("INV11 finds pages that tell the newest rows again", "[mutants]") { require_found(mutation::newest_rows_told_again, "INV11"); }

TEST_CASE("INV10 finds that a merged row is kept from its sender as an echo", "[mutants]") {
    require_found(mutation::merged_rows_as_echo, "INV10", 100);
}
