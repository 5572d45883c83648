/// A row in memory: a node that stays where it is while the row lives, and its values in one block.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include <syncline/model/row.hpp>

namespace syncline::detail {

struct memory_row;

/// A place among the rows whose key points at the same row.
struct memory_place {
    memory_row* target;  ///< null where the key is null, or points at a row that is not there
    memory_row* previous;
    memory_row* next;
};

/// Behind it, in the same node: a place for each foreign key, then the first row of each list of rows that point here.
struct memory_row {
    local_id id;
    row_state state;
    cell* values;

    [[nodiscard]] memory_place* places() noexcept { return reinterpret_cast<memory_place*>(this + 1); }
    [[nodiscard]] const memory_place* places() const noexcept { return reinterpret_cast<const memory_place*>(this + 1); }
};
static_assert(std::is_trivially_destructible_v<memory_row> && alignof(memory_row) == alignof(memory_place));

/// The nodes of one table: all of the same size, taken from blocks that grow, given back to a list.
class memory_nodes {
public:
    memory_nodes(std::size_t keys, std::size_t lists)
        : keys_(keys), lists_(lists), size_(sizeof(memory_row) + keys * sizeof(memory_place) + lists * sizeof(memory_row*)) {}

    [[nodiscard]] memory_row* make(const local_id& id, const row_state& state) {
        if (free_ == nullptr) add_block();
        void* const node = free_;
        std::memcpy(&free_, node, sizeof free_);
        auto* const row = new (node) memory_row{id, state, nullptr};
        for (std::size_t i = 0; i < keys_; ++i) new (row->places() + i) memory_place{};
        for (std::size_t i = 0; i < lists_; ++i) new (&head(*row, i)) memory_row*(nullptr);
        return row;
    }
    void give_back(memory_row* row) noexcept {
        void* const node = row;
        std::memcpy(node, &free_, sizeof free_);
        free_ = node;
    }

    /// First of the rows that point at `row` by the key of this number, counted over all keys that point at its table.
    [[nodiscard]] memory_row*& head(memory_row& row, std::size_t list) const noexcept {
        return *(reinterpret_cast<memory_row**>(row.places() + keys_) + list);
    }

private:
    void add_block() {
        const std::size_t count = blocks_.empty() ? 16 : 256;
        blocks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[count * size_]));
        for (std::size_t i = count; i-- > 0;) give_back(reinterpret_cast<memory_row*>(blocks_.back().get() + i * size_));
    }

    std::size_t keys_;
    std::size_t lists_;
    std::size_t size_;
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    void* free_ = nullptr;
};

/// A copy of the values with their text in one block, to be given to free_values.
[[nodiscard]] inline cell* copy_values(cells values) {
    std::size_t text_size = 0;
    for (const cell& value : values)
        if (value.has_text()) text_size += value.view().size();
    char* const block = static_cast<char*>(::operator new(values.size() * sizeof(cell) + text_size));
    auto* const kept = reinterpret_cast<cell*>(block);
    char* text = block + values.size() * sizeof(cell);
    for (std::size_t i = 0; i < values.size(); ++i) {
        new (kept + i) cell(values[i]);
        if (!values[i].has_text()) continue;
        const std::string_view from = values[i].view();
        if (!from.empty()) std::memcpy(text, from.data(), from.size());
        kept[i] = cell::with_text(values[i].kind(), {text, from.size()});
        text += from.size();
    }
    return kept;
}
inline void free_values(cell* values) noexcept { ::operator delete(values); }

}  // namespace syncline::detail
