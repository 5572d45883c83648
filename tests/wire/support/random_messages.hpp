/// Messages of the notes schema in which everything that may differ does, made from one seed.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <syncline/base/random.hpp>
#include <wire/fixture.hpp>

namespace syncline::tests {

/// Draws values; what it draws lives in the arena and the pool it was given.
class message_source {
public:
    message_source(std::uint64_t seed, arena& bytes, cell_pool& cells) : random_(seed), bytes_(bytes), cells_(cells) {}

    [[nodiscard]] bool flip() { return random_.chance(1, 2); }
    [[nodiscard]] std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }

    /// Small, at an edge of how CBOR or JSON writes it, or anything.
    [[nodiscard]] std::int64_t number() {
        static constexpr std::int64_t edges[] = {0, 1, 23, 24, 255, 256, 65'535, 65'536, 4'294'967'295, 4'294'967'296, int64_greatest, int64_least};
        const std::int64_t one = below(3) == 0 ? static_cast<std::int64_t>(random_.next()) : edges[below(std::size(edges))];
        return flip() ? one : static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(one));
    }
    [[nodiscard]] std::int64_t number_from(std::int64_t least) {
        const std::int64_t one = number();
        return one >= least ? one : least;
    }

    /// Any UTF-8 without NUL, half of it ASCII, where the escapes are.
    [[nodiscard]] std::string text() {
        std::string out;
        for (std::size_t left = below(30); left > 0; --left) {
            auto point = static_cast<std::uint32_t>(flip() ? below(128) : below(0x110000));
            if (point == 0 || (point >= 0xD800 && point < 0xE000)) point = '"';
            const auto tail = [&](std::uint32_t shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
            if (point < 0x80) out += static_cast<char>(point);
            else if (point < 0x800) out += {static_cast<char>(0xC0 | point >> 6), tail(0)};
            else if (point < 0x10000) out += {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
            else out += {static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
        }
        return out;
    }

    [[nodiscard]] local_id local() {
        static constexpr std::string_view odd[] = {"n", "a~b", "018F3C5E-7A10-7000-8000-000000000001", "018f3c5e_7a10-7000-8000-000000000001",
                                                   "018f3c5e-7a10-7000-8000-00000000000g", "01HF000000000000000000000U",
                                                   "01HF00000000000000000000000"};
        switch (below(3)) {
            case 0: return new_local_id(number(), random_);
            case 1: return local_id::trusted(new_server_id(number(), random_).view());
            default: return local_id::trusted(odd[below(std::size(odd))]);
        }
    }
    [[nodiscard]] server_id server() {
        switch (below(3)) {
            case 0: return new_server_id(number(), random_);
            case 1: return server_id::trusted(new_local_id(number(), random_).view());
            default: return server_id::trusted(flip() ? "N:1" : "#[]{}~!'&;=<>?@^_`|/+-*().,$%0123456789abcdefghijklmnopqrstuvwx");
        }
    }

    [[nodiscard]] double real() {
        static constexpr double edges[] = {0, 0.5, 1.5, 65'504, 65'505, 5.960464477539063e-8, 3.4028234663852886e38, 1e300, 0.1, 1.0 / 3};
        const double one = flip() ? edges[below(std::size(edges))] : std::bit_cast<double>(random_.next());
        return std::isfinite(one) ? (flip() ? one : -one) : 0;
    }

    [[nodiscard]] cell value(const column_view& column, bool may_be_local) {
        if (column.nullable && below(4) == 0) return cell::null();
        switch (column.kind) {
            case column_kind::boolean: return cell::boolean(flip());
            case column_kind::integer: {
                const std::int64_t one = number();
                return cell::integer(one < column.least ? column.least : one > column.greatest ? column.greatest : one);
            }
            case column_kind::timestamp: return cell::integer(number());
            case column_kind::real: return cell::real(real());
            case column_kind::text:
            case column_kind::set: return bytes_.keep(cell::text(text()));
            case column_kind::bytes: return bytes_.keep(cell::bytes(std::string(below(40), static_cast<char>(below(256)))));
            case column_kind::key:
                if (may_be_local && flip()) return bytes_.keep(cell::local_key(local().view()));
                return bytes_.keep(cell::server_key(server().view()));
        }
        return {};
    }

    [[nodiscard]] cells row(const table_view& table, column_mask mask, bool may_be_local) {
        const std::span<cell> out = cells_.take(table.columns.size());
        for (std::size_t i = 0; i < out.size(); ++i)
            if (has_column(mask, i)) out[i] = value(table.columns[i], may_be_local);
        return out;
    }

    [[nodiscard]] std::uint64_t word() { return random_.next(); }
    [[nodiscard]] column_mask some_columns(const table_view& table) { return random_.next() & table.all_columns(); }

    [[nodiscard]] row_version version() {
        const auto generation = static_cast<generation_number>(flip() ? 1 : 1 + below(std::numeric_limits<generation_number>::max()));
        return row_version(generation, number_from(1));
    }

    [[nodiscard]] wire::server_row_view server_row(int table) {
        wire::server_row_view out;
        out.table = table;
        out.id = server();
        out.local = local();
        out.version = version();
        out.incarnation = static_cast<incarnation_number>(flip() ? 1 : 1 + below(1'000));
        out.updated_at_ms = flip() ? 1'700'000'000'000 : number();
        out.removed = below(4) == 0;
        if (!out.removed) {
            out.cells = row(notes_schema[table], notes_schema[table].all_columns(), false);
            return out;
        }
        if (flip()) out.base_version = version();
        if (flip()) {
            out.last_writer = bytes_.keep('d' + text());
            out.last_seq = number_from(1);
        }
        return out;
    }

private:
    random_source random_;
    arena& bytes_;
    cell_pool& cells_;
};

inline wire::push_request random_push(std::uint64_t seed) {
    wire::push_request out;
    message_source source(seed, out.bytes, out.cells);
    if (source.flip()) out.schema = source.word();
    if (source.flip()) out.owner = source.text();
    out.device = 'd' + source.text();
    if (source.flip()) out.acknowledged = source.number_from(0);
    if (source.flip()) out.cursor = source.text();
    out.atomic = source.flip();
    sequence seq = source.number_from(1) / 2;
    for (std::size_t left = source.below(12); left > 0; --left) {
        wire::sent_operation one;
        one.op.seq = seq += 1 + static_cast<sequence>(source.below(300));
        one.op.table = source.flip() ? notes : folders;
        one.op.kind = static_cast<operation_kind>(source.below(4));
        one.op.id = source.local();
        if (source.flip()) one.op.incarnation = static_cast<incarnation_number>(1 + source.below(5));
        if (source.flip()) one.op.base_version = source.version();
        if (source.flip()) one.op.group = source.number_from(0);
        if (source.flip()) one.digest = source.word();
        if (source.flip()) one.id = source.server();
        const table_view& table = notes_schema[one.op.table];
        const bool creates = one.op.kind == operation_kind::create;
        if (wire::carries_fields(one.op.kind)) one.op.values.mask = creates ? table.all_columns() : source.some_columns(table) | 1u;
        if (wire::carries_fields(one.op.kind) && source.flip()) one.op.values.before_mask = source.some_columns(table);
        if (one.op.values.mask != 0) one.op.values.after = source.row(table, one.op.values.mask, true);
        if (one.op.values.before_mask != 0) one.op.values.before = source.row(table, one.op.values.before_mask, true);
        out.operations.push_back(one);
    }
    return out;
}

inline wire::page random_page(std::uint64_t seed) {
    wire::page out;
    message_source source(seed, out.bytes, out.cells);
    out.cursor = 'c' + source.text();
    out.more = source.flip();
    out.snapshot = source.flip();
    if (source.flip()) out.owner = source.text();
    out.includes.floor = source.number_from(0);
    for (std::size_t left = source.below(4); left > 0; --left) out.includes.above.push_back(source.number_from(1));
    for (const int table : {folders, notes})
        for (std::size_t left = source.below(6); left > 0; --left) out.rows.push_back(source.server_row(table));
    return out;
}

inline wire::push_answer random_push_answer(std::uint64_t seed) {
    wire::push_answer out;
    message_source source(seed, out.bytes, out.cells);
    out.version = source.flip() ? source.version() : row_version(first_generation, 0);
    if (source.flip()) out.owner = source.text();
    for (std::size_t left = source.below(12); left > 0; --left) {
        wire::operation_result one;
        one.seq = source.number_from(1);
        one.digest = source.word();
        one.outcome = static_cast<wire::verdict>(source.below(7));
        one.local = source.local();
        if (source.flip()) one.id = source.server();
        one.version = source.flip() ? source.version() : row_version();
        one.incarnation = static_cast<incarnation_number>(source.flip() ? 1 : source.below(5));
        one.updated_at_ms = source.flip() ? 1'700'000'000'000 : source.number();
        one.permanent = source.flip();
        if (source.flip()) one.problem = {error_code::restricted, source.text(), source.text(), source.text(), source.text()};
        if (source.flip()) {
            one.table = source.flip() ? notes : folders;
            const table_view& table = notes_schema[one.table];
            if (source.flip()) one.row = source.server_row(one.table);
            if (source.flip()) one.overwritten = source.some_columns(table);
            one.lost = source.row(table, one.overwritten, false);
            if (source.flip()) one.refused = source.some_columns(table);
            if (source.flip()) one.kept = source.some_columns(table);
            if (!one.row && (one.overwritten | one.refused | one.kept) == 0) one.table = -1;
        }
        out.results.push_back(one);
    }
    return out;
}

}  // namespace syncline::tests
