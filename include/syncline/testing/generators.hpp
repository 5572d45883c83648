/// Values for any column, drawn from a random source: ordinary, extreme, and unique ones by which an edit is recognised later.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <syncline/base/random.hpp>
#include <syncline/model/arena.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline::testing {

/// Makes values that point into an arena. Values of texts begin with a number that no other value has, in nine of ten cases.
class value_generator {
public:
    /// `first_number` starts the numbers of this generator; `tag` is in every text, so that it can be found in messages.
    value_generator(random_source& random, arena& bytes, std::uint64_t first_number, std::string tag)
        : random_(random), bytes_(bytes), number_(first_number), tag_(std::move(tag)) {}

    /// A value for any column that is no foreign key.
    [[nodiscard]] cell value(const column_view& column) {
        if (column.nullable && random_.chance(1, 5)) return cell::null();
        switch (column.kind) {
            case column_kind::boolean: return cell::boolean(random_.chance(1, 2));
            case column_kind::integer: return cell::integer(integer(column.least, column.greatest));
            case column_kind::real: return cell::real(real());
            case column_kind::text: return cell::text(bytes_.keep(text()));
            case column_kind::bytes: return cell::bytes(bytes_.keep(blob()));
            case column_kind::timestamp: return cell::integer(timestamp());
            case column_kind::set: return cell::text(bytes_.keep(set()));
            case column_kind::key: break;
        }
        return cell::null();
    }

    /// True when no other edit can have this text.
    [[nodiscard]] static bool is_unique(const cell& value) noexcept {
        return value.kind() == cell_kind::text && value.view().starts_with('#');
    }

private:
    std::int64_t integer(std::int64_t least, std::int64_t greatest) {
        const auto width = static_cast<std::uint64_t>(greatest) - static_cast<std::uint64_t>(least);
        switch (random_.below(8)) {
            case 0: return least;
            case 1: return greatest;
            case 2: return least <= 0 && greatest >= 0 ? 0 : least;
            default: break;
        }
        if (width > 1'000'000) return least < 0 ? static_cast<std::int64_t>(++number_) : least + static_cast<std::int64_t>(++number_);
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(least) + random_.below(width + 1));
    }

    double real() {
        switch (random_.below(10)) {
            case 0: return std::numeric_limits<double>::max();
            case 1: return std::numeric_limits<double>::lowest();
            case 2: return std::numeric_limits<double>::denorm_min();
            case 3: return -0.0;
            case 4: return 0.1;
            default: return static_cast<double>(++number_) / 8.0;
        }
    }

    /// Microseconds that every clock of whole seconds keeps.
    std::int64_t timestamp() {
        constexpr std::int64_t second = 1'000'000;
        switch (random_.below(6)) {
            case 0: return 0;
            case 1: return -62'135'596'800 * second;
            case 2: return 253'402'300'799 * second;
            default: return static_cast<std::int64_t>(++number_) * second;
        }
    }

    std::string text() {
        static constexpr std::array<std::string_view, 8> plain{"", " ", "null", "\"\\\n\t", "\x7f", "0", "\xf4\x8f\xbf\xbf", "-"};
        static constexpr std::array<std::string_view, 8> tails{"", " ", "\xc3\xa9", "\xe2\x82\xac\n", "\xf0\x9f\x8f\x8b", "'; --", "\\u0000", "\x01\x1f"};
        if (random_.chance(1, 10)) return std::string(plain[random_.below(plain.size())]);
        std::string made = "#" + std::to_string(++number_) + tag_;
        made += tails[random_.below(tails.size())];
        if (random_.chance(1, 40)) made += std::string(2'000, 'x');
        return made;
    }

    std::string blob() {
        std::string made;
        const std::uint64_t size = random_.below(40);
        for (std::uint64_t i = 0; i < size; ++i) made.push_back(static_cast<char>(random_.below(256)));
        return made;
    }

    /// A set of texts, as set_text() writes it.
    std::string set() {
        std::string made;
        const std::uint64_t size = random_.below(4);
        for (std::uint64_t i = 0; i < size; ++i) {
            const std::uint64_t letter = 6 * i + random_.below(6);
            made += "1:";
            made += static_cast<char>('a' + letter);
            made += ',';
        }
        return made;
    }

    random_source& random_;
    arena& bytes_;
    std::uint64_t number_;
    std::string tag_;
};

}  // namespace syncline::testing
