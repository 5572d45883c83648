#include <syncline/testing/backend_suite.hpp>

#include <memory>
#include <string>
#include <string_view>

#include <backends/out_of_order_backend.hpp>
#include <support/catch.hpp>

using namespace syncline;

namespace {
using backend_under_test = tests::out_of_order_backend;

const auto make_out_of_order_backend = [](const schema_view& schema) { return std::make_unique<backend_under_test>(schema); };

bool is_about_threads(std::string_view promise) {
    return promise == "commit order equals version order" || promise == "a follower of the feed misses nothing under load" ||
           promise == "no update of several writers is lost";
}
}  // namespace

TEST_CASE("a backend whose transactions commit out of version order fails the backend suite") {
    int tried = 0;
    for (const auto& check : testing::backend_checks<backend_under_test>()) {
        if (check.promise != "commit order equals version order") continue;
        ++tried;
        CHECK_THROWS_WITH(testing::run_backend_check(check, make_out_of_order_backend), tests::contains("missed a row"));
    }
    CHECK(tried == 1);
}

TEST_CASE("out of version order is all that is wrong with the double that fails the backend suite") {
    for (const auto& check : testing::backend_checks<backend_under_test>()) {
        if (is_about_threads(check.promise)) continue;
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_backend_check(check, make_out_of_order_backend));
    }
}
