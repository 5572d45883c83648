/// Random messages in CBOR, damaged at random: what is still accepted is a message like any other.
#include <cstdint>
#include <string>

#include <support/rapidcheck.hpp>
#include <wire/support/random_messages.hpp>
#include <wire/support/whole_messages.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

constexpr wire::encoding cbor_form = wire::encoding::cbor;

/// True when what `body` says, if anything, says the same once it was written and read again.
template <class Message>
bool is_stable(const std::string& body) {
    Message first, second;
    if (read(body, notes_schema, first, cbor_form)) return true;
    for (const wire::encoding form : encodings) {
        const std::string again = written(first, notes_schema, form);
        if (read(again, notes_schema, second, form) || !same(first, second)) return false;
    }
    return true;
}

/// Changes, removes, doubles or swaps a few bytes.
std::string damaged(std::string body, std::uint64_t seed) {
    random_source random(seed);
    for (std::uint64_t left = 1 + random.below(3); left > 0 && !body.empty(); --left) {
        const auto at = static_cast<std::size_t>(random.below(body.size()));
        const auto size = static_cast<std::size_t>(1 + random.below(4));
        switch (random.below(4)) {
            case 0: body[at] = static_cast<char>(body[at] ^ 1 << random.below(8)); break;
            case 1: body[at] = static_cast<char>(random.below(256)); break;
            case 2: body.erase(at, size); break;
            default: body.insert(at, body.substr(static_cast<std::size_t>(random.below(body.size())), size));
        }
    }
    return body;
}

template <class Message>
void damage(const Message& message, std::uint64_t seed) {
    const std::string body = written(message, notes_schema, cbor_form);
    for (std::uint64_t i = 0; i < 50; ++i) RC_ASSERT(is_stable<Message>(damaged(body, seed * 50 + i)));
    Message out;
    for (std::size_t size = 0; size < body.size(); ++size)
        RC_ASSERT(static_cast<bool>(read(std::string_view(body).substr(0, size), notes_schema, out, cbor_form)));
}

}  // namespace

TEST_CASE("a damaged message in CBOR is refused, or says the same once it was written again") {
    syncline_property("damage", [](std::uint64_t seed) {
        damage(random_push(seed), seed);
        damage(random_page(seed), seed);
        damage(random_push_answer(seed), seed);
    });
}

TEST_CASE("noise is no message") {
    syncline_property("noise", [](const std::string& noise) {
        RC_ASSERT(is_stable<wire::push_request>(noise));
        RC_ASSERT(is_stable<wire::page>("\xA4" + noise));
        RC_ASSERT(is_stable<wire::push_answer>("\xA2" + noise));
    });
}
