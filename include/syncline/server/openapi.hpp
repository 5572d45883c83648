/// The description of a server's endpoints, made from its schema: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/schema/schema_view.hpp>
#include <syncline/wire/json/sink.hpp>

namespace syncline {

namespace detail::openapi {

using member = std::pair<std::string, std::string>;

[[nodiscard]] inline std::string text(std::string_view value) {
    std::string json;
    wire::json::sink out(json);
    out.text(value).finish();
    return json;
}

/// An object of members whose values are JSON already; members without a value are left out.
[[nodiscard]] inline std::string object(const std::vector<member>& members) {
    std::string json = "{";
    for (const auto& [name, value] : members)
        if (!value.empty()) json += (json.size() == 1 ? "" : ",") + text(name) + ":" + value;
    return json + "}";
}

[[nodiscard]] inline std::string list(const std::vector<std::string>& values) {
    std::string json = "[";
    for (const std::string& value : values) json += (json.size() == 1 ? "" : ",") + value;
    return json + "]";
}

[[nodiscard]] inline std::string schema_reference(std::string_view name) {
    return object({{"$ref", text("#/components/schemas/" + std::string(name))}});
}

[[nodiscard]] inline std::string of_type(std::string_view type, std::string_view description = {}) {
    return object({{"type", text(type)}, {"description", description.empty() ? std::string() : text(description)}});
}

[[nodiscard]] inline std::string content(std::string_view type, std::string schema) {
    return object({{std::string(type), object({{"schema", std::move(schema)}})}});
}

[[nodiscard]] inline std::string answer(std::string_view description, std::string of_content = {}) {
    return object({{"description", text(description)}, {"content", std::move(of_content)}});
}

/// Answers of an endpoint: the ones named, and a refusal for every other status.
[[nodiscard]] inline std::string answers(std::vector<member> named) {
    named.emplace_back("default", object({{"$ref", text("#/components/responses/refused")}}));
    return object(named);
}

[[nodiscard]] inline std::string parameter(std::string_view name, std::string_view where, std::string_view type, std::string_view description) {
    return object({{"name", text(name)}, {"in", text(where)}, {"required", where == "path" ? "true" : ""},
                   {"schema", of_type(type)}, {"description", text(description)}});
}

/// What both encodings carry; only JSON is described.
[[nodiscard]] inline std::string message(std::string_view schema) {
    return object({{"application/json", object({{"schema", schema_reference(schema)}})}, {"application/cbor", "{}"}});
}

/// The JSON Schema of a column's values.
[[nodiscard]] inline std::string schema_of(const column_view& column, bool from_client) {
    std::vector<member> members;
    std::string_view type = "string";
    switch (column.kind) {
        case column_kind::boolean: type = "boolean"; break;
        case column_kind::integer:
            type = "integer";
            members = {{"minimum", std::to_string(column.least)}, {"maximum", std::to_string(column.greatest)}};
            break;
        case column_kind::real: type = "number"; break;
        case column_kind::text: break;
        case column_kind::bytes: members = {{"contentEncoding", text("base64")}}; break;
        case column_kind::timestamp:
            type = "integer";
            members = {{"description", text("Microseconds since the Unix epoch.")}};
            break;
        case column_kind::set: members = {{"description", text("A set: each element, in ascending order, as length:text,")}}; break;
        case column_kind::key: {
            std::vector<std::string> forms{of_type("string", "Server id.")};
            if (from_client) forms.push_back(schema_reference("sync.local_reference"));
            if (column.nullable) forms.push_back(of_type("null"));
            return object({{"anyOf", list(forms)}});
        }
    }
    members.emplace_back("type", column.nullable ? list({text(type), text("null")}) : text(type));
    return object(members);
}

[[nodiscard]] inline std::string name_of(const row_member::name_list& names, row_member::place which) {
    return std::string(names[static_cast<std::size_t>(which)]);
}

/// Members of every row beside its fields.
[[nodiscard]] inline std::vector<member> row_members(const row_member::name_list& names) {
    return {{name_of(names, row_member::id), of_type("string", "Server id.")},
            {name_of(names, row_member::local), of_type("string", "The row's name on every device.")},
            {name_of(names, row_member::version), of_type("string", "Generation and number of the row's last change, as 1.42.")},
            {name_of(names, row_member::updated_at), of_type("integer", "Milliseconds since the Unix epoch.")},
            {name_of(names, row_member::incarnation), of_type("integer", "Which life of the row.")}};
}

/// What is answered when a row was changed.
[[nodiscard]] inline std::string row_name_schema(const row_member::name_list& names) {
    return object({{"type", text("object")}, {"properties", object(row_members(names))}});
}

/// The name of that schema: most entities share one.
[[nodiscard]] inline std::string row_name_of(const table_view& table) {
    return table.has_plain_members ? "sync.row_name" : std::string(table.entity) + ".name";
}

[[nodiscard]] inline std::string row_schema(const table_view& table) {
    std::vector<member> members = row_members(table.members);
    members.emplace_back(name_of(table.members, row_member::is_deleted), of_type("boolean"));
    for (const column_view& column : table.columns) members.emplace_back(std::string(column.name), schema_of(column, false));
    return object({{"type", text("object")}, {"properties", object(members)}, {"required", list({text(table.name_of(row_member::id)), text(table.name_of(row_member::local)), text(table.name_of(row_member::version))})}});
}

/// The body of a create, or of an update, which may have any of the fields.
[[nodiscard]] inline std::string body_schema(const table_view& table, bool creates) {
    std::vector<member> members{{name_of(table.members, row_member::local), of_type("string", "Made up where a new row has none.")}};
    std::vector<std::string> required;
    for (const column_view& column : table.columns) {
        members.emplace_back(std::string(column.name), schema_of(column, true));
        if (creates && !column.nullable) required.push_back(text(column.name));
    }
    return object({{"type", text("object")}, {"properties", object(members)}, {"additionalProperties", "false"},
                   {"required", required.empty() ? std::string() : list(required)}});
}

[[nodiscard]] inline std::string body(const std::string& schema) {
    return object({{"required", "true"}, {"content", content("application/json", schema_reference(schema))}});
}

[[nodiscard]] inline std::string row_path(const table_view& table) {
    const std::string entity(table.entity);
    const std::string name = content("application/json", schema_reference(row_name_of(table)));
    const std::string key = parameter("Idempotency-Key", "header", "string", "Makes repeats of this request change nothing.");
    return object({{"post", object({{"operationId", text("create_" + entity)},
                                    {"summary", text(table.create_policy == create_conflict_policy::refuse
                                                         ? "Creates a row; refused if another row has this local id."
                                                         : "Creates a row, or replaces the fields of the row with this local id.")},
                                    {"parameters", list({key})},
                                    {"requestBody", body(entity + ".new")},
                                    {"responses", answers({{"201", answer("Created.", name)}, {"200", answer("The row was there.", name)}})}})}});
}

[[nodiscard]] inline std::string one_row_path(const table_view& table) {
    const std::string entity(table.entity);
    const std::string conditions = list({parameter("Idempotency-Key", "header", "string", "Makes repeats of this request change nothing."),
                                         parameter("If-Match", "header", "string", "The version the row must have, in quotes.")});
    const std::string row = content("application/json", schema_reference(entity));
    const std::string name = content("application/json", schema_reference(row_name_of(table)));
    return object({{"parameters", list({parameter("id", "path", "string", "Server id.")})},
                   {"get", object({{"operationId", text("read_" + entity)}, {"responses", answers({{"200", answer("The row.", row)}})}})},
                   {"put", object({{"operationId", text("update_" + entity)},
                                   {"summary", text("Changes the fields that are named.")},
                                   {"parameters", conditions},
                                   {"requestBody", body(entity + ".changed")},
                                   {"responses", answers({{"200", answer("Changed.", name)}})}})},
                   {"delete", object({{"operationId", text("remove_" + entity)},
                                      {"summary", text("Removes the row with what it owns.")},
                                      {"parameters", conditions},
                                      {"responses", answers({{"204", answer("Removed.")}})}})}});
}

[[nodiscard]] inline std::vector<member> sync_paths() {
    const std::string since = parameter("since", "query", "string", "A cursor; without it, everything.");
    const std::string device = parameter("device", "query", "string", "The device that asks.");
    const std::string acknowledged = parameter("acknowledged", "query", "integer", "The device has settled every operation up to this one.");
    const std::string news = object({{"type", text("object")}, {"properties", object({{"news", of_type("boolean")}})}, {"required", list({text("news")})}});
    return {
        {"/api/sync/push", object({{"post", object({{"operationId", text("push")},
                                                    {"summary", text("Applies the operations of a device, each exactly once.")},
                                                    {"requestBody", object({{"required", "true"}, {"content", message("sync.push")}})},
                                                    {"responses", answers({{"200", answer("A verdict for each operation.", message("sync.push_answer"))}})}})}})},
        {"/api/sync", object({{"get", object({{"operationId", text("pull")},
                                              {"summary", text("The rows that changed since a cursor, page by page.")},
                                              {"parameters", list({since, device, acknowledged, parameter("limit", "query", "integer", "Rows of the page.")})},
                                              {"responses", answers({{"200", answer("Rows by table, and the cursor behind them.", message("sync.page"))}})}})}})},
        {"/api/sync/wait", object({{"get", object({{"operationId", text("wait")},
                                                   {"summary", text("Answers when there is more than the cursor has.")},
                                                   {"parameters", list({since, device, parameter("timeout", "query", "integer", "Seconds to wait."),
                                                                        parameter("heartbeat", "query", "integer", "Seconds between comments of a stream.")})},
                                                   {"responses", answers({{"200", answer("Whether there is news; a stream of events for who accepts one.",
                                                                                         object({{"application/json", object({{"schema", news}})},
                                                                                                 {"text/event-stream", object({{"schema", of_type("string")}})}}))}})}})}})},
        {"/api/openapi.json", object({{"get", object({{"operationId", text("describe")},
                                                      {"responses", answers({{"200", answer("This document.", content("application/json", of_type("object")))}})}})}})},
        {"/healthz", object({{"get", object({{"operationId", text("health")}, {"security", "[]"},
                                             {"responses", answers({{"200", answer("Server and database work.")}})}})}})},
        {"/metrics", object({{"get", object({{"operationId", text("metrics")},
                                             {"responses", answers({{"200", answer("Counts of requests, as Prometheus reads them.", content("text/plain", of_type("string")))}})}})}})}};
}

/// The messages of push and pull, and what all entities share.
[[nodiscard]] inline std::vector<member> shared_schemas() {
    const std::string operation = object({{"type", text("object")},
                                          {"properties", object({{"seq", of_type("integer", "The device's number of the operation, from 1.")},
                                                                 {"op", object({{"enum", list({text("create"), text("update"), text("remove"), text("void")})}})},
                                                                 {"entity", of_type("string")}, {"localId", of_type("string")}, {"id", of_type("string")},
                                                                 {"digest", of_type("string")}, {"incarnation", of_type("integer")}, {"baseVersion", of_type("string")},
                                                                 {"group", of_type("integer")}, {"fields", of_type("object")}, {"before", of_type("object")},
                                                                 {"edited", of_type("object", "Of a create: the values as made of fields that were edited since.")}})},
                                          {"required", list({text("seq"), text("op"), text("entity"), text("localId")})}});
    const std::string result = object({{"type", text("object")},
                                       {"properties", object({{"seq", of_type("integer")}, {"digest", of_type("string")},
                                                              {"verdict", object({{"enum", list({text("applied"), text("merged"), text("gone"), text("waits"),
                                                                                                 text("rejected"), text("settled"), text("void")})}})},
                                                              {"localId", of_type("string")}, {"id", of_type("string")}, {"version", of_type("string")},
                                                              {"updatedAt", of_type("integer")}, {"row", of_type("object")}, {"error", of_type("object")},
                                                              {"kept", object({{"type", text("array")}, {"items", of_type("string")}})}})},
                                       {"required", list({text("seq"), text("verdict")})}});
    return {
        {"sync.error", object({{"type", text("object")},
                          {"properties", object({{"error", object({{"type", text("object")},
                                                                   {"properties", object({{"code", of_type("string")}, {"message", of_type("string")}, {"entity", of_type("string")},
                                                                                          {"localId", of_type("string")}, {"field", of_type("string")}})},
                                                                   {"required", list({text("code"), text("message")})}})}})},
                          {"required", list({text("error")})}})},
        {"sync.local_reference", object({{"type", text("object")}, {"properties", object({{"localId", of_type("string")}})},
                                    {"required", list({text("localId")})}, {"additionalProperties", "false"}})},
        {"sync.row_name", row_name_schema(row_member::names)},
        {"sync.push", object({{"type", text("object")},
                         {"properties", object({{"protocol", of_type("integer")}, {"schema", of_type("string")}, {"owner", of_type("string")},
                                                {"device", of_type("string")}, {"acknowledged", of_type("integer")}, {"cursor", of_type("string")},
                                                {"atomic", of_type("boolean")}, {"operations", object({{"type", text("array")}, {"items", operation}})}})},
                         {"required", list({text("device"), text("operations")})}})},
        {"sync.push_answer", object({{"type", text("object")},
                                {"properties", object({{"results", object({{"type", text("array")}, {"items", result}})}, {"version", of_type("string")},
                                                       {"owner", of_type("string", "Whose rows these are, if the request did not say.")}})}})},
        {"sync.page", object({{"type", text("object")},
                         {"properties", object({{"changes", object({{"type", text("object")},
                                                                    {"additionalProperties", object({{"type", text("array")}, {"items", of_type("object")}})}})},
                                                {"lastSync", of_type("string", "The next cursor.")}, {"more", of_type("boolean")},
                                                {"includes", of_type("object")}, {"snapshot", of_type("boolean")},
                                                {"owner", of_type("string", "Whose rows these are, if the request did not say.")}})}})}};
}

}  // namespace detail::openapi

/// The document, as JSON.
[[nodiscard]] inline std::string openapi_document(const schema_view& schema) {
    using namespace detail::openapi;
    std::vector<member> paths = sync_paths();
    std::vector<member> schemas = shared_schemas();
    for (const table_view& table : schema.tables) {
        const std::string rows = "/api/" + std::string(table.route);
        const std::string entity(table.entity);
        paths.emplace_back(rows, row_path(table));
        paths.emplace_back(rows + "/{id}", one_row_path(table));
        schemas.emplace_back(entity, row_schema(table));
        schemas.emplace_back(entity + ".new", body_schema(table, true));
        schemas.emplace_back(entity + ".changed", body_schema(table, false));
        if (!table.has_plain_members) schemas.emplace_back(row_name_of(table), row_name_schema(table.members));
    }
    const std::string refused = answer("The request was refused; the body says why.", content("application/json", schema_reference("sync.error")));
    return object({{"openapi", text("3.1.0")},
                   {"info", object({{"title", text("syncline")}, {"version", text("1")},
                                    {"description", text("Sync, and single rows, of the owner whom the token stands for.")}})},
                   {"servers", list({object({{"url", text("/")}})})},
                   {"security", list({object({{"bearer", "[]"}})})},
                   {"paths", object(paths)},
                   {"components", object({{"securitySchemes", object({{"bearer", object({{"type", text("http")}, {"scheme", text("bearer")}})}})},
                                          {"responses", object({{"refused", refused}})},
                                          {"schemas", object(schemas)}})}});
}

}  // namespace syncline
