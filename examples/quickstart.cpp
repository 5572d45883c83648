#include <iostream>
#include <syncline/syncline.hpp>

struct list { syncline::id_of<list> id{}; std::string title{}; };
struct task { syncline::id_of<task> id{}; syncline::id_of<list> list_id{}; std::string text{}; bool done = false; };

template <> struct syncline::entity_traits<list> {
    static constexpr std::string_view table = "lists";
    static constexpr auto key = &list::id;
    static constexpr auto fields = std::tuple{field("title", &list::title)};
};
template <> struct syncline::entity_traits<task> {
    static constexpr std::string_view table = "tasks";
    static constexpr auto key = &task::id;
    static constexpr auto fields = std::tuple{parent("listId", &task::list_id), field("text", &task::text), field("done", &task::done)};
};
using schema = syncline::schema<task, list>;  // in any order: the compiler finds that lists are pushed before tasks

int main() {
    syncline::memory_backend database(schema::view());  // the server's half
    syncline::service service(database);
    syncline::router server(service, [](const std::string& token) { return token == "secret" ? std::optional<std::string>("ann") : std::nullopt; });
    syncline::in_process_transport network(server, "secret");

    syncline::memory_store phone(schema::view(), {.owner = "ann"}), tablet(schema::view(), {.owner = "ann"});  // the devices' half
    syncline::repository<schema, syncline::memory_store> on_phone(phone), on_tablet(tablet);
    syncline::engine phone_sync(phone, network), tablet_sync(tablet, network);

    const auto shopping = on_phone.create(list{.title = "shopping"});  // offline: nothing is sent
    on_phone.create(task{.list_id = shopping, .text = "milk"});
    std::cout << "pushed " << phone_sync.sync().total().pushed << ", pulled " << tablet_sync.sync().total().pulled << "\n";

    const task milk = on_tablet.children<task>(shopping).front();
    const bool is_there = on_phone.update(milk.id, [](task& row) { row.text = "oat milk"; }) &&  // two devices, one row, different fields:
                          on_tablet.update(milk.id, [](task& row) { row.done = true; });         // both edits survive
    phone_sync.sync(), tablet_sync.sync(), phone_sync.sync();
    if (!is_there) return 1;
    const task both = *on_phone.find(milk.id);
    std::cout << both.text << ", " << (both.done ? "done" : "open") << "\n" << syncline::to_mermaid<schema>();
}
