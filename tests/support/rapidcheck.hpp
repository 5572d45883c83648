/// Properties inside Catch2 test cases; the environment's RC_PARAMS ("max_success=1000 seed=42") sets their number and seed.
#pragma once

#include <rapidcheck.h>

#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <support/catch.hpp>

/// Rapidcheck's whole message, with the counterexample and what reproduces it, or nothing when `property` holds.
/// A mutant's test requires that there is one.
template <class Property>
[[nodiscard]] std::optional<std::string> syncline_counterexample(const std::string& promise, Property&& property) {
    rc::detail::TestMetadata metadata;
    metadata.id = promise;
    metadata.description = promise;
    const auto result = rc::detail::checkTestable(std::forward<Property>(property), metadata);
    if (result.template is<rc::detail::SuccessResult>()) return std::nullopt;
    std::ostringstream message;
    rc::detail::printResultMessage(result, message);
    message << "\nSeed of this run: RC_PARAMS=\"seed=" << rc::detail::configuration().testParams.seed << '"';
    return std::move(message).str();
}

/// Requires, within a TEST_CASE, that `property` (a callable whose arguments rapidcheck generates) holds.
template <class Property>
void syncline_property(const std::string& promise, Property&& property) {
    const std::optional<std::string> counterexample = syncline_counterexample(promise, std::forward<Property>(property));
    INFO(promise << ": " << counterexample.value_or("holds"));
    REQUIRE_FALSE(counterexample.has_value());
}
