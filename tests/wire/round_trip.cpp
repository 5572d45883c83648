/// What one half writes, the other half reads as the same message, in both encodings.
#include <cstdint>
#include <string>
#include <string_view>

#include <support/rapidcheck.hpp>
#include <wire/fixture.hpp>
#include <wire/support/random_messages.hpp>
#include <wire/support/whole_messages.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// Writes a message, reads it back into `out`, and says whether that is the same message.
template <class Message>
bool survives(const Message& message, Message& out, wire::encoding form) {
    return !read(written(message, notes_schema, form), notes_schema, out, form) && same(message, out);
}

/// Behind the one item that starts at `at`, by the pseudocode of RFC 8949, appendix C; npos where the item is not well-formed.
std::size_t behind_item(std::string_view body, std::size_t at) {
    constexpr std::size_t npos = std::string_view::npos;
    if (at >= body.size()) return npos;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(body[i])); };
    const std::uint64_t first = byte(at++);
    const std::uint64_t major = first >> 5;
    std::uint64_t argument = first & 31;
    if (argument >= 24 && argument <= 27) {
        const std::size_t bytes = std::size_t{1} << (argument - 24);
        if (body.size() - at < bytes) return npos;
        argument = 0;
        for (std::size_t i = 0; i < bytes; ++i) argument = argument << 8 | byte(at++);
    } else if (argument == 31) {
        if (major != 4 && major != 5) return npos;
        for (std::size_t items = 0;; ++items) {
            if (at < body.size() && byte(at) == 0xFF) return major == 5 && items % 2 != 0 ? npos : at + 1;
            if (at = behind_item(body, at); at == npos) return npos;
        }
    } else if (argument > 27) {
        return npos;
    }
    if (major == 2 || major == 3) return body.size() - at < argument ? npos : at + static_cast<std::size_t>(argument);
    if (major == 4 || major == 5)
        for (std::uint64_t left = argument * (major - 3); left > 0 && at != npos; --left) at = behind_item(body, at);
    return major == 6 ? behind_item(body, at) : at;
}

bool is_well_formed(std::string_view body) { return behind_item(body, 0) == body.size(); }

}  // namespace

TEST_CASE("a push reads back as it was written") {
    wire::push_request out;
    syncline_property("push round trip", [&](std::uint64_t seed) {
        const wire::push_request push = random_push(seed);
        for (const wire::encoding form : encodings) RC_ASSERT(survives(push, out, form));
    });
}

TEST_CASE("a page reads back as it was written") {
    wire::page out;
    syncline_property("page round trip", [&](std::uint64_t seed) {
        const wire::page page = random_page(seed);
        for (const wire::encoding form : encodings) RC_ASSERT(survives(page, out, form));
    });
}

TEST_CASE("an answer reads back as it was written") {
    wire::push_answer out;
    syncline_property("answer round trip", [&](std::uint64_t seed) {
        const wire::push_answer answer = random_push_answer(seed);
        for (const wire::encoding form : encodings) RC_ASSERT(survives(answer, out, form));
    });
}

TEST_CASE("a page's rows come back in push order, whatever order they were added in") {
    wire::page out;
    syncline_property("rows by table", [&](std::uint64_t seed) {
        const wire::page page = random_page(seed);
        for (const wire::encoding form : encodings) {
            std::string body;
            wire::page_writer writer(body, notes_schema, form);
            std::size_t size = 0;
            for (const int table : {notes, folders})
                for (const wire::server_row_view& row : page.rows) {
                    if (row.table != table) continue;
                    writer.add(row);
                    RC_ASSERT(writer.size() > size);
                    size = writer.size();
                }
            RC_ASSERT(writer.count() == page.rows.size());
            writer.finish(page.cursor, page.more, page.snapshot, page.includes, page.owner);
            RC_ASSERT(body.size() > size);
            RC_ASSERT(!read(body, notes_schema, out, form));
            RC_ASSERT(same(page, out));
        }
    });
}

TEST_CASE("a push knows its size while it is written") {
    syncline_property("size", [&](std::uint64_t seed) {
        const wire::push_request push = random_push(seed);
        for (const wire::encoding form : encodings) {
            std::string body = "kept";
            wire::push_writer writer(body, notes_schema, push, form);
            for (const wire::sent_operation& one : push.operations) writer.add(one);
            RC_ASSERT(writer.count() == push.operations.size());
            const std::size_t size = writer.size();
            writer.finish();
            RC_ASSERT(body == "kept" + written(push, notes_schema, form));
            RC_ASSERT(body.size() == size + 4);
        }
    });
}

TEST_CASE("every message in CBOR is well-formed by the standard's own rules") {
    syncline_property("well-formed", [&](std::uint64_t seed) {
        RC_ASSERT(is_well_formed(written(random_push(seed), notes_schema, wire::encoding::cbor)));
        RC_ASSERT(is_well_formed(written(random_page(seed), notes_schema, wire::encoding::cbor)));
        RC_ASSERT(is_well_formed(written(random_push_answer(seed), notes_schema, wire::encoding::cbor)));
    });
}
