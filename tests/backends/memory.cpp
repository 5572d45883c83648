#include <syncline/backends/memory.hpp>
#include <syncline/testing/backend_suite.hpp>

#include <memory>

#include <support/catch.hpp>

using namespace syncline;

namespace {
struct make_memory_backend {
    auto operator()(const schema_view& schema) const { return std::make_unique<memory_backend>(schema, random_source(1)); }
};
}  // namespace

TEST_CASE("the memory backend keeps every promise of the backend suite") {
    for (const auto& check : testing::backend_checks<memory_backend>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_backend_check(check, make_memory_backend()));
    }
}
