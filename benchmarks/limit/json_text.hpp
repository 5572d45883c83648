/// JSON written by hand: one pass into one growing string.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "features.hpp"

namespace benchmarks::limit {

class json_text {
public:
    explicit json_text(std::string& out) noexcept : out_(out) {}

    json_text& raw(std::string_view text) {
        out_.append(text);
        return *this;
    }
    json_text& value(const std::string& text) {
        out_ += '"';
        std::size_t clean = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto c = static_cast<unsigned char>(text[i]);
            if (c >= 0x20 && c != '"' && c != '\\') continue;
            out_.append(text, clean, i - clean);
            clean = i + 1;
            constexpr char digits[] = "0123456789abcdef";
            if (c < 0x20)
                (out_.append("\\u00") += digits[c >> 4]) += digits[c & 0xFu];
            else
                (out_ += '\\') += text[i];
        }
        out_.append(text, clean, std::string::npos);
        out_ += '"';
        return *this;
    }
    /// Ids have no character that needs an escape.
    json_text& value(const id_text& id) {
        ((out_ += '"').append(id.view())) += '"';
        return *this;
    }
    json_text& value(std::int64_t number) { return number_text(number); }
    json_text& value(double number) { return number_text(number); }

private:
    template <class Number>
    json_text& number_text(Number number) {
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        out_.append(digits, static_cast<std::size_t>(end - digits));
        return *this;
    }

    std::string& out_;
};

/// `,"name":` of each field.
template <class Row>
[[nodiscard]] const std::array<std::string, field_count<Row>>& member_starts() {
    static const auto starts = [] {
        std::array<std::string, field_count<Row>> made;
        for_each_field<Row>([&](auto index, const auto& one) { made[index] = ",\"" + std::string(one.name) + "\":"; });
        return made;
    }();
    return starts;
}

/// Writes one row as a flat object with the fields in `mask`. `key_of(table, id)` is the name a foreign key has on the wire.
template <class Row, class KeyOf>
void write_row(std::string& text, const features& what, const Row& row, const row_stamp& stamp, field_mask mask, KeyOf&& key_of) {
    json_text out(text);
    if (!what.records) {
        out.raw("{\"id\":").value(row.id);
    } else {
        out.raw("{\"localId\":").value(row.id);
        if (!stamp.server.empty()) out.raw(",\"id\":").value(stamp.server);
        if (stamp.seq != 0) out.raw(",\"seq\":").value(stamp.seq);
        if (stamp.version != 0) out.raw(",\"version\":").value(stamp.version);
        out.raw(",\"incarnation\":").value(stamp.incarnation);
    }
    const auto& starts = member_starts<Row>();
    for_each_field<Row>([&](auto index, const auto& one) {
        if (!has_field(mask, index)) return;
        out.raw(starts[index]);
        if constexpr (std::is_same_v<std::decay_t<decltype(row.*one.member)>, id_text>)
            out.value(key_of(one.target, row.*one.member));
        else
            out.value(row.*one.member);
    });
    out.raw("}");
}

/// Rows grouped by table, `"changes":{"table":[...],...}`, when they are written in the tables' order.
class changes_writer {
public:
    explicit changes_writer(std::string& out) : out_(out) { out_ += "\"changes\":{"; }

    /// Where the next row of this table is to be written.
    [[nodiscard]] std::string& next(int table_number) {
        if (table_number != current_) {
            if (current_ >= 0) out_ += "],";
            ((out_ += '"').append(table_names[static_cast<std::size_t>(table_number)])) += "\":[";
            current_ = table_number;
        } else {
            out_ += ',';
        }
        return out_;
    }
    void finish() { out_ += current_ >= 0 ? "]}" : "}"; }

private:
    std::string& out_;
    int current_ = -1;
};

}  // namespace benchmarks::limit
