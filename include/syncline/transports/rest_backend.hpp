/// A REST backend as this device sees it: how to call it, how its rows are named, and what the store knows of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/client/transport.hpp>
#include <syncline/transports/rest_caller.hpp>
#include <syncline/transports/rest_known.hpp>
#include <syncline/transports/rest_mapping.hpp>
#include <syncline/wire/json/rest_grammar.hpp>
#include <syncline/wire/json/rest_writer.hpp>
#include <syncline/wire/pull_target.hpp>

namespace syncline {

struct rest_options {
    limits bounds = {};
    /// The owner's token, asked for with each call and sent as `Authorization: Bearer`; empty: none is sent.
    std::function<std::string()> token = {};
    /// Whose token that is, for stores that are opened without an owner; another owner's store is then refused. The backend cannot say
    /// it, so without this such a store has to be claimed before its first sync.
    std::function<std::string()> owner = {};
    std::vector<http_header> headers = {};  ///< sent with each call
    /// Milliseconds before the newest moment seen that are read again, for rows that were committed late or by another clock.
    std::int64_t overlap_ms = 5'000;
    /// Operations of one exchange: together they must take less time than limits.lease_ms.
    std::size_t operations_per_exchange = 32;
};

template <http_client C>
class rest_backend {
public:
    rest_backend(store_port& rows, C& client, rest_mapping routes, rest_options with)
        : store(rows), mapping(std::move(routes)), options(std::move(with)), names(mapping.check()), known(rows),
          caller(client, options.bounds, options.token, options.headers, mapping.idempotency_header), proven_(names.size(), false) {
        if (mapping.schema().fingerprint != store.schema().fingerprint) throw std::invalid_argument("syncline: the mapping is of another schema than the store");
        if (options.overlap_ms < 0 || options.operations_per_exchange == 0) throw std::invalid_argument("syncline: an option of the REST transport is out of range");
    }
    rest_backend(const rest_backend&) = delete;
    rest_backend& operator=(const rest_backend&) = delete;

    store_port& store;
    const rest_mapping mapping;
    const rest_options options;
    const std::vector<wire::rest_table_names> names;
    rest_known known;
    rest_caller<C> caller;

    /// Whom the token stands for; empty if the application did not say.
    [[nodiscard]] std::string owner() const { return options.owner ? options.owner() : std::string(); }

    [[nodiscard]] std::string body_of(int table, const local_id& local, cells values, column_mask mask) const {
        return wire::json::write_rest_body(store.schema()[table], mapping.rows, names[static_cast<std::size_t>(table)], mapping.request_envelope, local,
                                           values, mask);
    }

    [[nodiscard]] error read(std::string_view body, const wire::rest_shape& shape, wire::rest_rows& out) const {
        return wire::json::read_rest(body, store.schema(), mapping.rows, names, shape, options.bounds, out);
    }

    /// Reads the answer to a create or update; its cells stay until the next one is read.
    [[nodiscard]] bool read_item(int table, std::string_view body, wire::rest_row& out) {
        wire::rest_shape shape;
        shape.table = table;
        shape.envelope = mapping.answer_envelope;
        if (read(body, shape, item_) || item_.rows.size() != 1) return false;
        out = item_.rows.front();
        return true;
    }

    /// The row's version as far as the backend tells one, else none. Versions and moments are never mixed. Between two moments there is room
    /// for states of a row that share the first.
    [[nodiscard]] row_version stamp_of(const wire::rest_row& row) const noexcept {
        if (!mapping.rows.version.empty()) return row.version;
        const std::int64_t moment = std::min(row.updated_at.value_or(0), std::numeric_limits<std::int64_t>::max() / states_of_moment);
        return moment <= 0 ? row_version() : row_version(first_generation, moment * states_of_moment);
    }

    /// True when the row is older than what is known under `version`.
    [[nodiscard]] bool is_stale(row_version stamp, row_version version) const noexcept {
        const std::int64_t states = mapping.rows.version.empty() ? states_of_moment : 1;
        if (stamp.generation() != version.generation()) return !stamp.is_none() && stamp < version;
        return stamp.number() / states < version.number() / states;
    }

    /// The id as part of a path.
    [[nodiscard]] static std::string segment(const server_id& id) { return encoded(id.view()); }
    [[nodiscard]] static std::string encoded(std::string_view text) {
        std::string out;
        wire::detail::append_percent_encoded(out, text);
        return out;
    }

    [[nodiscard]] const std::string& listing_of(int table) const {
        const rest_entity& entity = mapping[table];
        return entity.listing.empty() ? entity.route : entity.listing;
    }

    /// Server id of a row that a create may have left at the backend; nothing where it has none, or cannot be asked. Fills `stop` where
    /// the backend does not answer.
    [[nodiscard]] std::optional<server_id> look_up(const operation& op, const std::vector<cell>& values, std::optional<exchange_result>& stop) {
        const rest_entity& entity = mapping[op.table];
        if (entity.lookup.empty()) return std::nullopt;
        const table_view& table = store.schema()[op.table];
        const wire::rest_table_names& called = names[static_cast<std::size_t>(op.table)];
        column_mask compared = 0;
        std::string target = listing_of(op.table);
        char before = '?';
        for (const std::string& field : entity.lookup) {
            const int column = table.find_column(field);
            const auto at = static_cast<std::size_t>(std::max(column, 0));
            target += before + encoded(column < 0 ? called.names_of_rows(mapping.rows).local_id : called.columns[at]) + "=";
            target += encoded(column < 0 ? op.id.str() : plain(values[at]));
            if (column >= 0) compared |= only_column(at);
            before = '&';
        }
        const http_result sent = caller.call("GET", std::move(target));
        if (const auto* const failure = std::get_if<exchange_failure>(&sent)) {
            stop = *failure;
            return std::nullopt;
        }
        const auto& reply = std::get<http_reply>(sent);
        if (outcome_of(reply.status) != rest_outcome::done) {
            stop = refusal_of(reply);
            return std::nullopt;
        }
        if (const error problem = read(reply.body, list_of(op.table), found_)) {
            stop = rest_refusal(503, problem);
            return std::nullopt;
        }
        const bool by_local_id = std::find(entity.lookup.begin(), entity.lookup.end(), table.name_of(row_member::local)) != entity.lookup.end();
        std::optional<server_id> result;
        auto reading = store.begin_read();
        for (const wire::rest_row& row : found_.rows) {
            if (result || row.removed || (by_local_id && row.local != op.id) || (differing(values, row.values) & compared) != 0) continue;
            const local_id owner = store.local_of(op.table, row.id);
            if (owner.empty() || owner == op.id) result = row.id;
        }
        reading.commit();
        return result;
    }

    /// What a listing of one entity looks like.
    [[nodiscard]] wire::rest_shape list_of(int table) const {
        wire::rest_shape shape;
        shape.holds = wire::rest_shape::content::list;
        shape.table = table;
        if (const auto* const listings = std::get_if<rest_listings>(&mapping.pull)) shape.envelope = listings->envelope;
        return shape;
    }

    /// Asks for something harmless. Nothing when the backend answers as it should, else the answer for the session.
    [[nodiscard]] std::optional<exchange_result> control() {
        std::string target = listing_of(0);
        if (const auto* const feed = std::get_if<rest_feed>(&mapping.pull)) {
            target = feed->path;
            if (!feed->limit.empty()) target += "?" + feed->limit + "=1";
        } else if (const auto& listings = std::get<rest_listings>(mapping.pull); !listings.page.empty() && !listings.size.empty()) {
            target += "?" + listings.size + "=1";
        }
        const http_result sent = caller.call("GET", std::move(target));
        if (const auto* const failure = std::get_if<exchange_failure>(&sent)) return *failure;
        const auto& reply = std::get<http_reply>(sent);
        if (outcome_of(reply.status) == rest_outcome::done && wire::json::is_json(reply.body, options.bounds)) return std::nullopt;
        return refusal_of(reply);
    }

    /// For the session: a backend that fails is 503, so that it is asked again later and nothing is blamed on an operation.
    [[nodiscard]] exchange_result refusal_of(const http_reply& reply) const {
        const rest_outcome outcome = outcome_of(reply.status);
        const auto wait = rest_caller<C>::retry_after_ms(reply);
        switch (outcome) {
            case rest_outcome::unauthorized: return rest_refusal(401, caller.problem_of(reply, error_code::unauthorized, {}));
            case rest_outcome::forbidden: return rest_refusal(403, caller.problem_of(reply, error_code::unauthorized, {}));
            case rest_outcome::later: return rest_refusal(reply.status == 429 ? 429 : 503, caller.problem_of(reply, error_code::rate_limited, {}), wait);
            case rest_outcome::failed: return rest_refusal(503, caller.problem_of(reply, error_code::server_failed, {}), wait);
            case rest_outcome::done:
            case rest_outcome::unknown:
            case rest_outcome::refused:
            case rest_outcome::strange: break;
        }
        return rest_refusal(503, {error_code::bad_answer, "an answer of status " + std::to_string(reply.status) + " that was not expected", {}, {}, {}});
    }

    void prove(int table) { proven_[static_cast<std::size_t>(table)] = true; }

    /// True when the entity's route is known to exist, so that 404 is about a row.
    [[nodiscard]] bool is_proven(int table) {
        if (proven_[static_cast<std::size_t>(table)]) return true;
        const http_result sent = caller.call("GET", listing_of(table));
        const auto* const reply = std::get_if<http_reply>(&sent);
        constexpr int method_not_allowed = 405;
        if (reply != nullptr && (reply->status == method_not_allowed ||
                                 (outcome_of(reply->status) == rest_outcome::done && wire::json::is_json(reply->body, options.bounds))))
            prove(table);
        return proven_[static_cast<std::size_t>(table)];
    }

private:
    static constexpr std::int64_t states_of_moment = 1'024;

    [[nodiscard]] static std::string plain(const cell& value) {
        switch (value.kind()) {
            case cell_kind::null: return {};
            case cell_kind::boolean: return value.as_boolean() ? "true" : "false";
            case cell_kind::integer: return std::to_string(value.as_integer());
            case cell_kind::real: return std::to_string(value.as_real());
            default: return std::string(value.view());
        }
    }

    std::vector<bool> proven_;  ///< by table: the route has answered
    wire::rest_rows item_;
    wire::rest_rows found_;
};

}  // namespace syncline
