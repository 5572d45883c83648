/// Ids in few bytes: the same text comes back, and what is not exactly such an id travels as text.
#include <string>

#include <support/rapidcheck.hpp>
#include <syncline/base/random.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

std::string packed(std::string_view text) {
    char room[wire::cbor::ulid_bytes];
    return {room, wire::cbor::pack_id(text, room)};
}

std::string unpacked(std::string_view bytes) {
    char room[wire::cbor::uuid_characters];
    return {room, wire::cbor::unpack_id(bytes, room)};
}

const std::string uuid = "018f3c5e-7a10-7000-8000-0123456789ab";
const std::string ulid = "01HF4ZJKMNPQRSTVWXYZ012345";

}  // namespace

TEST_CASE("a UUID is 16 bytes and a ULID 17") {
    CHECK(packed(uuid) == std::string("\x01\x8f\x3c\x5e\x7a\x10\x70\x00\x80\x00\x01\x23\x45\x67\x89\xab", 16));
    CHECK(unpacked(packed(uuid)) == uuid);
    CHECK(packed(ulid).size() == 17);
    CHECK(unpacked(packed(ulid)) == ulid);
    CHECK(unpacked(packed("ZZZZZZZZZZZZZZZZZZZZZZZZZZ")) == "ZZZZZZZZZZZZZZZZZZZZZZZZZZ");
    CHECK(packed("00000000000000000000000000") == std::string(17, '\0'));
    syncline_property("ids come back", [](std::uint64_t seed, std::int64_t now) {
        random_source random(seed);
        const local_id local = new_local_id(now, random);
        const server_id server = new_server_id(now, random);
        RC_ASSERT(packed(local.view()).size() == 16);
        RC_ASSERT(unpacked(packed(local.view())) == local.view());
        RC_ASSERT(packed(server.view()).size() == 17);
        RC_ASSERT(unpacked(packed(server.view())) == server.view());
    });
}

TEST_CASE("an id with any character changed is packed only if it comes back the same") {
    for (const std::string& id : {uuid, ulid})
        for (std::size_t at = 0; at < id.size(); ++at)
            for (int character = 0; character < 256; ++character) {
                std::string text = id;
                text[at] = static_cast<char>(character);
                const std::string bytes = packed(text);
                if (!bytes.empty()) REQUIRE(unpacked(bytes) == text);
            }
    for (const char* text : {"", "x", "018F3C5E-7A10-7000-8000-0123456789AB", "018f3c5e-7a10-7000-8000-0123456789a", "018f3c5e7a1070008000-0123456789ab----",
                             "01hf4zjkmnpqrstvwxyz012345", "01HF4ZJKMNPQRSTVWXYZ01234", "01HF4ZJKMNPQRSTVWXYZ01234U"})
        CHECK(packed(text).empty());
}

TEST_CASE("bytes of another length, or with bits to spare, are no id") {
    for (std::size_t size = 0; size < 40; ++size)
        CHECK(unpacked(std::string(size, '\0')).size() == (size == 16 ? 36u : size == 17 ? 26u : 0u));
    std::string bytes = packed(ulid);
    bytes[15] = '\x04';
    CHECK(unpacked(bytes).empty());
}

TEST_CASE("every unpacked id is valid as any id") {
    syncline_property("unpacked ids are valid", [](const std::string& noise) {
        for (const std::size_t size : {16u, 17u}) {
            const std::string bytes = (noise + std::string(17, '\0')).substr(0, size);
            const std::string text = unpacked(bytes);
            RC_ASSERT(size == 17 || !text.empty());
            if (text.empty()) continue;
            RC_ASSERT(local_id::is_valid(text));
            RC_ASSERT(server_id::is_valid(text));
            RC_ASSERT(packed(text) == bytes);
        }
    });
}
