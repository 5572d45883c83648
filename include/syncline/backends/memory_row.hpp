/// One row of the memory backend: what it is called, what it holds, and its places in the lists that it is in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <syncline/server/server_row.hpp>

namespace syncline::memory_backend_parts {

/// The cells of one row with their text, in one allocation.
class packed_cells {
public:
    packed_cells() noexcept = default;
    explicit packed_cells(cells values) : count_(values.size()) {
        std::size_t size = count_ * sizeof(cell);
        for (const cell& value : values)
            if (value.has_text()) size += value.view().size();
        if (size == 0) return;
        block_.reset(new char[size]);
        char* text = block_.get() + count_ * sizeof(cell);
        for (std::size_t i = 0; i < count_; ++i) {
            cell kept = values[i];
            if (kept.has_text()) {
                const std::string_view view = kept.view();
                if (!view.empty()) std::memcpy(text, view.data(), view.size());
                kept = cell::with_text(kept.kind(), {text, view.size()});
                text += view.size();
            }
            ::new (block_.get() + i * sizeof(cell)) cell(kept);
        }
    }

    [[nodiscard]] cells view() const noexcept {
        if (count_ == 0) return {};
        return {std::launder(reinterpret_cast<const cell*>(block_.get())), count_};
    }

private:
    std::unique_ptr<char[]> block_;
    std::size_t count_ = 0;
};

/// A `row_writing` whose device is a name that the owner keeps, null if there is none.
struct kept_writing {
    const std::string* device = nullptr;
    sequence seq = 0;

    [[nodiscard]] row_writing view() const noexcept { return {device != nullptr ? std::string_view(*device) : std::string_view(), seq}; }
};

/// What a tombstone tells of its removal.
struct kept_removal {
    row_version removal_base;
    kept_writing last_writer;
};

/// What a new version of a row replaces.
struct row_content {
    row_version version;
    std::int64_t updated_at_ms = 0;
    kept_writing writer;
    incarnation_number incarnation = 1;
    bool removed = false;
    bool as_sent = false;
    packed_cells values;                    ///< empty for a tombstone
    std::unique_ptr<kept_removal> removal;  ///< of a tombstone only
};

struct feed_run;
struct stored_row;

/// A row's place in the list of the rows whose key points at `target`; null where the key is null, or points at no row yet.
struct key_link {
    stored_row* target = nullptr;
    stored_row* previous = nullptr;
    stored_row* next = nullptr;
};

/// Followed in memory by a link for each key of its table, and then by the first row of the list of each key that points at its
/// table. Stays where it is.
struct stored_row {
    local_id local;
    server_id id;
    int table = -1;
    row_content content;
    feed_run* run = nullptr;
    std::size_t run_place = 0;
    std::size_t link_count = 0;

    [[nodiscard]] key_link& link(std::size_t number) noexcept { return links()[number]; }
    [[nodiscard]] const key_link& link(std::size_t number) const noexcept { return const_cast<stored_row*>(this)->links()[number]; }
    [[nodiscard]] stored_row*& first_referrer(std::size_t number) noexcept {
        return *std::launder(reinterpret_cast<stored_row**>(links() + link_count) + number);
    }
    [[nodiscard]] stored_row* first_referrer(std::size_t number) const noexcept {
        return const_cast<stored_row*>(this)->first_referrer(number);
    }

    [[nodiscard]] static std::size_t size_of(std::size_t link_count, std::size_t list_count) noexcept {
        return sizeof(stored_row) + link_count * sizeof(key_link) + list_count * sizeof(stored_row*);
    }

    /// Makes a row in a block of `size_of` bytes.
    [[nodiscard]] static stored_row& make_in(void* block, std::size_t link_count, std::size_t list_count) noexcept {
        stored_row& row = *::new (block) stored_row();
        row.link_count = link_count;
        char* const behind = static_cast<char*>(block) + sizeof(stored_row);
        for (std::size_t i = 0; i < link_count; ++i) ::new (behind + i * sizeof(key_link)) key_link();
        for (std::size_t i = 0; i < list_count; ++i)
            ::new (behind + link_count * sizeof(key_link) + i * sizeof(stored_row*)) stored_row*(nullptr);
        return row;
    }

private:
    [[nodiscard]] key_link* links() noexcept { return std::launder(reinterpret_cast<key_link*>(this + 1)); }
};
static_assert(alignof(stored_row) >= alignof(key_link) && sizeof(stored_row) % alignof(key_link) == 0 &&
              std::is_trivially_destructible_v<key_link>);

/// Blocks of memory that live as long as this object, many to an allocation.
class row_blocks {
public:
    [[nodiscard]] void* take(std::size_t size) {
        if (size > free_) {
            constexpr std::size_t large = std::size_t{1} << 16;
            const std::size_t next = std::max(size, std::min(large, std::max<std::size_t>(1024, last_size_ * 2)));
            chunks_.emplace_back(new char[next]);
            next_ = chunks_.back().get();
            free_ = last_size_ = next;
        }
        void* const block = next_;
        next_ += size;
        free_ -= size;
        return block;
    }

private:
    std::vector<std::unique_ptr<char[]>> chunks_;
    char* next_ = nullptr;
    std::size_t free_ = 0;
    std::size_t last_size_ = 0;
};

}  // namespace syncline::memory_backend_parts
