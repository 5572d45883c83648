/// Unpacks answers that came with Content-Encoding: gzip, for `http_transport_options::unpack_gzip`; the only header that needs zlib.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <zlib.h>

namespace syncline {

/// The content of one or more gzip members (RFC 1952). Nothing where it is cut or damaged, or longer than `bytes_max`: no more than
/// that is ever held, however little the packed form is.
[[nodiscard]] inline std::optional<std::string> unpack_gzip(std::string_view packed, std::size_t bytes_max) {
    z_stream stream{};
    constexpr int largest_window = 15, gzip_only = 16;
    if (inflateInit2(&stream, largest_window + gzip_only) != Z_OK) return std::nullopt;
    struct ending {
        z_stream& stream;
        ~ending() { inflateEnd(&stream); }
    } const end{stream};

    std::string content;
    std::array<unsigned char, 16'384> piece;
    // The library's interface is not const, but it only reads its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    std::size_t unread = packed.size();
    for (;;) {
        if (stream.avail_in == 0) {
            stream.avail_in = static_cast<uInt>(std::min<std::size_t>(unread, std::numeric_limits<uInt>::max()));
            unread -= stream.avail_in;
        }
        stream.next_out = piece.data();
        stream.avail_out = static_cast<uInt>(piece.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END) return std::nullopt;
        const std::size_t made = piece.size() - stream.avail_out;
        if (made > bytes_max - content.size()) return std::nullopt;
        content.append(reinterpret_cast<const char*>(piece.data()), made);
        if (status != Z_STREAM_END) continue;
        if (stream.avail_in == 0 && unread == 0) return content;
        if (inflateReset(&stream) != Z_OK) return std::nullopt;
    }
}

}  // namespace syncline
