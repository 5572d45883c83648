/// Which classes several threads may use at once.
#include <memory>
#include <string>

#include <syncline/backends/memory.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/client/live_sync.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/server/router.hpp>
#include <syncline/stores/memory.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/testing/failing_store.hpp>
#include <syncline/transports/in_process.hpp>
#include <workout/schema.hpp>

namespace {

using namespace syncline;

using for_one_thread = testing::failing_store<memory_store>;
struct careful {
    static constexpr bool is_thread_safe = true;
};
struct careless : careful {
    static constexpr bool is_thread_safe = false;
};
static_assert(thread_safe<careful> && thread_safe<const careful&> && !thread_safe<careless> && !thread_safe<std::string>);

static_assert(thread_safe<memory_store> && thread_safe<sqlite_store> && !thread_safe<for_one_thread>);
static_assert(thread_safe<memory_backend> && thread_safe<sqlite_backend>);

/// A backend that says nothing of threads.
struct quiet_backend : memory_backend {
    static constexpr bool is_thread_safe = false;
};
static_assert(backend<quiet_backend>);
static_assert(thread_safe<service<memory_backend>> && thread_safe<service<sqlite_backend>> && !thread_safe<service<quiet_backend>>);
static_assert(thread_safe<router<service<memory_backend>>> && !thread_safe<router<service<quiet_backend>>>);

using loud_link = in_process_transport<router<service<memory_backend>>>;
using quiet_link = in_process_transport<router<service<quiet_backend>>>;
static_assert(thread_safe<loud_link> && !thread_safe<quiet_link>);

// An engine lets one request out at a time, so that its transport need not bear several.
static_assert(thread_safe<engine<sqlite_store, quiet_link>> && !thread_safe<engine<for_one_thread, loud_link>>);
static_assert(thread_safe<repository<workout_tracker::schema, sqlite_store>> && !thread_safe<repository<workout_tracker::schema, for_one_thread>>);

// A background sync is inside store and transport on one thread while its other calls come from others.
template <class S, class T>
concept keeps_live = requires { typename live_sync<S, T>; };
static_assert(keeps_live<memory_store, loud_link> && !keeps_live<for_one_thread, loud_link> && !keeps_live<memory_store, quiet_link>);
static_assert(thread_safe<live_sync<memory_store, loud_link>>);

}  // namespace
