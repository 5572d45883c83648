/// Prints what happens in a simulated world: requests in one line, and what changed on a device row by row.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <syncline/testing/oracle.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/http.hpp>
#include <syncline/wire/read_push.hpp>

namespace syncline::testing {

[[nodiscard]] inline bool read_sent(const schema_view& schema, const wire::http_request& request, wire::push_request& out) {
    const std::optional<wire::encoding> form = wire::encoding_of(request.content_type);
    return form && !wire::read_push(request.body, schema, limits{}, out, *form);
}

[[nodiscard]] inline std::string joined(const std::vector<std::string>& fields) {
    std::string text;
    for (const std::string& field : fields) text += " " + field.substr(0, 24);
    return text;
}

/// What changed, row by row.
[[nodiscard]] inline std::string difference(const schema_view& schema, const seen_rows& before, const seen_rows& after) {
    std::string text;
    for (const auto& [name, row] : before)
        if (!after.contains(name)) text += " -" + text_of(schema, name);
    for (const auto& [name, row] : after) {
        const auto former = before.find(name);
        if (former == before.end()) {
            text += " +" + text_of(schema, name) + "(" + joined(row.fields) + " )";
            continue;
        }
        for (std::size_t i = 0; i < row.fields.size(); ++i)
            if (former->second.fields[i] != row.fields[i]) text += " " + text_of(schema, name, i) + "=" + row.fields[i].substr(0, 24);
    }
    return text;
}

/// A request in one line: what a push carries, or where a pull begins.
[[nodiscard]] inline std::string summary(const schema_view& schema, const wire::http_request& request) {
    if (request.method == "GET") {
        const std::size_t since = request.target.find("since=");
        return since == std::string::npos ? "pulls from the start" : "pulls " + request.target.substr(since, 28);
    }
    wire::push_request push;
    if (!read_sent(schema, request, push)) return "sends what cannot be read";
    std::string text = "pushes (settled " + std::to_string(push.acknowledged) + ")";
    for (const wire::sent_operation& sent : push.operations)
        text += " " + std::to_string(sent.op.seq) + ":" + std::string(name_of(sent.op.kind)) + " " +
                (sent.op.table < 0 ? std::string("?") : text_of(schema, {sent.op.table, sent.op.id}));
    return text;
}

}  // namespace syncline::testing
