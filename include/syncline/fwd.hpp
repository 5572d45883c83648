/// Forward declarations of what an application names most, for headers that only mention syncline.
#pragma once

namespace syncline {

template <class T>
class id_of;
template <class T>
struct entity_traits;
template <class... Entities>
struct schema;
struct schema_view;

class local_id;
class server_id;
struct limits;
struct error;
struct sync_report;

class memory_store;
class memory_backend;
class sqlite_store;
class sqlite_backend;

}  // namespace syncline
