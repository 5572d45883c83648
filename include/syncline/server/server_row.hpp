/// A row as the server and its backend hand it to each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <syncline/model/row.hpp>

namespace syncline {

/// The values of one row: a copy with its own text, or a view of values that somebody else keeps.
class row_values {
public:
    [[nodiscard]] syncline::cells cells() const noexcept { return view_; }
    [[nodiscard]] const cell& operator[](std::size_t column) const noexcept { return view_[column]; }

    /// Becomes `columns` null cells.
    void reset(std::size_t columns) {
        bytes_.clear();
        own_.assign(columns, cell());
        view_ = own_;
    }

    /// Sets one cell to a copy of `value`; the old text is given back at the next reset.
    void set(std::size_t column, const cell& value) {
        if (view_.data() != own_.data()) {
            own_.assign(view_.begin(), view_.end());
            view_ = own_;
        }
        own_[column] = bytes_.keep(value);
    }

    /// Becomes a copy of `values` with its own text; `values` must not point into this row.
    void assign(syncline::cells values) {
        bytes_.clear();
        own_.assign(values.begin(), values.end());
        view_ = own_;
        keep();
    }

    /// Copies text that is not its own.
    void keep() {
        if (view_.data() != own_.data()) own_.assign(view_.begin(), view_.end());
        for (cell& value : own_) value = bytes_.keep(value);
        view_ = own_;
    }

    /// Becomes a view of `values`, which must outlive its use.
    void borrow(syncline::cells values) noexcept {
        bytes_.clear();
        view_ = values;
    }

    /// Room for `columns` cells that the caller fills, whose text must outlive their use.
    [[nodiscard]] std::span<cell> refill(std::size_t columns) {
        bytes_.clear();
        own_.resize(columns);
        view_ = own_;
        return own_;
    }

private:
    syncline::cells view_;
    std::vector<cell> own_;
    arena bytes_;
};

/// The operation that wrote a row: its device, which is empty if the request named none, and its number there.
struct row_writing {
    std::string_view device;
    sequence seq = 0;

    friend bool operator==(const row_writing&, const row_writing&) = default;
};

/// A row as a backend holds it; keys are server ids. What a backend hands out may point into the backend: a row that was found
/// is whole until its transaction changes it or ends, a row that is visited until the visitor returns.
struct server_row {
    local_id local;
    server_id id;
    row_version version;
    incarnation_number incarnation = 1;
    bool removed = false;             ///< a tombstone: its cells are meaningless
    std::int64_t updated_at_ms = 0;
    row_writing writer;               ///< what made this version
    bool as_sent = false;             ///< the version is exactly what the writer's operation said, so that its device knows it
    row_version removal_base;         ///< of a tombstone: baseVersion of the operation that removed the row
    row_writing last_writer;          ///< of a tombstone: what had made the version that was removed
    row_values values;
};

}  // namespace syncline
