/// The verdicts of one push as one run of bytes: how backends keep them, because they are written together and rarely read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/base/errors.hpp>
#include <syncline/model/image.hpp>
#include <syncline/server/device_record.hpp>

namespace syncline::backend_parts {

/// Number of the form of a record's bytes. A backend that keeps records writes it down beside them, and refuses to read another.
inline constexpr int verdict_record_format = 2;

struct verdict_record {
    sequence first = 0;
    sequence last = 0;
    std::string bytes;       ///< empty where there are no verdicts
    bool has_texts = false;  ///< a verdict of it has more than a settled one needs
};

namespace detail {
inline char* write_number(char* at, std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    return at;
}

inline void append_text(std::string& out, std::string_view text) {
    syncline::detail::append_number(out, text.size());
    out += text;
}
}  // namespace detail

/// Packs verdicts, those of sequences up to `floor` without what nobody asks for again.
[[nodiscard]] inline verdict_record pack_verdicts(std::span<const stored_verdict> verdicts, sequence floor) {
    using detail::write_number;
    verdict_record record;
    record.bytes.reserve(verdicts.size() * 64);
    for (const stored_verdict& one : verdicts) {
        record.first = record.first == 0 ? one.seq : std::min(record.first, one.seq);
        record.last = std::max(record.last, one.seq);
        char fixed[7 * 10 + 8 + 1 + local_id::capacity + 3];
        char* at = write_number(fixed, static_cast<std::uint64_t>(one.seq));
        // The lowest byte first on every machine, so that files can be moved between them.
        for (unsigned byte = 0; byte < 8; ++byte) at[byte] = static_cast<char>(one.digest >> (8 * byte));
        at[8] = static_cast<char>(one.outcome);
        at = write_number(at + 9, static_cast<std::uint64_t>(one.table + 1));
        at = write_number(at, one.local.size());
        std::memcpy(at, one.local.view().data(), one.local.size());
        at = write_number(at + one.local.size(), static_cast<std::uint64_t>(one.incarnation));
        const bool open = one.seq > floor;
        at = write_number(at, open ? one.refused : 0);
        at = write_number(at, open ? one.overwritten : 0);
        at = write_number(at, open ? one.kept : 0);
        const bool has_texts = open && (one.reason != error_code::none || !one.reason_text.empty() || !one.lost.empty());
        if (!has_texts) at = std::fill_n(at, 3, '\0');
        record.bytes.append(fixed, static_cast<std::size_t>(at - fixed));
        if (!has_texts) continue;
        record.has_texts = true;
        detail::append_text(record.bytes, one.reason == error_code::none ? std::string_view() : name_of(one.reason));
        detail::append_text(record.bytes, one.reason_text);
        detail::append_text(record.bytes, one.lost);
    }
    return record;
}

/// Tells of the verdicts; they point into `in`. Throws store_error when the bytes are none that pack_verdicts made.
template <class Tell>
void unpack_verdicts(std::string_view in, Tell&& tell) {
    using syncline::detail::take_bytes;
    using syncline::detail::take_number;
    const auto take_text = [&] {
        const std::uint64_t size = take_number(in);
        return take_bytes(in, static_cast<std::size_t>(size));
    };
    while (!in.empty()) {
        stored_verdict one;
        one.seq = static_cast<sequence>(take_number(in));
        const std::string_view digest = take_bytes(in, 8);
        for (std::size_t byte = 8; byte-- > 0;) one.digest = one.digest << 8 | static_cast<unsigned char>(digest[byte]);
        one.outcome = static_cast<wire::verdict>(take_bytes(in, 1).front());
        one.table = static_cast<int>(take_number(in)) - 1;
        one.local = local_id::trusted(take_text());
        one.incarnation = static_cast<incarnation_number>(take_number(in));
        one.refused = take_number(in);
        one.overwritten = take_number(in);
        one.kept = take_number(in);
        if (const std::string_view reason = take_text(); !reason.empty()) one.reason = error_code_named(reason);
        one.reason_text = take_text();
        one.lost = take_text();
        if (one.outcome > wire::verdict::closed) throw store_error("a stored verdict is of an unknown kind");
        tell(std::as_const(one));
    }
}

/// The same record after the device has settled everything up to `floor`.
[[nodiscard]] inline verdict_record settle_record(std::string_view bytes, sequence floor) {
    std::vector<stored_verdict> verdicts;
    unpack_verdicts(bytes, [&](const stored_verdict& one) { verdicts.push_back(one); });
    return pack_verdicts(verdicts, floor);
}

/// Tells of the verdicts for `sequences`, which are in ascending order.
template <class Tell>
void find_in_record(std::string_view bytes, std::span<const sequence> sequences, Tell&& tell) {
    unpack_verdicts(bytes, [&](const stored_verdict& one) {
        if (std::ranges::binary_search(sequences, one.seq)) tell(one);
    });
}

}  // namespace syncline::backend_parts
