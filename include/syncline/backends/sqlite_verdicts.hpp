/// The verdicts of one push as one run of bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/model/image.hpp>
#include <syncline/server/backend.hpp>

namespace syncline::sqlite_backend_parts {

[[nodiscard]] inline std::string make_verdicts(std::span<const stored_verdict> verdicts) {
    using syncline::detail::append_number;
    std::string out;
    out.reserve(verdicts.size() * 56);
    for (const stored_verdict& one : verdicts) {
        char digest[8];
        std::memcpy(digest, &one.digest, 8);
        append_number(out, static_cast<std::uint64_t>(one.seq));
        out.append(digest, 8);
        out.push_back(static_cast<char>(one.outcome));
        append_number(out, static_cast<std::uint64_t>(one.table + 1));
        append_number(out, one.local.size());
        out += one.local.view();
        append_number(out, one.refused);
        append_number(out, one.overwritten);
        for (const std::string_view text : {one.reason == error_code::none ? std::string_view() : name_of(one.reason),
                                            std::string_view(one.reason_text), std::string_view(one.lost)}) {
            append_number(out, text.size());
            out += text;
        }
    }
    return out;
}

/// Appends the verdicts above `floor`. Throws store_error when the bytes are none that make_verdicts made.
inline void read_verdicts(std::string_view in, sequence floor, std::vector<stored_verdict>& out) {
    using syncline::detail::take_bytes;
    using syncline::detail::take_number;
    const auto take_text = [&] {
        const std::uint64_t size = take_number(in);
        return take_bytes(in, static_cast<std::size_t>(size));
    };
    while (!in.empty()) {
        stored_verdict one;
        one.seq = static_cast<sequence>(take_number(in));
        std::memcpy(&one.digest, take_bytes(in, 8).data(), 8);
        one.outcome = static_cast<wire::verdict>(take_bytes(in, 1).front());
        one.table = static_cast<int>(take_number(in)) - 1;
        one.local = local_id::trusted(take_text());
        one.refused = take_number(in);
        one.overwritten = take_number(in);
        if (const std::string_view reason = take_text(); !reason.empty()) one.reason = error_code_named(reason);
        one.reason_text = take_text();
        one.lost = take_text();
        if (one.outcome > wire::verdict::closed) throw store_error("a stored verdict is of an unknown kind");
        if (one.seq > floor) out.push_back(std::move(one));
    }
}

}  // namespace syncline::sqlite_backend_parts
