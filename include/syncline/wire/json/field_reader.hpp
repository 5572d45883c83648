/// The fields of one row or operation, by name into cells; they may come before it is known whose fields they are.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <syncline/base/ids.hpp>
#include <syncline/model/row.hpp>
#include <syncline/wire/json/cell_decoder.hpp>
#include <syncline/wire/json/events.hpp>

namespace syncline::wire::json {

/// Reads one object of fields at a time: start, then keys and values, then finish.
class field_reader {
public:
    field_reader(cell_decoder& decoder, cell_pool& pool, unknown_fields unknown, error& problem) noexcept
        : decoder_(decoder), pool_(pool), unknown_(unknown), problem_(problem) {}

    /// Begins an object; without a table its values are kept until finish.
    void start(const table_view* table) {
        early_.clear();
        mask_ = 0;
        next_ = 0;
        cells_ = {};
        in_reference_ = false;
        use(table);
    }

    /// True when `name` is the column that follows the last one.
    [[nodiscard]] bool predicts(std::string_view name) const noexcept {
        return table_ != nullptr && next_ < table_->columns.size() && table_->columns[next_].name == name;
    }

    [[nodiscard]] key_use key(std::string_view name) {
        if (in_reference_) {
            reference_complete_ = ++reference_keys_ == 1 && name == "localId";
            return key_use::remember;
        }
        if (table_ == nullptr) {
            if (early_.size() == ignored_early_max) note(problem_, error_code::too_large, "an object has too many keys");
            if (early_.size() >= ignored_early_max) return key_use::ignore;
            early_.push_back({decoder_.bytes().keep(name), {}});
            return key_use::remember;
        }
        return choose_column(name) ? key_use::take : key_use::ignore;
    }

    void value(const wire_value& value) {
        if (in_reference_) return read_reference(value);
        if (table_ != nullptr) return set(value);
        early_.back().value = value;
        early_.back().value.text = decoder_.bytes().keep(value.text);
    }

    /// True where a {"localId"} begins; any other object is a value of kind nested.
    [[nodiscard]] bool begin_object() {
        if (in_reference_ || decoder_.keys() == key_form::server_only) return begin_array();
        in_reference_ = true;
        reference_complete_ = false;
        reference_keys_ = 0;
        reference_ = {};
        return true;
    }

    [[nodiscard]] bool begin_array() {
        value({value_kind::nested, 0, 0, {}});
        return false;
    }

    /// Ends a {"localId"}; false where none was open, and so the object of fields itself has ended.
    [[nodiscard]] bool end_reference() {
        if (!in_reference_) return false;
        in_reference_ = false;
        value({reference_complete_ ? value_kind::local_reference : value_kind::nested, 0, 0, reference_.view()});
        return true;
    }

    /// Calls `take` with the names and values that came before the table was known; those for which it is true are no fields.
    template <class Take>
    void take_early(Take&& take) {
        std::erase_if(early_, [&](const early_field& field) { return take(field.name, field.value); });
    }

    /// Puts early values into their columns, now that the table is known.
    void finish(const table_view& table) {
        if (table_ == nullptr) use(&table);
        for (const early_field& field : early_) {
            if (!choose_column(field.name)) continue;
            set(field.value);
        }
        early_.clear();
    }

    [[nodiscard]] column_mask mask() const noexcept { return mask_; }
    /// Cells of full row width, null where no field was; empty before the table is known.
    [[nodiscard]] syncline::cells cells() const noexcept { return cells_; }
    [[nodiscard]] bool is_empty() const noexcept { return mask_ == 0 && early_.empty(); }

private:
    struct early_field {
        std::string_view name;
        wire_value value;
    };
    static constexpr std::size_t ignored_early_max = 4 * columns_max;

    void use(const table_view* table) {
        table_ = table;
        if (table != nullptr) cells_ = pool_.take(table->columns.size());
    }

    /// Makes the column of this name the current one; false where there is none or it was there before.
    bool choose_column(std::string_view name) {
        int found = static_cast<int>(next_);
        if (predicts(name) && !has_column(mask_, next_)) mask_ |= only_column(next_);
        else found = take_column(*table_, name, unknown_, mask_, problem_);
        if (found < 0) return false;
        column_ = static_cast<std::size_t>(found);
        next_ = column_ + 1;
        return true;
    }

    void set(const wire_value& value) { decoder_.decode(table_->columns[column_], value, cells_[column_], problem_); }

    void read_reference(const wire_value& value) {
        if (!reference_complete_) return;
        if (value.kind != value_kind::text) reference_complete_ = false;
        else reference_ = local_id::parse(value.text).value_or(local_id());
    }

    cell_decoder& decoder_;
    cell_pool& pool_;
    unknown_fields unknown_;
    error& problem_;

    const table_view* table_ = nullptr;
    std::span<cell> cells_;
    column_mask mask_ = 0;
    std::size_t next_ = 0;
    std::size_t column_ = 0;
    std::vector<early_field> early_;

    bool in_reference_ = false;
    bool reference_complete_ = false;
    int reference_keys_ = 0;
    local_id reference_;
};

}  // namespace syncline::wire::json
