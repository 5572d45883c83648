#include <integration/support/world.hpp>

namespace syncline {

template class service<memory_backend>;
template class router<service<memory_backend>, tests::tokens>;
template class in_process_transport<tests::memory_router>;
template class testing::faulty_transport<in_process_transport<tests::memory_router>>;
template class engine<memory_store, testing::faulty_transport<in_process_transport<tests::memory_router>>>;
template class repository<workout_tracker::schema, memory_store>;
template class store_adapter<memory_store>;
template class tests::device<tests::in_memory, workout_tracker::schema>;
template class tests::world<tests::in_memory, workout_tracker::schema>;
template class service<sqlite_backend>;
template class router<service<sqlite_backend>, tests::tokens>;
template class in_process_transport<tests::sqlite_router>;
template class testing::faulty_transport<in_process_transport<tests::sqlite_router>>;
template class engine<sqlite_store, testing::faulty_transport<in_process_transport<tests::sqlite_router>>>;
template class repository<workout_tracker::schema, sqlite_store>;
template class store_adapter<sqlite_store>;
template class tests::device<tests::on_sqlite, workout_tracker::schema>;
template class tests::world<tests::on_sqlite, workout_tracker::schema>;

}  // namespace syncline
