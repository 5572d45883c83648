/// Edits over a newer row, and creates that meet a row of their name.
#include <vector>

#include <support/catch.hpp>
#include <syncline/model/rebase.hpp>

using namespace syncline;

namespace {

constexpr column_view columns[] = {
    {.name = "name"},
    {.name = "count", .kind = column_kind::integer, .policy = merge_policy::counter, .least = -1'000, .greatest = 1'000},
};

table_view table_with(create_conflict_policy policy) {
    table_view table{};
    table.columns = columns;
    table.create_policy = policy;
    return table;
}

/// A row and edits that own what they point at.
struct values {
    std::vector<cell> of;
    values(const char* name, std::int64_t count) : of{cell::text(name), cell::integer(count)} {}
    operator cells() const { return of; }
};

pending_edit edit(const values& before, const values& after, column_mask mask = 0b11) {
    pending_edit made;
    made.values = {mask, after, mask, before};
    return made;
}

}  // namespace

TEST_CASE("edits are laid over the server's row in order, each with what the one before left as its value before") {
    const table_view table = table_with(create_conflict_policy::theirs_wins);
    const values base("base", 5), first("first", 8), second("second", 9);
    std::vector<cell> row = values("theirs", 7).of;
    const pending_edit edits[] = {edit(base, first), edit(first, second)};
    CHECK(rebase(row, table, edits) == 0);
    CHECK(row[0] == cell::text("second"));
    CHECK(row[1] == cell::integer(11));
}

TEST_CASE("an edit that the server's row contains is not laid over it again") {
    const table_view table = table_with(create_conflict_policy::theirs_wins);
    const values base("base", 5), first("first", 8), second("first", 9);
    std::vector<cell> row = values("first", 10).of;
    pending_edit edits[] = {edit(base, first), edit(first, second, 0b10)};
    edits[0].contained = true;
    rebase(row, table, edits);
    CHECK(row[1] == cell::integer(11));
}

TEST_CASE("only conflicts of edits that the server will not see are told") {
    const table_view table = table_with(create_conflict_policy::theirs_wins);
    const values base("base", 5), mine("mine", 5);
    pending_edit edits[] = {edit(base, mine, 0b01)};
    std::vector<cell> row = values("theirs", 5).of;
    CHECK(rebase(row, table, edits) == 0);
    edits[0].unsent = true;
    row = values("theirs", 5).of;
    CHECK(rebase(row, table, edits) == 0b01);
}

TEST_CASE("what a create that meets a row makes of it is the policy's choice") {
    const values made("made", 3);
    const operation_values create{0b11, made, 0, {}};
    const auto run = [&](create_conflict_policy policy, std::vector<cell>& row) {
        const table_view table = table_with(policy);
        return meet(row, table, create, columns_wanted(table, create));
    };
    std::vector<cell> row = values("theirs", 7).of;

    meeting met = run(create_conflict_policy::theirs_wins, row);
    CHECK(row == values("theirs", 7).of);
    CHECK(met.kept == 0b11);
    CHECK(met.replaced == 0);

    met = run(create_conflict_policy::refuse, row);
    CHECK(row == values("theirs", 7).of);
    CHECK(met.kept == 0b11);

    met = run(create_conflict_policy::mine_wins, row);
    CHECK(row == made.of);
    CHECK(met.kept == 0);
    CHECK(met.replaced == 0b11);

    row = values("theirs", 7).of;
    met = run(create_conflict_policy::merge, row);
    CHECK(row == values("made", 10).of);
    CHECK(met.kept == 0);
    CHECK(met.replaced == 0);

    row = made.of;
    met = run(create_conflict_policy::theirs_wins, row);
    CHECK(met.kept == 0);
}

TEST_CASE("what was edited after a create is an edit of the row that the create meets, by every policy but refusal") {
    for (const auto policy : {create_conflict_policy::theirs_wins, create_conflict_policy::merge, create_conflict_policy::mine_wins}) {
        const table_view table = table_with(policy);
        const values made("made", 3), after("edited", 3);
        const operation_values create{0b11, after, 0b01, made};
        std::vector<cell> row = values("theirs", 3).of;
        const meeting met = meet(row, table, create, columns_wanted(table, create));
        CHECK(row[0] == cell::text("edited"));
        CHECK(met.kept == 0);
        // By the policy `merge`, what was made has replaced the row's value already, which conflicts with nothing.
        CHECK(((met.replaced & 0b01) != 0) == (policy != create_conflict_policy::merge));
    }
}

TEST_CASE("a create of which nothing may be taken leaves the row as it is") {
    const table_view table = table_with(create_conflict_policy::mine_wins);
    const values made("made", 3);
    const operation_values create{0b11, made, 0, {}};
    std::vector<cell> row = values("theirs", 7).of;
    const meeting met = meet(row, table, create, 0);
    CHECK(row == values("theirs", 7).of);
    CHECK(met.kept == 0b11);
}
