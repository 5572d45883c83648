#include <syncline/base/ids.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <support/catch.hpp>
#include <syncline/base/random.hpp>

using namespace syncline;

namespace {

constexpr std::string_view of_local_ids = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";
constexpr std::string_view hexadecimal = "0123456789abcdef";

bool is_in_local_ids(char c) { return of_local_ids.find(c) != std::string_view::npos; }
/// Printable ASCII without space, quotes and backslash.
bool is_in_server_ids(char c) { return c > ' ' && c < 127 && c != '"' && c != '\\'; }

struct thing {};

}  // namespace

TEST_CASE("a local id has 1 to 40 characters, a server id 1 to 63") {
    CHECK_FALSE(local_id::parse("").has_value());
    CHECK_FALSE(server_id::parse("").has_value());
    for (std::size_t size = 1; size <= 80; ++size) {
        const std::string text(size, 'x');
        INFO(size << " characters");
        CHECK(local_id::parse(text).has_value() == (size <= 40));
        CHECK(server_id::parse(text).has_value() == (size <= 63));
        if (size <= 40) CHECK(local_id::parse(text)->view() == text);
        if (size <= 63) CHECK(server_id::parse(text)->view() == text);
    }
}

TEST_CASE("an id has characters of its kind only") {
    for (int i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        INFO("character " << i);
        CHECK(local_id::is_valid(std::string(1, c)) == is_in_local_ids(c));
        CHECK(server_id::is_valid(std::string(1, c)) == is_in_server_ids(c));
        CHECK(server_id::is_valid(std::string("id") + c) == is_in_server_ids(c));
    }
}

TEST_CASE("a wrong character is found wherever it is") {
    for (std::size_t size = 1; size <= 40; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            text[at] = ' ';
            INFO('"' << text << '"');
            CHECK_FALSE(local_id::parse(text).has_value());
            CHECK_FALSE(server_id::parse(text).has_value());
            text[at] = '/';
            CHECK_FALSE(local_id::parse(text).has_value());
            CHECK(server_id::parse(text).has_value());
        }
}

TEST_CASE("an id that is not there is empty, and text that no id has room for makes none") {
    CHECK(local_id().empty());
    CHECK(local_id().view().empty());
    CHECK(server_id().empty());
    CHECK(local_id::trusted(std::string(41, 'x')).empty());
    CHECK(server_id::trusted(std::string(64, 'x')).empty());
    CHECK(local_id::trusted("kept").view() == "kept");
}

TEST_CASE("ids compare and hash as their text does") {
    const local_id a = local_id::trusted("a"), b = local_id::trusted("b"), longer = local_id::trusted("aa");
    CHECK(a == local_id::trusted("a"));
    CHECK_FALSE(a == b);
    CHECK(a < b);
    CHECK(a < longer);
    CHECK(longer < b);
    CHECK(local_id() < a);
    CHECK(local_id::trusted("Z") < a);
    CHECK(std::hash<local_id>{}(a) == std::hash<local_id>{}(local_id::trusted("a")));
    CHECK_FALSE(std::hash<local_id>{}(a) == std::hash<local_id>{}(b));
    CHECK(std::hash<server_id>{}(server_id::trusted("a")) == std::hash<std::string_view>{}("a"));
    // What an id held before is not seen in what it holds now.
    local_id reused = local_id::trusted("a longer text");
    reused = a;
    CHECK(reused == a);
    CHECK(reused.size() == 1);
}

TEST_CASE("an id of an entity is made from a local id, and from text only if that is one") {
    static_assert(!std::is_constructible_v<id_of<thing>, std::string_view>);
    static_assert(!std::is_convertible_v<local_id, id_of<thing>>);
    CHECK(id_of<thing>::parse("a")->local() == local_id::trusted("a"));
    CHECK_FALSE(id_of<thing>::parse("a b").has_value());
    CHECK_FALSE(id_of<thing>::parse("").has_value());
    CHECK(id_of<thing>().empty());
    CHECK(id_of<thing>(local_id::trusted("a")) < id_of<thing>(local_id::trusted("b")));
    CHECK(std::hash<id_of<thing>>{}(*id_of<thing>::parse("a")) == std::hash<local_id>{}(local_id::trusted("a")));
}

TEST_CASE("a new local id is a UUID of version 7 in lower case") {
    random_source random(1);
    for (int i = 0; i < 1'000; ++i) {
        const local_id made = new_local_id(1'700'000'000'000 + i, random);
        const std::string_view text = made.view();
        INFO(text);
        REQUIRE(text.size() == 36);
        CHECK(local_id::is_valid(text));
        for (std::size_t at = 0; at < text.size(); ++at) {
            const bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
            if (is_dash) CHECK(text[at] == '-');
            else CHECK(hexadecimal.find(text[at]) != std::string_view::npos);
        }
        CHECK(text[14] == '7');
        CHECK(std::string_view("89ab").find(text[19]) != std::string_view::npos);
    }
}

TEST_CASE("a new local id begins with its time") {
    random_source random(1);
    // The time of the example in RFC 9562, appendix A.6.
    CHECK(new_local_id(0x017F22E279B0, random).view().substr(0, 13) == "017f22e2-79b0");
    CHECK(new_local_id(0, random).view().substr(0, 13) == "00000000-0000");
    CHECK(new_local_id(0xFFFFFFFFFFFF, random).view().substr(0, 13) == "ffffffff-ffff");
    // Above 48 bits only the lower ones are kept.
    CHECK(new_local_id(0x1017F22E279B0, random).view().substr(0, 13) == "017f22e2-79b0");
}

TEST_CASE("ids of later milliseconds come later") {
    random_source random(1);
    local_id former;
    for (std::int64_t now = 1'700'000'000'000; now < 1'700'000'000'000 + 5'000; now += 1 + now % 7) {
        const local_id made = new_local_id(now, random);
        CHECK(former < made);
        former = made;
    }
}

TEST_CASE("no two of many ids of one millisecond are the same") {
    random_source random(1), other(2);
    std::set<local_id> made;
    std::set<server_id> given;
    for (int i = 0; i < 10'000; ++i) {
        CHECK(made.insert(new_local_id(5, random)).second);
        CHECK(made.insert(new_local_id(5, other)).second);
        CHECK(given.insert(new_server_id(5, random)).second);
    }
}

TEST_CASE("one seed makes the same ids on every machine") {
    random_source random(1);
    CHECK(new_local_id(0x017F22E279B0, random).view().substr(0, 14) == "017f22e2-79b0-");
    random_source one(9), other(9);
    CHECK(new_local_id(7, one) == new_local_id(7, other));
    CHECK(new_server_id(7, one) == new_server_id(7, other));
    CHECK_FALSE(new_local_id(7, one) == new_local_id(7, one));
}

TEST_CASE("a new server id is a ULID, which is no UUID, and begins with its time") {
    random_source random(1);
    const server_id made = new_server_id(1'469'918'176'385, random);
    CHECK(made.size() == 26);
    CHECK(made.view().find('-') == std::string_view::npos);
    CHECK(made.view().find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string_view::npos);
    // The time of the example in the specification of ULIDs.
    CHECK(made.view().substr(0, 10) == "01ARYZ6S41");
    CHECK(new_server_id(1'469'918'176'384, random) < new_server_id(1'469'918'176'385, random));
}

TEST_CASE("what is drawn is below its bound, and all of it is drawn") {
    random_source random(1);
    std::set<std::uint64_t> drawn;
    for (int i = 0; i < 1'000; ++i) {
        const std::uint64_t number = random.below(10);
        CHECK(number < 10);
        drawn.insert(number);
    }
    CHECK(drawn.size() == 10);
    CHECK(random.below(0) == 0);
    CHECK(random.below(1) == 0);
    CHECK_FALSE(random.chance(0, 3));
    CHECK(random.chance(3, 3));
}
