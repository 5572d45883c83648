#include <integration/support/world.hpp>

namespace syncline::tests {

template class device<in_memory, workout_tracker::schema>;
template class device<on_sqlite, workout_tracker::schema>;
template class world<in_memory, workout_tracker::schema>;
template class world<on_sqlite, workout_tracker::schema>;

}  // namespace syncline::tests
