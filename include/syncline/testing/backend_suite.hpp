/// What every backend must do, as named checks that any test framework can run: `run_backend_suite(factory)`.
#pragma once

#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <syncline/testing/backend_suite_feed.hpp>
#include <syncline/testing/backend_suite_order.hpp>
#include <syncline/testing/backend_suite_storage.hpp>
#include <syncline/testing/respelled.hpp>

namespace syncline::testing {

/// Called with a schema, makes a new empty backend and returns something that points at it and owns it.
template <class F>
concept backend_factory = requires(F& factory, const schema_view& schema) {
    requires backend<std::remove_cvref_t<decltype(*factory(schema))>>;
};

/// A factory whose `reopen` takes such a pointer, lets the backend go and opens the same data again.
template <class F>
concept reopening_backend_factory = backend_factory<F> && requires(F& factory, const schema_view& schema) {
    { factory.reopen(factory(schema)) } -> std::same_as<decltype(factory(schema))>;
};

/// One promise of a backend and what tries it on an empty one.
template <backend B>
struct backend_check {
    std::string_view promise;
    void (*run)(B& database);
};

template <backend B>
[[nodiscard]] std::span<const backend_check<B>> backend_checks() {
    namespace suite = backend_suite;
    static constexpr backend_check<B> checks[] = {
        {"an owner that has never written has nothing", &suite::starts_empty<B>},
        {"rows read back as they were written", &suite::rows_read_back<B>},
        {"a removed row stays as a tombstone and may return", &suite::tombstones_stay_and_rows_return<B>},
        {"a write that cannot be is refused and leaves nothing", &suite::impossible_writes_are_refused<B>},
        {"a local id is taken once", &suite::local_ids_are_taken_once<B>},
        {"keys need their targets only at commit", &suite::keys_are_checked_at_commit<B>},
        {"the rows that point at a row are found, live ones only, in order", &suite::referrers_are_live_and_ordered<B>},
        {"versions grow with each commit and are one for a transaction", &suite::versions_grow<B>},
        {"each version has a nonce, and no other number has", &suite::versions_have_nonces<B>},
        {"floors and verdicts of devices survive", &suite::devices_survive<B>},
        {"verdicts that a device has settled are forgotten in time", &suite::settled_verdicts_are_forgotten<B>},
        {"a transaction without commit leaves nothing", &suite::roll_back_leaves_nothing<B>},
        {"the feed is the same in pages of any size", &suite::feed_pages_are_the_feed<B>},
        {"scans show whole rows", &suite::feed_rows_are_whole<B>},
        {"the snapshot is the same in pages of any size", &suite::snapshot_pages_are_the_snapshot<B>},
        {"owners never meet", &suite::owners_never_meet<B>},
        {"commit order equals version order", &suite::commit_order_is_version_order<B>},
        {"a follower of the feed misses nothing under load", &suite::followers_miss_nothing_under_load<B>},
        {"a reading transaction sees one state", &suite::readers_see_one_state<B>},
        {"no update of several writers is lost", &suite::no_update_is_lost<B>},
    };
    return checks;
}

/// The backend that the factory makes.
template <backend_factory F>
using backend_made_by = std::remove_cvref_t<decltype(*std::declval<F&>()(std::declval<const schema_view&>()))>;

/// Runs one check on a new backend of the suite's schema, and on one of the same schema under names that need care. Throws
/// backend_suite_failure with the promise and how it is broken.
template <backend_factory F>
void run_backend_check(const backend_check<backend_made_by<F>>& check, F&& factory) {
    static const respelled_schema respelled(backend_suite::schema);
    try {
        for (const schema_view& schema : {backend_suite::schema, respelled.view()}) {
            const auto database = factory(schema);
            check.run(*database);
        }
    } catch (const std::exception& failure) {
        throw backend_suite_failure("broken promise \"" + std::string(check.promise) + "\": " + failure.what());
    }
}

/// Checks that everything is there after a restart. Throws backend_suite_failure.
template <reopening_backend_factory F>
void run_backend_reopen_check(F&& factory) {
    namespace suite = backend_suite;
    auto database = factory(suite::schema);
    const server_identity identity = database->identity();
    const std::vector<suite::seen_row> expected = suite::write_a_history(*database);
    {
        auto tx = database->begin_write("ada");
        const std::vector<stored_verdict> verdicts{suite::verdict_of(4), suite::verdict_of(6)};
        tx.save_device("phone", 3, 0, verdicts);
        tx.commit();
    }
    const row_version version = database->begin_read("ada").version();
    std::vector<std::optional<version_nonce>> nonces;
    for (row_version one(version.generation(), 0); one <= version; one = one.next()) nonces.push_back(database->begin_read("ada").nonce_of(one));
    database = factory.reopen(std::move(database));
    suite::expect(server_identity(database->identity()) == identity, "the identity is another after a restart");
    auto tx = database->begin_write("ada");
    suite::expect(tx.version() == version, "the version is another after a restart");
    suite::expect(suite::changes(tx, {}, 1'000) == expected, "the feed is another after a restart");
    suite::expect_device(tx, "phone", 3, {4, 6}, "after a restart");
    for (row_version one(version.generation(), 0); one <= version; one = one.next())
        suite::expect(tx.nonce_of(one) == nonces[static_cast<std::size_t>(one.number())], "a nonce is another after a restart");
    suite::expect(tx.take_version() > version, "a version is given again after a restart");
}

/// Runs every check. Throws backend_suite_failure at the first broken promise.
template <backend_factory F>
void run_backend_suite(F&& factory) {
    for (const auto& check : backend_checks<backend_made_by<F>>()) run_backend_check(check, factory);
    if constexpr (reopening_backend_factory<F>) run_backend_reopen_check(factory);
}

}  // namespace syncline::testing
