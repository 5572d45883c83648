/// Messages read with nlohmann's SAX parser, straight into rows that are reused from message to message.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "../shared/verify.hpp"
#include "features.hpp"

namespace benchmarks::limit {

/// A row as a message had it; `mask` tells the fields that were there.
template <class Row>
struct wire_row {
    Row row;
    row_stamp stamp;
    field_mask mask = 0;
};

/// How a member of a row's object is stored; null where a value of that type does not belong there.
struct member_slot {
    std::string_view name;
    void (*text)(void*, const std::string&) = nullptr;
    void (*integer)(void*, const std::int64_t&) = nullptr;
    void (*real)(void*, const double&) = nullptr;
};

template <class Row, std::size_t I, class From>
void set_field(void* target, const From& from) {
    auto& into = *static_cast<wire_row<Row>*>(target);
    auto& value = into.row.*std::get<I>(table<Row>::fields).member;
    using type = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<type, std::string>)
        value.assign(from);
    else
        value = type(from);
    into.mask |= field_mask{1} << I;
}

template <class Row, std::size_t I>
[[nodiscard]] constexpr member_slot slot_of_field() {
    using value = std::decay_t<decltype(std::declval<Row>().*std::get<I>(table<Row>::fields).member)>;
    member_slot slot{std::get<I>(table<Row>::fields).name};
    if constexpr (std::is_arithmetic_v<value>)
        slot.integer = set_field<Row, I, std::int64_t>;
    else
        slot.text = set_field<Row, I, std::string>;
    if constexpr (std::is_same_v<value, double>) slot.real = set_field<Row, I, double>;
    return slot;
}

template <class Row>
[[nodiscard]] constexpr auto make_slots() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        using wire = wire_row<Row>;
        return std::array<member_slot, 5 + sizeof...(I)>{
            member_slot{"localId",
                        [](void* target, const std::string& from) { static_cast<wire*>(target)->row.id = id_text(from); }},
            member_slot{"id",
                        [](void* target, const std::string& from) { static_cast<wire*>(target)->stamp.server = id_text(from); }},
            member_slot{"seq", nullptr,
                        [](void* target, const std::int64_t& from) { static_cast<wire*>(target)->stamp.seq = from; }},
            member_slot{"version", nullptr,
                        [](void* target, const std::int64_t& from) { static_cast<wire*>(target)->stamp.version = from; }},
            member_slot{"incarnation", nullptr,
                        [](void* target, const std::int64_t& from) { static_cast<wire*>(target)->stamp.incarnation = from; }},
            slot_of_field<Row, I>()...};
    }
    (std::make_index_sequence<field_count<Row>>{});
}

template <class Row>
inline constexpr auto slots = make_slots<Row>();

template <class Row>
struct row_list {
    std::vector<wire_row<Row>> items;  ///< those beyond `count` are kept for their memory
    std::size_t count = 0;
};

/// Reads pushes, answers and pages. What was read lives until the next message.
class message_reader {
public:
    explicit message_reader(const features& what) noexcept : what_(what) {}

    std::string device;
    std::string cursor;
    std::int64_t version = 0;
    bool more = false;
    std::vector<verdict> verdicts;

    template <class Row>
    [[nodiscard]] std::span<wire_row<Row>> rows() noexcept {
        auto& list = std::get<row_list<Row>>(lists_);
        return {list.items.data(), list.count};
    }

    void read(std::string_view message) {
        std::apply([](auto&... list) { ((list.count = 0), ...); }, lists_);
        verdicts.clear();
        device.clear();
        cursor.clear();
        version = 0;
        more = false;
        depth_ = 0;
        place_ = place::header;
        if (!nlohmann::json::sax_parse(message.begin(), message.end(), this)) throw failure("a message is malformed");
    }

    // From here on: what nlohmann calls while it parses.
    bool null() { return false; }
    bool boolean(bool value) {
        more = value;
        return place_ == place::header;
    }
    bool number_integer(std::int64_t value) { return integer(value); }
    bool number_unsigned(std::uint64_t value) { return integer(static_cast<std::int64_t>(value)); }
    bool number_float(double value, const std::string&) {
        if (place_ != place::rows || slot_->real == nullptr) return false;
        slot_->real(row_, value);
        return true;
    }
    bool string(std::string& value) {
        if (place_ == place::rows) {
            if (slot_->text == nullptr) return false;
            slot_->text(row_, value);
        } else if (place_ == place::verdicts) {
            verdicts.back().server = id_text(value);
        } else if (name_ == "cursor") {
            cursor = value;
        } else if (name_ == "device") {
            device = value;
        }
        return true;
    }
    bool binary(std::vector<std::uint8_t>&) { return false; }
    bool start_object(std::size_t) {
        ++depth_;
        if (place_ == place::verdicts) verdicts.emplace_back();
        return place_ != place::rows || depth_ != 3 || begin_row();
    }
    bool end_object() {
        if (place_ == place::rows && depth_ == 3 && !what_.records) end_bare_row_(row_);
        if (--depth_ == 1 && place_ == place::rows) place_ = place::header;
        return true;
    }
    bool start_array(std::size_t) { return true; }
    bool end_array() {
        if (place_ == place::verdicts) place_ = place::header;
        return true;
    }
    bool key(std::string& name) {
        if (place_ == place::rows && depth_ == 3) return find_slot(name);
        if (place_ == place::rows) return select_table(name);
        name_ = name;
        if (place_ == place::header && name == "changes") place_ = place::rows;
        if (place_ == place::header && name == "results") place_ = place::verdicts;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

private:
    enum class place : std::uint8_t { header, rows, verdicts };

    bool integer(std::int64_t value) {
        if (place_ == place::rows) {
            if (slot_->integer == nullptr) return false;
            slot_->integer(row_, value);
        } else if (place_ == place::verdicts) {
            (name_ == "seq" ? verdicts.back().seq : verdicts.back().version) = value;
        } else {
            version = value;
        }
        return true;
    }

    // Members come in the order in which they were written, so the next one is nearly always the one after the last.
    bool find_slot(const std::string& name) {
        for (std::size_t tried = 0; tried < slots_.size(); ++tried) {
            next_slot_ = next_slot_ + 1 < slots_.size() ? next_slot_ + 1 : 0;
            if (slots_[next_slot_].name != name) continue;
            slot_ = &slots_[next_slot_];
            return true;
        }
        return false;
    }

    bool select_table(std::string_view name) {
        for (std::size_t i = 0; i < table_count; ++i)
            if (table_names[i] == name) {
                [&]<std::size_t... I>(std::index_sequence<I...>) { ((I == i ? enter<I>() : void()), ...); }
                (std::make_index_sequence<table_count>{});
                return true;
            }
        return false;
    }

    template <std::size_t I>
    void enter() {
        using row = typename std::tuple_element_t<I, dataset>::value_type;
        slots_ = slots<row>;
        new_row_ = [](message_reader& self) -> void* {
            auto& list = std::get<row_list<row>>(self.lists_);
            if (list.count == list.items.size()) list.items.emplace_back();
            wire_row<row>& fresh = list.items[list.count++];
            fresh.stamp = {};
            fresh.mask = 0;
            return &fresh;
        };
        end_bare_row_ = [](void* ended) {
            auto& one = *static_cast<wire_row<row>*>(ended);
            one.row.id = one.stamp.server;
            one.stamp.server = {};
        };
    }

    bool begin_row() {
        row_ = new_row_(*this);
        next_slot_ = slots_.size() - 1;
        return true;
    }

    const features& what_;
    std::tuple<row_list<exercise>, row_list<workout>, row_list<workout_exercise>, row_list<workout_set>> lists_;
    place place_ = place::header;
    int depth_ = 0;
    std::string name_;
    std::span<const member_slot> slots_;
    const member_slot* slot_ = nullptr;
    std::size_t next_slot_ = 0;
    void* row_ = nullptr;
    void* (*new_row_)(message_reader&) = nullptr;
    void (*end_bare_row_)(void*) = nullptr;
};

}  // namespace benchmarks::limit
