/// What every store must do, as named checks that any test framework can run: `run_store_suite(factory)`.
#pragma once

#include <concepts>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <syncline/testing/respelled.hpp>
#include <syncline/testing/store_suite_transactions.hpp>

namespace syncline::testing {

/// Called with a schema, makes a new empty store and returns something that points at it and owns it.
template <class F>
concept store_factory = requires(F& factory, const schema_view& schema) {
    requires store<std::remove_cvref_t<decltype(*factory(schema))>>;
};

/// A factory whose `reopen` takes such a pointer, lets the store go and opens the same data again.
template <class F>
concept reopening_store_factory = store_factory<F> && requires(F& factory, const schema_view& schema) {
    { factory.reopen(factory(schema)) } -> std::same_as<decltype(factory(schema))>;
};

/// One promise of a store and what tries it on an empty one.
template <store S>
struct store_check {
    std::string_view promise;
    void (*run)(S& store);
};

template <store S>
[[nodiscard]] std::span<const store_check<S>> store_checks() {
    namespace suite = store_suite;
    static constexpr store_check<S> checks[] = {
        {"rows read back as they were written", &suite::rows_read_back<S>},
        {"rows are replaced and erased", &suite::rows_are_replaced_and_erased<S>},
        {"what sync knows of a row is found without its values", &suite::states_are_found_alone<S>},
        {"a row is created with its entry, or nothing happens", &suite::rows_are_created_with_their_entries<S>},
        {"keys that point at no row yet are known", &suite::open_keys_are_known<S>},
        {"a clean row yields to a newer one only", &suite::clean_rows_yield_to_newer_ones<S>},
        {"server ids lead to rows of their table", &suite::server_ids_lead_to_rows<S>},
        {"a server id names one row", &suite::one_server_id_names_one_row<S>},
        {"scans follow the order of local ids", &suite::scans_follow_local_ids<S>},
        {"the rows that point at a row are found, in order", &suite::referrers_are_found<S>},
        {"keys need their targets only at the outermost commit", &suite::keys_are_checked_at_commit<S>},
        {"a value that is not of its column is refused and leaves nothing", &suite::impossible_values_are_refused<S>},
        {"outbox entries read back as they were written", &suite::entries_read_back<S>},
        {"outbox entries are in the order of sequences", &suite::entries_are_in_the_order_of_sequences<S>},
        {"several entries are erased at once", &suite::several_entries_are_erased<S>},
        {"only queued entries are put in flight", &suite::only_queued_entries_are_marked<S>},
        {"a sequence that was sent is never assigned again", &suite::sent_sequences_are_never_reused<S>},
        {"a row becomes clean only with its newest entry, and gives up its base", &suite::rows_settle_with_their_newest_entry<S>},
        {"removed rows keep every life", &suite::removed_rows_keep_every_life<S>},
        {"a parked row is replaced by a newer one", &suite::parked_rows_are_replaced<S>},
        {"conflict records are numbered upwards", &suite::conflicts_are_numbered<S>},
        {"values in meta read back as they were written", &suite::meta_values_read_back<S>},
        {"a transaction without commit leaves nothing", &suite::roll_back_leaves_nothing<S>},
        {"an inner transaction's roll-back undoes its part", &suite::inner_roll_back_undoes_its_part<S>},
        {"an inner transaction's roll-back undoes what was created before and after other writes", &suite::inner_roll_back_undoes_creations<S>},
        {"an outer transaction's roll-back undoes inner commits", &suite::outer_roll_back_undoes_inner_commits<S>},
        {"what was committed lasts", &suite::commits_last<S>},
        {"an exception rolls back", &suite::an_exception_rolls_back<S>},
        {"threads take turns", &suite::threads_take_turns<S>},
        {"a store knows who is inside a transaction", &suite::transactions_are_known<S>},
        {"a flush changes nothing, and is no part of a transaction", &suite::flushes_change_nothing<S>},
    };
    return checks;
}

/// The store that the factory makes.
template <store_factory F>
using store_made_by = std::remove_cvref_t<decltype(*std::declval<F&>()(std::declval<const schema_view&>()))>;

/// Runs one check on a new store of the suite's schema, and on one of the same schema under names that need care. Throws
/// store_suite_failure with the promise and how it is broken.
template <store_factory F>
void run_store_check(const store_check<store_made_by<F>>& check, F&& factory) {
    static const respelled_schema respelled(store_suite::schema);
    try {
        for (const schema_view& schema : {store_suite::schema, respelled.view()}) {
            const auto made = factory(schema);
            check.run(*made);
        }
    } catch (const std::exception& failure) {
        throw store_suite_failure("broken promise \"" + std::string(check.promise) + "\": " + failure.what());
    }
}

/// Checks that everything is there after a restart. Throws store_suite_failure.
template <reopening_store_factory F>
void run_store_reopen_check(F&& factory) {
    namespace suite = store_suite;
    auto made = factory(suite::schema);
    suite::fill(*made);
    const std::string before = suite::content_of(*made);
    made = factory.reopen(std::move(made));
    suite::expect(suite::content_of(*made) == before, "a store's content is another after a restart");
    sequence sent = 0;
    {
        auto tx = made->begin_write();
        suite::append(*made, 1);
        sent = suite::append(*made, 2);
        made->mark_in_flight(std::span(&sent, 1));
        for (sequence seq = 1; seq <= sent; ++seq) made->erase_entry(seq);
        tx.commit();
    }
    made = factory.reopen(std::move(made));
    auto tx = made->begin_write();
    suite::expect(made->count_entries() == 0, "the outbox has entries again after a restart");
    const sequence first_open = made->first_open_sequence();
    const sequence next = suite::append(*made, 1);
    suite::expect(next > sent && next == first_open, "a sequence that was sent is assigned again after a restart");
}

/// Runs every check. Throws store_suite_failure at the first broken promise.
template <store_factory F>
void run_store_suite(F&& factory) {
    for (const auto& check : store_checks<store_made_by<F>>()) run_store_check(check, factory);
    if constexpr (reopening_store_factory<F>) run_store_reopen_check(factory);
}

}  // namespace syncline::testing
