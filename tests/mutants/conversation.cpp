/// Mistakes in what is said between device and server, each found by the checker that watches for it.
#include <mutants/support/killed.hpp>

using namespace syncline::tests;

TEST_CASE("INV7 finds local ids that leave the device as server ids", "[mutants]") { require_found(mutation::local_ids_as_server_ids, "INV7"); }

TEST_CASE("INV7 finds results taken by their position", "[mutants]") { require_found(mutation::results_by_position, "INV7"); }

TEST_CASE("INV16 finds one owner's rows in an answer to another", "[mutants]") { require_found(mutation::answers_cached_across_owners, "INV16"); }
