#include <transports/rest/support/rest_world.hpp>

template class syncline::rest_transport<syncline::memory_store, syncline::tests::fake_backend>;
template class syncline::engine<syncline::memory_store, syncline::tests::rest_link>;
