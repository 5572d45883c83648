// expect: syncline: the number of rows that were removed, 0 if there is no such row
#include <syncline/client/repository.hpp>
#include <syncline/stores/memory.hpp>

#pragma GCC diagnostic error "-Wunused-result"

struct note {
    syncline::id_of<note> id;
    std::string text;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{field("text", &note::text)};
};
using notes = syncline::repository<syncline::schema<note>, syncline::memory_store>;

void remove_one(notes& rows, const syncline::id_of<note>& id) { rows.remove(id); }
