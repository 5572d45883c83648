/// A REST backend in memory that knows nothing of syncline: its own names, ids and clock, rows by token, faults on demand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <syncline/transports/http_client.hpp>
#include <syncline/wire/moment.hpp>
#include <workout/schema.hpp>

namespace syncline::tests {

/// How the backend differs from the next one.
struct backend_habits {
    bool keeps_local_ids = true;   ///< in the member client_id; a POST with one that is there is an update
    bool keeps_tombstones = false; ///< DELETE sets deleted_at, and rows stay in answers
    bool has_moments = true;       ///< updated_at
    bool echoes_rows = true;       ///< answers to POST and PUT hold the row; else only its id
};

class fake_backend {
public:
    using json = nlohmann::json;
    struct kind {
        std::string name;
        std::map<std::string, std::string> keys;  ///< foreign key by table pointed at
        std::vector<std::string> fields;
    };

    explicit fake_backend(backend_habits habits = {}) : habits_(habits) {
        tables_ = {{"exercises", {}, {"name", "muscles", "notes"}},
                   {"templates", {}, {"name"}},
                   {"template_exercises", {{"template_id", "templates"}, {"exercise_id", "exercises"}}, {"position", "target_sets"}},
                   {"workouts", {{"template_id", "templates"}}, {"name", "started_at", "notes"}},
                   {"workout_exercises", {{"workout_id", "workouts"}, {"exercise_id", "exercises"}}, {"position"}},
                   {"workout_sets", {{"workout_exercise_id", "workout_exercises"}}, {"position", "reps", "weight_kg", "rpe", "notes"}}};
    }

    std::int64_t now_ms = 1'700'000'000'000;  ///< the backend's clock; it stands still unless a test moves it
    std::vector<std::string> calls;           ///< "METHOD target", in order
    std::size_t rows_sent = 0;
    /// Asked before each call is carried out, then after it: what comes from it is the result instead.
    std::function<std::optional<http_result>(const http_call&, bool done)> fault;

    http_result send(const http_call& call) {
        calls.push_back(call.method + " " + call.target);
        if (fault)
            if (auto result = fault(call, false)) return *result;
        http_reply reply = handle(call);
        if (fault)
            if (auto result = fault(call, true)) return *result;
        return reply;
    }

    /// Rows of an owner's table, without the removed ones.
    [[nodiscard]] std::vector<json> rows(const std::string& owner, const std::string& table) {
        std::vector<json> live;
        for (const json& row : data_[owner][table])
            if (!is_removed(row)) live.push_back(row);
        return live;
    }
    /// A row as a program without syncline writes it; returns its id.
    std::int64_t insert(const std::string& owner, const std::string& table, json row) {
        row["id"] = ++last_id_;
        row["client_id"] = row.value("client_id", json());
        touch(row);
        data_[owner][table].push_back(row);
        return last_id_;
    }
    void change(const std::string& owner, const std::string& table, std::int64_t id, const json& fields) {
        json* const row = find(owner, table, id);
        row->update(fields);
        touch(*row);
    }
    void erase(const std::string& owner, const std::string& table, std::int64_t id) {
        if (habits_.keeps_tombstones) {
            json* const row = find(owner, table, id);
            (*row)["deleted_at"] = wire::write_iso8601(now_ms * 1'000);
            touch(*row);
        } else {
            std::erase_if(data_[owner][table], [&](const json& row) { return row["id"] == id; });
        }
    }
    void wipe(const std::string& owner, const std::string& table) { data_[owner][table].clear(); }
    [[nodiscard]] std::string dump(const std::string& owner) { return json(data_[owner]).dump(1); }

    /// Calls since the last time, of one method or all.
    std::vector<std::string> take_calls(std::string_view method = {}) {
        std::vector<std::string> taken;
        for (const std::string& call : calls)
            if (call.starts_with(method)) taken.push_back(call);
        calls.clear();
        return taken;
    }

private:
    [[nodiscard]] static bool is_removed(const json& row) { return row.contains("deleted_at") && !row["deleted_at"].is_null(); }

    void touch(json& row) const {
        if (habits_.has_moments) row["updated_at"] = wire::write_iso8601(now_ms * 1'000);
    }

    json* find(const std::string& owner, const std::string& table, std::int64_t id) {
        for (json& row : data_[owner][table])
            if (row["id"] == id) return &row;
        return nullptr;
    }

    static http_reply answer(int status, const json& body) { return {status, {{"Content-Type", "application/json"}}, body.dump()}; }
    static http_reply refusal(int status, const char* text) { return answer(status, {{"message", text}}); }

    http_reply handle(const http_call& call) {
        constexpr std::string_view prefix = "Bearer token of ";
        const auto token = find_header(call.headers, "Authorization");
        if (!token || !token->starts_with(prefix)) return refusal(401, "who are you");
        const std::string owner(token->substr(prefix.size()));
        const std::string path = call.target.substr(0, call.target.find('?'));
        if (path == "/v1/changes") return feed(owner, call.target);
        for (const kind& one : tables_) {
            const std::string route = "/v1/" + one.name;
            if (path == route) return call.method == "POST" ? create(owner, one, json::parse(call.body)) : list(owner, one, call.target);
            if (!path.starts_with(route + "/")) continue;
            json* const row = find(owner, one.name, std::stoll(path.substr(route.size() + 1)));
            if (row == nullptr || is_removed(*row)) return refusal(404, "no such row");
            if (call.method == "PUT") return update(owner, one, *row, json::parse(call.body));
            if (call.method == "DELETE") return remove(owner, one, (*row)["id"].get<std::int64_t>());
            return answer(200, *row);
        }
        return refusal(404, "no such route");
    }

    /// The moment behind `since=` in milliseconds, 0 without one.
    static std::int64_t since_of(const std::string& target) {
        const std::size_t at = target.find("since=");
        if (at == std::string::npos) return 0;
        std::string text = target.substr(at + 6, target.find('&', at) - at - 6);
        for (std::size_t i; (i = text.find("%3A")) != std::string::npos;) text.replace(i, 3, ":");
        return wire::parse_iso8601(text).value() / 1'000;
    }

    [[nodiscard]] std::vector<json> changed(const std::string& owner, const std::string& table, std::int64_t since) {
        std::vector<json> found;
        for (const json& row : data_[owner][table])
            if (since == 0 || wire::parse_iso8601(row["updated_at"].get<std::string>()).value() / 1'000 >= since) found.push_back(row);
        rows_sent += found.size();
        return found;
    }

    /// A number behind `name=`, or `otherwise`.
    static std::size_t number_of(const std::string& target, const std::string& name, std::size_t otherwise) {
        const std::size_t at = std::min(target.find("?" + name + "="), target.find("&" + name + "="));
        return at == std::string::npos ? otherwise : std::stoull(target.substr(at + name.size() + 2));
    }

    http_reply list(const std::string& owner, const kind& one, const std::string& target) {
        std::vector<json> found = changed(owner, one.name, since_of(target));
        if (const std::size_t at = target.find("name="); at != std::string::npos)
            std::erase_if(found, [&](const json& row) { return row["name"] != target.substr(at + 5); });
        if (const std::size_t at = target.find("client_id="); at != std::string::npos)
            std::erase_if(found, [&](const json& row) { return row["client_id"] != target.substr(at + 10); });
        const std::size_t size = number_of(target, "per_page", 1'000'000);
        const std::size_t from = std::min(found.size(), (number_of(target, "page", 1) - 1) * size);
        const auto begin = found.begin() + static_cast<std::ptrdiff_t>(from);
        const std::vector<json> part(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, found.size() - from)));
        return answer(200, {{"total", found.size()}, {"data", part}});
    }

    http_reply feed(const std::string& owner, const std::string& target) {
        json changes = json::object();
        for (const kind& one : tables_) changes[one.name] = changed(owner, one.name, since_of(target));
        return answer(200, {{"changes", changes}, {"server_time", now_ms}});
    }

    http_reply written(int status, const json& row) { return answer(status, habits_.echoes_rows ? row : json{{"id", row["id"]}}); }

    /// Why the fields cannot be written, or nothing.
    std::optional<http_reply> check(const std::string& owner, const kind& one, const json& body) {
        for (const auto& [name, value] : body.items()) {
            const bool known = one.keys.contains(name) || name == "client_id" || std::find(one.fields.begin(), one.fields.end(), name) != one.fields.end();
            if (!known) return refusal(400, "unknown field");
            if (name == "name" && value == "forbidden name") return refusal(422, "this name is not allowed");
            if (!one.keys.contains(name) || value.is_null()) continue;
            const json* const target = value.is_number() ? find(owner, one.keys.at(name), value.get<std::int64_t>()) : nullptr;
            if (target == nullptr || is_removed(*target)) return refusal(422, "points at nothing");
        }
        return std::nullopt;
    }

    http_reply create(const std::string& owner, const kind& one, json body) {
        if (auto problem = check(owner, one, body)) return *problem;
        if (habits_.keeps_local_ids)
            for (json& row : data_[owner][one.name])
                if (row["client_id"] == body["client_id"] && !is_removed(row)) return update(owner, one, row, body);
        insert(owner, one.name, std::move(body));
        return written(201, data_[owner][one.name].back());
    }

    http_reply update(const std::string& owner, const kind& one, json& row, const json& body) {
        if (auto problem = check(owner, one, body)) return *problem;
        row.update(body);
        touch(row);
        return written(200, row);
    }

    http_reply remove(const std::string& owner, const kind& one, std::int64_t id) {
        for (const kind& other : tables_)
            for (const auto& [key, target] : other.keys)
                if (target == one.name)
                    for (const json& row : rows(owner, other.name))
                        if (row[key] == id) return refusal(409, "other rows need it");
        erase(owner, one.name, id);
        return {204, {}, {}};
    }

    backend_habits habits_;
    std::vector<kind> tables_;
    std::map<std::string, std::map<std::string, std::vector<json>>> data_;
    std::int64_t last_id_ = 100;
};

/// The mapping that speaks this backend's language.
[[nodiscard]] inline rest_mapping mapping_to(backend_habits habits) {
    rest_mapping mapping = rest_mapping_of<workout_tracker::schema>();
    mapping.use_snake_case();
    for (const table_view& table : mapping.schema().tables) mapping[table.name].route = "/v1/" + std::string(table.name);
    mapping.rows.local_id = habits.keeps_local_ids ? "client_id" : "";
    mapping.rows.version = "";
    mapping.rows.updated_at = habits.has_moments ? "updated_at" : "";
    mapping.rows.updated_at_form = moment_form::iso8601;
    mapping.rows.moments = moment_form::iso8601;
    mapping.rows.deleted = habits.keeps_tombstones ? "deleted_at" : "";
    mapping.rows.ids = id_form::number;
    return mapping;
}

/// Listings by entity: whole ones, or what changed since a moment.
[[nodiscard]] inline rest_mapping listings_of(backend_habits habits, bool since = false) {
    rest_mapping mapping = mapping_to(habits);
    rest_listings listings;
    listings.since = since ? "since" : "";
    listings.envelope = "data";
    mapping.pull = listings;
    return mapping;
}

/// The feed of all changes since a moment.
[[nodiscard]] inline rest_mapping feed_of(backend_habits habits) {
    rest_mapping mapping = mapping_to(habits);
    rest_feed feed;
    feed.path = "/v1/changes";
    feed.limit = "";
    feed.cursor = "";
    feed.more = "";
    mapping.pull = feed;
    return mapping;
}

}  // namespace syncline::tests
