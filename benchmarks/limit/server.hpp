/// The limit programs' server: hash maps in memory, a log of changes for the increments, field by field the last write wins.
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "json_text.hpp"
#include "message_reader.hpp"

namespace benchmarks::limit {

class server {
public:
    server(const features& what, std::uint64_t seed) : what_(what), reader_(what), random_(seed) {}

    /// Takes a push and writes its answer.
    void push(std::string_view body, std::string& answer) {
        reader_.read(body);
        const std::int64_t seen = place_of(reader_.cursor).version;
        answer = "{";
        json_text out(answer);
        if (what_.records) out.raw("\"results\":[");
        bool first = true;
        each_table([&]<class Row>(server_table<Row>& rows) {
            for (wire_row<Row>& operation : reader_.rows<Row>()) {
                const kept<Row>& row = apply(rows, operation, seen);
                if (!what_.records) continue;
                out.raw(first ? "{\"seq\":" : ",{\"seq\":").value(operation.stamp.seq);
                if (what_.server_ids) out.raw(",\"id\":").value(row.stamp.server);
                out.raw(",\"version\":").value(row.stamp.version).raw("}");
                first = false;
            }
        });
        if (what_.records) out.raw("],");
        out.raw("\"version\":").value(version()).raw("}");
    }

    /// Answers "/sync?device=NAME&since=CURSOR" with a page.
    void pull(std::string_view target, std::string& page) {
        constexpr std::string_view device_name = "device=", since_name = "&since=";
        const std::size_t device_at = target.find(device_name) + device_name.size();
        const std::size_t since_at = target.find(since_name);
        const std::string_view device = target.substr(device_at, since_at - device_at);
        cursor_place place = place_of(target.substr(since_at + since_name.size()));
        page = "{";
        const bool more = place.snapshot ? write_snapshot(place, device, page) : write_feed(place, device, page);
        json_text out(page);
        out.raw(",\"cursor\":").value(text_of(place)).raw(more ? ",\"more\":true}" : ",\"more\":false}");
    }

    /// Every row, foreign keys as local ids.
    [[nodiscard]] dataset rows() {
        dataset data;
        each_table([&]<class Row>(server_table<Row>& from) {
            auto& into = rows_of<Row>(data);
            for (const kept<Row>* const one : from.in_order) {
                into.push_back(one->row);
                if (what_.server_ids)
                    translate_keys(into.back(), [&](int target, const id_text& id) { return local_of(target, id); });
            }
            sort_by_id(into);
        });
        return data;
    }

private:
    template <class Row>
    struct kept {
        Row row;  ///< foreign keys as server ids where there are any
        row_stamp stamp;
        std::string device;     ///< who wrote last
        bool is_known = false;  ///< to that device: it had seen all that was written before
    };
    template <class Row>
    struct server_table {
        std::unordered_map<id_text, kept<Row>, id_hash> by_local;
        std::unordered_map<id_text, kept<Row>*, id_hash> by_server;
        std::vector<kept<Row>*> in_order;  ///< of creation
    };
    /// Version `n` is the log's entry `n - 1`; an entry is stale when the row has a newer version.
    struct change {
        int table;
        void* row;
    };
    struct cursor_place {
        bool snapshot = true;
        std::int64_t version = 0;
        std::size_t table = 0;
        std::size_t index = 0;
    };

    [[nodiscard]] std::int64_t version() const noexcept { return static_cast<std::int64_t>(log_.size()); }

    template <class Visit>
    void each_table(Visit&& visit) {
        std::apply([&](auto&... rows) { (visit(rows), ...); }, tables_);
    }
    template <class Visit>
    void with_table(int number, Visit&& visit) {
        switch (number) {
            case 0:
                return visit(std::get<0>(tables_));
            case 1:
                return visit(std::get<1>(tables_));
            case 2:
                return visit(std::get<2>(tables_));
            default:
                return visit(std::get<3>(tables_));
        }
    }
    template <class Row, class Translate>
    static void translate_keys(Row& row, Translate&& translate, field_mask mask = ~field_mask{0}) {
        for_each_field<Row>([&](auto index, const auto& one) {
            if constexpr (std::is_same_v<std::decay_t<decltype(row.*one.member)>, id_text>)
                if (has_field(mask, index)) row.*one.member = translate(one.target, row.*one.member);
        });
    }

    [[nodiscard]] id_text local_of(int number, const id_text& id) {
        id_text local;
        with_table(number, [&](auto& rows) { local = rows.by_server.at(id)->row.id; });
        return local;
    }
    /// The server's name of a row that a device named by either id.
    [[nodiscard]] id_text server_of(int number, const id_text& id) {
        id_text name;
        with_table(number, [&](auto& rows) {
            if (rows.by_server.contains(id))
                name = id;
            else if (const auto found = rows.by_local.find(id); found != rows.by_local.end())
                name = found->second.stamp.server;
        });
        if (name.empty()) throw failure("the server does not know the row that a key points at: " + shown(id));
        return name;
    }

    template <class Row>
    const kept<Row>& apply(server_table<Row>& rows, wire_row<Row>& operation, std::int64_t seen) {
        if (what_.server_ids)
            translate_keys(
                operation.row, [&](int target, const id_text& id) { return server_of(target, id); }, operation.mask);
        const auto [at, is_new] = rows.by_local.try_emplace(operation.row.id);
        kept<Row>& row = at->second;
        row.is_known = is_new || row.stamp.version <= seen || (row.is_known && row.device == reader_.device);
        row.device = reader_.device;
        if (is_new) {
            row.row = operation.row;
            rows.in_order.push_back(&row);
            if (what_.server_ids) {
                row.stamp.server = new_id();
                rows.by_server.emplace(row.stamp.server, &row);
            }
        } else {
            for_each_field<Row>([&](auto index, const auto& one) {
                if (has_field(operation.mask, index)) row.row.*one.member = operation.row.*one.member;
            });
        }
        log_.push_back({table<Row>::number, &row});
        row.stamp.version = version();
        return row;
    }

    /// A ULID: 10 characters that ascend and 16 random ones.
    [[nodiscard]] id_text new_id() {
        constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        const std::uint64_t time = 1'763'000'000'000u + log_.size() / 8;
        const std::uint64_t first = random_.next(), second = random_.next();
        char text[26];
        for (unsigned i = 0; i < 10; ++i) text[i] = digits[time >> (45 - 5 * i) & 0x1Fu];
        for (unsigned i = 0; i < 8; ++i) text[10 + i] = digits[first >> (5 * i) & 0x1Fu];
        for (unsigned i = 0; i < 8; ++i) text[18 + i] = digits[second >> (5 * i) & 0x1Fu];
        return id_text({text, sizeof text});
    }

    static constexpr auto key_as_it_is = [](int, const id_text& id) -> const id_text& { return id; };

    /// True when the device has nothing to learn from the row: it wrote it last, and had seen what was there before.
    template <class Row>
    [[nodiscard]] static bool is_echo(const kept<Row>& row, std::string_view device) noexcept {
        return row.is_known && row.device == device;
    }

    /// Tables one after the other, parents first; then the feed goes on from the version at which the snapshot began.
    bool write_snapshot(cursor_place& place, std::string_view device, std::string& page) {
        if (place.version == 0) place.version = version();
        changes_writer changes(page);
        std::size_t written = 0;
        each_table([&]<class Row>(server_table<Row>& rows) {
            if (table<Row>::number != static_cast<int>(place.table)) return;
            for (; place.index < rows.in_order.size() && written < bounds.page_rows; ++place.index) {
                const kept<Row>& row = *rows.in_order[place.index];
                if (is_echo(row, device)) continue;
                write_kept(changes.next(table<Row>::number), row);
                ++written;
            }
            if (place.index < rows.in_order.size()) return;
            ++place.table;
            place.index = 0;
        });
        changes.finish();
        const bool more = place.table < table_count || place.version < version();
        if (place.table == table_count) place.snapshot = false;
        return more;
    }

    bool write_feed(cursor_place& place, std::string_view device, std::string& page) {
        for (std::string& text : page_tables_) text.clear();
        std::size_t written = 0;
        for (; place.version < version() && written < bounds.page_rows; ++place.version) {
            const change& next = log_[static_cast<std::size_t>(place.version)];
            with_table(next.table, [&]<class Row>(server_table<Row>&) {
                const kept<Row>& row = *static_cast<const kept<Row>*>(next.row);
                if (row.stamp.version != place.version + 1 || is_echo(row, device)) return;
                std::string& text = page_tables_[static_cast<std::size_t>(next.table)];
                if (!text.empty()) text += ',';
                write_kept(text, row);
                ++written;
            });
        }
        page += "\"changes\":{";
        bool first = true;
        for (std::size_t i = 0; i < table_count; ++i) {
            if (page_tables_[i].empty()) continue;
            ((page += first ? "\"" : ",\"").append(table_names[i])) += "\":[";
            (page += page_tables_[i]) += ']';
            first = false;
        }
        page += '}';
        return place.version < version();
    }

    template <class Row>
    void write_kept(std::string& text, const kept<Row>& row) const {
        write_row(text, what_, row.row, row.stamp, all_fields<Row>, key_as_it_is);
    }

    /// "fVERSION" or "sVERSION.TABLE.INDEX"; no text is the start of a snapshot.
    [[nodiscard]] static cursor_place place_of(std::string_view text) {
        cursor_place place;
        if (text.empty()) return place;
        place.snapshot = text.front() == 's';
        const char* at = text.data() + 1;
        const char* const end = text.data() + text.size();
        at = std::from_chars(at, end, place.version).ptr;
        if (at != end) at = std::from_chars(at + 1, end, place.table).ptr;
        if (at != end) std::from_chars(at + 1, end, place.index);
        return place;
    }
    [[nodiscard]] static std::string text_of(const cursor_place& place) {
        if (!place.snapshot) return "f" + std::to_string(place.version);
        return "s" + std::to_string(place.version) + "." + std::to_string(place.table) + "." + std::to_string(place.index);
    }

    const features& what_;
    message_reader reader_;
    random_numbers random_;
    std::tuple<server_table<exercise>, server_table<workout>, server_table<workout_exercise>, server_table<workout_set>> tables_;
    std::vector<change> log_;
    std::array<std::string, table_count> page_tables_;
};

}  // namespace benchmarks::limit
