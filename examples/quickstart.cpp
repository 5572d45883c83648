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
    syncline::server<syncline::memory_backend> server(schema::view(), [](const std::string& token) {  // says whose rows a token opens
        return token == "secret" ? std::optional<std::string>("ann") : std::nullopt;
    });
    syncline::in_process_transport network(server, "secret");

    using device = syncline::replica<schema, syncline::memory_store, decltype(network)>;
    device phone("ann", network), tablet("ann", network);

    const auto shopping = phone.rows().create(list{.title = "shopping"});  // offline: nothing is sent
    phone.rows().create(task{.list_id = shopping, .text = "milk"});
    std::cout << "pushed " << phone.sync().total().pushed << ", pulled " << tablet.sync().total().pulled << "\n";

    const task milk = tablet.rows().children<task>(shopping).front();
    const bool is_there = phone.rows().update(milk.id, [](task& row) { row.text = "oat milk"; }) &&  // two devices, one row, different fields:
                          tablet.rows().update(milk.id, [](task& row) { row.done = true; });         // both edits survive
    phone.sync(), tablet.sync(), phone.sync();
    if (!is_there || !phone.in_sync()) return 1;
    const task both = *phone.rows().find(milk.id);
    std::cout << both.text << ", " << (both.done ? "done" : "open") << "\n" << syncline::to_mermaid<schema>();
}
