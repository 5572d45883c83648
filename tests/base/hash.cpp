#include <syncline/base/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include <support/catch.hpp>

using namespace syncline;

TEST_CASE("the hash of a text of any length is what stores and servers have kept of it") {
    constexpr std::uint64_t kept[] = {0x80C60C4740920AADu, 0xE8F7F7B03B27990Bu, 0xCAD2BABA01624E3Fu, 0x3DAA3202435163D4u,
                                      0x366EEA05CD7CB41Au, 0x5B6ECA0629C66FB1u, 0x7DAC8F7C2411136Cu, 0x7AF1EBAD3654E926u,
                                      0xF319156BBE5C2BD9u, 0xB329EA78B6F7362Fu, 0xF4915BB5D6B87163u, 0x567D1B3BE25866D6u,
                                      0xE66CA9BBE63F11E1u, 0x610A9D363E880479u, 0x24C250E424975E4Bu, 0x08F2A0EFD2CB7061u,
                                      0x92F0BA77CDA66F92u, 0x46B8526D75CDFB7Cu};
    std::string text;
    for (std::size_t size = 0; size < std::size(kept); ++size) {
        CHECK(hasher().add(text).finish() == kept[size]);
        text += static_cast<char>(size);
    }
}

static_assert(hasher().add("").finish() == 0x80C60C4740920AADu);
