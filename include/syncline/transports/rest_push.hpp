/// A push as calls to a REST backend, one operation after the other, and what became of each as verdicts.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/transports/rest_backend.hpp>
#include <syncline/transports/rest_removal.hpp>
#include <syncline/transports/rest_verdicts.hpp>

namespace syncline {

template <http_client C>
class rest_push {
public:
    explicit rest_push(rest_backend<C>& backend) : backend_(backend), store_(backend.store), verdicts_(backend) {}

    /// Carries out as much as the backend takes. Operations that were not reached have no result and stay with the session.
    [[nodiscard]] exchange_result run(const wire::push_request& push, wire::encoding form) {
        if (push.atomic) return rest_refusal(400, {error_code::rejected, "a REST backend takes no batch as a whole", {}, {}, {}});
        // The session halves a batch that is too large; a long one would outlast its claim on the store.
        if (push.operations.size() > backend_.options.operations_per_exchange)
            return rest_refusal(413, {error_code::too_large, "too many operations for one exchange", {}, {}, {}});
        forget_settled(push.acknowledged);
        prepare(push);
        std::string body;
        wire::push_answer_writer writer(body, store_.schema(), form);
        verdicts_.begin(writer);
        device_ = push.device;
        for (const wire::sent_operation& sent : push.operations) {
            perform(sent);
            if (!verdicts_.may_go_on()) break;
        }
        if (std::optional<exchange_result> nothing_done = verdicts_.end(push.operations.empty())) return *std::move(nothing_done);
        writer.finish({});
        wire::http_response answer;
        answer.status = 200;
        answer.body = std::move(body);
        answer.content_type = wire::media_type(form);
        return answer;
    }

    /// True while it is not known whether a row was created that the backend could not recognise: nothing may be pulled meanwhile.
    [[nodiscard]] bool is_in_doubt() const noexcept { return !lost_.empty(); }

    /// Rows that were removed at the backend although the whole removal did not succeed, for the next pull to tell.
    [[nodiscard]] std::vector<rest_row_name> take_removed() { return std::exchange(removed_, {}); }

private:
    struct created_row {
        std::uint64_t digest = 0;
        server_id remote;
        row_version version;
    };

    /// Reads from the store what the calls need, so that no transaction is held while they run.
    void prepare(const wire::push_request& push) {
        remotes_.clear();
        removals_.clear();
        closed_removals_.clear();
        images_.clear();
        auto reading = store_.begin_read();
        if (!inherited_) inherited_ = store_.newest_sequence();
        backend_.known.open();
        for (const wire::sent_operation& sent : push.operations) {
            const operation& op = sent.op;
            note_remote(op.table, op.id);
            const table_view& table = store_.schema()[op.table];
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                if (has_column(op.values.mask, i) && op.values.after[i].kind() == cell_kind::local_key)
                    note_remote(table.columns[i].target, local_id::trusted(op.values.after[i].view()));
            if (op.kind == operation_kind::remove) removals_[op.seq] = rows_of_removal(store_, op.seq);
            if (op.kind == operation_kind::close && closes_removal(op.seq)) closed_removals_.insert(op.seq);
            if (op.kind == operation_kind::update && backend_.mapping.updates == rest_update::whole_row) note_image(op);
        }
        reading.commit();
    }

    [[nodiscard]] bool closes_removal(sequence seq) {
        outbox_entry entry;
        return store_.find_entry(seq, entry) && removes_row(entry);
    }

    void note_remote(int table, const local_id& id) {
        const auto [at, is_new] = remotes_.try_emplace(row_name{table, id});
        if (is_new) at->second = backend_.known.remote_of(table, id);
    }

    /// The row as the backend should have it before the update.
    void note_image(const operation& op) {
        const table_view& table = store_.schema()[op.table];
        outbox_entry entry;
        row_buffer row;
        if (!store_.find_entry(op.seq, entry) || entry.base.empty() || !store_.find_row(op.table, op.id, row)) return;
        const std::vector<cell> values = read_image_over(entry.base, row.cells());
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i].kind() == cell_kind::local_key) note_remote(table.columns[i].target, local_id::trusted(values[i].view()));
        images_[op.seq] = make_image(values, table.all_columns());
    }

    void perform(const wire::sent_operation& sent) {
        wire::operation_result result;
        result.seq = sent.op.seq;
        result.digest = sent.digest ? *sent.digest : digest_of(sent.op, store_.schema()[sent.op.table]);
        result.local = sent.op.id;
        result.table = sent.op.table;
        result.incarnation = sent.op.incarnation;
        result.version = sent.op.base_version;
        result.id = remotes_[{sent.op.table, sent.op.id}];
        switch (sent.op.kind) {
            case operation_kind::create: return create(sent.op, std::move(result));
            case operation_kind::update: return update(sent.op, std::move(result));
            case operation_kind::remove: return remove(sent.op, std::move(result));
            case operation_kind::close: return close(sent.op, std::move(result));
        }
    }

    /// The backend knows no voids: whether a create was done all the same shows when its row is looked up. What a removal did shows in the next
    /// pull, as far as the backend tells of removals.
    void close(const operation& op, wire::operation_result result) {
        lost_.erase(op.seq);
        const table_view& table = store_.schema()[op.table];
        const std::vector<std::string>& lookup = backend_.mapping[op.table].lookup;
        // A void tells no fields, so that only the local id can be looked for.
        const bool by_name = std::all_of(lookup.begin(), lookup.end(), [&](const std::string& field) { return table.find_column(field) < 0; });
        if (result.id.empty() && by_name && !closed_removals_.contains(op.seq)) {
            const std::vector<cell> unknown(table.columns.size());
            std::optional<exchange_result> stop;
            const std::optional<server_id> found = backend_.look_up(op, unknown, stop);
            if (stop) return verdicts_.stop(*std::move(stop));
            if (found) return accept(op, result, *found, {});
        }
        result.outcome = wire::verdict::closed;
        verdicts_.settle(result);
    }

    void create(const operation& op, wire::operation_result result) {
        if (const auto done = created_.find(op.seq); done != created_.end() && done->second.digest == result.digest) {
            remotes_[{op.table, op.id}] = done->second.remote;
            return accept(op, result, done->second.remote, done->second.version);
        }
        std::vector<cell> values(op.values.after.begin(), op.values.after.end());
        if (!resolve(op.table, values, op.values.mask)) return wait(result);
        const bool may_exist = op.seq <= *inherited_ || lost_.contains(op.seq) || failed_.contains(op.seq);
        if (may_exist && adopt(op, result, values)) return;
        if (verdicts_.is_stopped()) return;
        const rest_entity& entity = backend_.mapping[op.table];
        const http_result sent = backend_.caller.call("POST", entity.route, backend_.body_of(op.table, op.id, values, op.values.mask), key_of(op));
        if (const auto* const failure = std::get_if<exchange_failure>(&sent)) {
            if (failure->kind == exchange_failure_kind::lost && backend_.mapping.rows.local_id.empty()) lost_.insert(op.seq);
            return verdicts_.stop(*failure);
        }
        lost_.erase(op.seq);
        const auto& reply = std::get<http_reply>(sent);
        if (outcome_of(reply.status) == rest_outcome::failed) failed_.insert(op.seq);
        if (reply.status == 409 && adopt(op, result, values)) return;
        if (verdicts_.is_stopped() || !verdicts_.take_reply(op, op.table, result, reply)) return;
        answer_ = {};
        if (!reply.body.empty() && !backend_.read_item(op.table, reply.body, answer_)) return distrust(op, "a create was answered with something that is no row");
        if (answer_.id.empty()) answer_.id = id_at_location(reply);
        if (answer_.id.empty()) return distrust(op, "a create was answered without the row's id");
        take_answer(op, result, values, answer_.id);
    }

    void update(const operation& op, wire::operation_result result) {
        if (result.id.empty()) return wait(result);
        std::vector<cell> values(op.values.after.begin(), op.values.after.end());
        column_mask mask = op.values.mask;
        if (const auto image = images_.find(op.seq); image != images_.end()) {
            const table_view& table = store_.schema()[op.table];
            std::vector<cell> whole(table.columns.size());
            std::string_view rest = image->second;
            mask |= take_image(rest, whole);
            for (std::size_t i = 0; i < whole.size(); ++i)
                if (has_column(op.values.mask, i)) whole[i] = values[i];
            values = std::move(whole);
        }
        if (!resolve(op.table, values, mask)) return wait(result);
        const std::string target = backend_.mapping[op.table].route + "/" + backend_.segment(result.id);
        const http_result sent = backend_.caller.call(backend_.mapping.update_method, target, backend_.body_of(op.table, {}, values, mask), key_of(op));
        if (const auto* const failure = std::get_if<exchange_failure>(&sent)) {
            return verdicts_.stop(*failure);
        }
        const auto& reply = std::get<http_reply>(sent);
        if (!verdicts_.take_reply(op, op.table, result, reply)) return;
        answer_ = {};
        if (!reply.body.empty() && !backend_.read_item(op.table, reply.body, answer_)) return distrust(op, "an update was answered with something that is no row");
        if (!answer_.id.empty() && answer_.id != result.id) return distrust(op, "an update was answered with another row");
        take_answer(op, result, values, result.id);
    }

    void remove(const operation& op, wire::operation_result result) {
        for (const rest_row_name& row : removals_[op.seq]) {
            server_id remote = row.remote;
            if (remote.empty()) remote = remotes_[{row.table, row.local}];
            if (remote.empty()) remote = find_lost(row);
            if (verdicts_.is_stopped()) return;
            if (remote.empty()) continue;
            const http_result sent = backend_.caller.call("DELETE", backend_.mapping[row.table].route + "/" + backend_.segment(remote));
            if (const auto* const failure = std::get_if<exchange_failure>(&sent)) {
                return verdicts_.stop(*failure);
            }
            const auto& reply = std::get<http_reply>(sent);
            const rest_outcome outcome = outcome_of(reply.status);
            const bool already_gone = outcome == rest_outcome::unknown && backend_.is_proven(row.table);
            if (outcome == rest_outcome::done && !reply.body.empty() && !wire::json::is_json(reply.body, backend_.options.bounds))
                return distrust(op, "a removal was answered with something that is no JSON");
            if (outcome != rest_outcome::done && !already_gone) {
                static_cast<void>(verdicts_.take_reply(op, row.table, result, reply));
                return;
            }
            if (outcome == rest_outcome::done) verdicts_.confirm(row.table);
            removed_.push_back({row.table, row.local, remote, row.incarnation, row.version});
        }
        accept(op, result, {}, {});
    }

    /// Server id of a row whose create was given up without an answer, where the backend can be asked for its local id.
    server_id find_lost(const rest_row_name& row) {
        if (backend_.mapping[row.table].lookup != std::vector<std::string>{"localId"}) return {};
        operation probe;
        probe.table = row.table;
        probe.id = row.local;
        std::optional<exchange_result> stop;
        const std::optional<server_id> found = backend_.look_up(probe, {}, stop);
        if (stop) verdicts_.stop(*std::move(stop));
        return found.value_or(server_id());
    }

    /// The row that an earlier create left at the backend, if there is one: it becomes this one. True when the operation is dealt with.
    bool adopt(const operation& op, wire::operation_result result, const std::vector<cell>& values) {
        std::optional<exchange_result> stop;
        const std::optional<server_id> found = backend_.look_up(op, values, stop);
        if (stop) verdicts_.stop(*std::move(stop));
        if (!found) return false;
        remotes_[{op.table, op.id}] = *found;
        lost_.erase(op.seq);
        operation content = op;
        content.kind = operation_kind::update;
        content.values.after = values;
        result.id = *found;
        update(content, std::move(result));
        return true;
    }

    void take_answer(const operation& op, wire::operation_result& result, const std::vector<cell>& values, const server_id& remote) {
        const table_view& table = store_.schema()[op.table];
        const row_version version = backend_.stamp_of(answer_);
        const bool whole = !answer_.removed && answer_.present == table.all_columns();
        const bool as_sent = !whole || (differing(values, answer_.values) & op.values.mask) == 0;
        if (as_sent) return accept(op, result, remote, version);
        result.outcome = wire::verdict::merged;
        result.id = remote;
        result.version = std::max(version, op.base_version.next());
        result.row = wire::server_row_view{op.table, remote, op.id, result.version, op.incarnation, 0, false, answer_.values};
        remember(op, result);
        verdicts_.settle(result);
    }

    void accept(const operation& op, wire::operation_result& result, const server_id& remote, row_version version) {
        result.outcome = wire::verdict::applied;
        result.id = remote;
        result.version = std::max(version, op.base_version.next());
        remember(op, result);
        verdicts_.settle(result);
    }

    void remember(const operation& op, const wire::operation_result& result) {
        if (op.kind == operation_kind::remove) return;
        remotes_[{op.table, op.id}] = result.id;
        if (backend_.mapping.rows.local_id.empty()) created_[op.seq] = {result.digest, result.id, result.version};
    }

    void forget_settled(sequence acknowledged) {
        created_.erase(created_.begin(), created_.upper_bound(acknowledged));
        lost_.erase(lost_.begin(), lost_.upper_bound(acknowledged));
        failed_.erase(failed_.begin(), failed_.upper_bound(acknowledged));
    }

    void wait(wire::operation_result& result) {
        result.outcome = wire::verdict::waits;
        result.problem = {error_code::not_found, "a row it points at is not at the backend", {}, {}, {}};
        verdicts_.settle(result);
    }

    /// The last part of the Location that a create was answered with.
    [[nodiscard]] static server_id id_at_location(const http_reply& reply) {
        const std::string_view location = find_header(reply.headers, "Location").value_or("");
        return server_id::parse(location.substr(std::min(location.size(), location.rfind('/') + 1))).value_or(server_id());
    }

    [[nodiscard]] std::string key_of(const operation& op) const { return device_ + "." + std::to_string(op.seq); }

    void distrust(const operation& op, const char* text) {
        verdicts_.stop(rest_refusal(503, {error_code::bad_answer, text, std::string(store_.schema()[op.table].entity), {}, {}}));
    }

    /// Replaces local ids by server ids; false where one is not known.
    bool resolve(int table, std::vector<cell>& values, column_mask mask) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!has_column(mask, i) || values[i].kind() != cell_kind::local_key) continue;
            const auto known = remotes_.find({store_.schema()[table].columns[i].target, local_id::trusted(values[i].view())});
            if (known == remotes_.end() || known->second.empty()) return false;
            values[i] = cell::server_key(known->second.view());
        }
        return true;
    }

    rest_backend<C>& backend_;
    store_port& store_;
    rest_verdicts<C> verdicts_;
    std::string device_;
    std::map<row_name, server_id> remotes_;
    std::map<sequence, std::vector<rest_row_name>> removals_;
    std::set<sequence> closed_removals_;                ///< voids that close a removal
    std::map<sequence, std::string> images_;
    std::vector<rest_row_name> removed_;
    std::map<sequence, created_row> created_;           ///< settled by the backend, perhaps not yet by the session
    std::set<sequence> lost_;                           ///< creates without an answer, of a backend that would not recognise the row
    std::set<sequence> failed_;                         ///< creates at which the backend failed, perhaps after it had made the row
    std::optional<sequence> inherited_;                 ///< up to it, an earlier process may have sent what is in the outbox
    wire::rest_row answer_;
};

}  // namespace syncline
