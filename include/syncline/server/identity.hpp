/// What tells one server's database from every other, and one history of it from another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/base/random.hpp>
#include <syncline/base/siphash.hpp>
#include <syncline/server/id_source.hpp>
#include <syncline/wire/hexadecimal.hpp>

namespace syncline {

/// Kept with the rows, and copied with them: a database that was put back from a copy is the same server.
struct server_identity {
    std::string id;
    siphash_key secret{};  ///< keys the check of every cursor, so that only the server itself can make one

    friend bool operator==(const server_identity&, const server_identity&) = default;
};

/// Drawn at random for each version that is handed out, so that a database which was put back from a copy does not hand the same
/// version out again.
using version_nonce = std::uint32_t;

namespace detail {
/// A number that says nothing about the secret it is made of.
[[nodiscard]] inline std::uint64_t derive(const server_identity& identity, std::string_view purpose, std::uint64_t more = 0) {
    char digits[16];
    wire::write_hexadecimal(digits, more);
    return siphash(identity.secret, std::string(purpose).append(digits, sizeof digits));
}
}  // namespace detail

/// The identity of a new server. The id shows nothing of the secret.
[[nodiscard]] inline server_identity draw_identity(random_source& random) {
    server_identity drawn;
    for (std::size_t i = 0; i < drawn.secret.size(); i += 8)
        for (std::uint64_t word = random.next(), k = 0; k < 8; ++k, word >>= 8) drawn.secret[i + k] = static_cast<unsigned char>(word);
    drawn.id.resize(16);
    wire::write_hexadecimal(drawn.id.data(), detail::derive(drawn, "identity"));
    return drawn;
}

/// Draws nonces, which are in every cursor and lead back neither to the secret nor to `random`.
class nonce_source {
public:
    static constexpr bool is_thread_safe = true;

    nonce_source(const server_identity& identity, random_source& random)
        : random_(random_source(detail::derive(identity, "nonces", random.next()))) {}

    [[nodiscard]] version_nonce next() { return static_cast<version_nonce>(random_.branch().next() >> 32); }

private:
    shared_random random_;
};

}  // namespace syncline
