/// A request to a single row: one operation of somebody who keeps no outbox, in a transaction of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <syncline/server/push.hpp>

namespace syncline {

/// What a request to one row asks for.
struct row_change {
    operation_kind kind = operation_kind::create;  ///< create: inserts, or replaces the fields of the row with this local id
    int table = -1;
    server_id id;                          ///< of the row to update or remove
    wire::push_request body;               ///< one operation with local id and fields, as far as they were sent
    std::string key;                       ///< Idempotency-Key; empty: a repeat is a new request
    bool if_exists = false;                ///< refused where there is no row
    std::optional<row_version> if_version; ///< refused where the row has another one
};

/// The row after the request, without its fields.
struct row_outcome {
    bool created = false;
    server_id id;
    local_id local;
    row_version version;
    incarnation_number incarnation = 1;
    std::int64_t updated_at_ms = 0;
    row_version newest;  ///< the owner's
};

/// The device that stands for an Idempotency-Key; empty where there is none.
[[nodiscard]] inline std::string device_of_key(std::string_view key) {
    return key.empty() ? std::string() : "idempotency-key " + std::string(key);
}

/// True for the device of a key that was used. Its floor is above 0 only if somebody uses the key as the name of a device.
[[nodiscard]] inline bool knows_answer(const device_record& record) noexcept { return record.floor > 0 || record.answered.contains(1); }

/// Remembers that the request with this key was refused for good, so that a repeat which comes later, when it could be done, is not.
template <backend_transaction Tx>
void remember_refusal(Tx& tx, const row_change& change, const table_view& table, const error& reason) {
    const std::string device = device_of_key(change.key);
    if (knows_answer(tx.load_device(device))) return;
    stored_verdict verdict;
    verdict.seq = 1;
    verdict.digest = change.body.operations.front().digest.value_or(0);
    verdict.outcome = wire::verdict::rejected;
    verdict.table = change.table;
    verdict.local = change.body.operations.front().op.id;
    verdict.reason = reason.code;
    verdict.reason_text = reason.message;
    if (const int column = table.find_column(reason.field); column >= 0) verdict.refused = only_column(static_cast<std::size_t>(column));
    tx.save_device(device, 0, 0, {&verdict, 1});
    tx.commit();
}

/// Applies one change and commits. A key makes its request the only operation of a device of its own, so that its repeats, however
/// late, are answered from the stored verdict.
template <backend_transaction Tx>
class row_change_handler {
public:
    row_change_handler(Tx& tx, row_change& change, const schema_view& tables, const limits& bounds, std::int64_t now_ms, server_id_source ids)
        : tx_(tx), change_(change), schema_(tables), bounds_(bounds), now_ms_(now_ms), ids_(std::move(ids)) {}

    [[nodiscard]] std::variant<row_outcome, error> run() {
        operation& op = change_.body.operations.front().op;
        op.seq = 1;
        op.kind = change_.kind;
        op.table = change_.table;
        // A refused request must leave nothing behind, even where other fields of it could be taken.
        change_.body.atomic = true;
        change_.body.device = device_of_key(change_.key);
        if (op.kind == operation_kind::create) {
            if (op.id.empty()) op.id = name_of_new_row();
            change_.body.operations.front().digest = digest_of(op, table());
            add_missing_columns(op);
        }
        const bool exists = find_row(op);
        if (op.kind != operation_kind::create) {
            if (!exists) return not_found();
            if (!op.id.empty() && op.id != row_.local) return problem_of(error_code::invalid_id, "the row has another local id", table(), op);
            op.id = row_.local;
            change_.body.operations.front().digest = digest_of(op, table());
            op.incarnation = row_.incarnation;
            op.base_version = row_.version;
        }
        const bool lives = exists && !row_.removed;
        // Who names a row that is there asks for its fields to be replaced, so this create is an edit of it.
        if (lives && op.kind == operation_kind::create && table().create_policy != create_conflict_policy::refuse) {
            op.kind = operation_kind::update;
            op.incarnation = row_.incarnation;
        }
        if (!is_repeat() && !meets_conditions(lives))
            return problem_of(error_code::version_mismatch, "the row has another version", table(), op);
        return apply(op);
    }

private:
    [[nodiscard]] const table_view& table() const noexcept { return schema_[change_.table]; }
    [[nodiscard]] error not_found() const { return {error_code::not_found, "no such row", std::string(table().entity), {}, {}}; }

    [[nodiscard]] bool find_row(const operation& op) {
        if (op.kind == operation_kind::create) return tx_.find_by_local(change_.table, op.id, row_);
        return tx_.find_by_id(change_.table, change_.id, row_);
    }

    /// A repeat has to name the same row, so the key decides where there is one.
    [[nodiscard]] local_id name_of_new_row() {
        if (change_.key.empty()) return local_id::trusted(ids_.next().view());
        random_source drawn_from_key(hasher().add(change_.key).finish());
        return new_local_id(0, drawn_from_key);
    }

    void add_missing_columns(operation& op) {
        if (op.values.after.empty()) op.values.after = change_.body.cells.take(table().columns.size());
        given_ = op.values.mask;
        op.values.mask = table().all_columns();
    }

    [[nodiscard]] bool is_repeat() const {
        return !change_.body.device.empty() && knows_answer(tx_.load_device(change_.body.device));
    }

    [[nodiscard]] bool meets_conditions(bool lives) const {
        if (change_.if_version) return lives && row_.version == *change_.if_version;
        return lives || !change_.if_exists;
    }

    [[nodiscard]] std::variant<row_outcome, error> apply(const operation& op) {
        if (change_.kind == operation_kind::create) {
            if (const std::string_view missing = missing_field(); !missing.empty()) {
                error problem = problem_of(error_code::missing_field, "a new row needs this field", table(), op);
                problem.field = missing;
                return problem;
            }
        } else if (op.kind == operation_kind::update && op.values.mask == 0) {
            return problem_of(error_code::missing_field, "an update needs at least one field", table(), op);
        }
        push_handler<Tx> handler(tx_, change_.body, schema_, bounds_, now_ms_, ids_);
        if (std::optional<refusal> refused = handler.run()) {
            if (refused->reason.code == error_code::device_forked) refused->reason.message = "the key was used for another request";
            return std::move(refused->reason);
        }
        const wire::push_answer answer = std::move(handler).answer();
        const wire::operation_result& result = answer.results.front();
        if (result.outcome == wire::verdict::gone && op.kind == operation_kind::remove) return not_found();
        // Somebody who uses the key as the name of a device has settled its operation; nothing is known but the row.
        if (result.outcome == wire::verdict::settled)
            return row_outcome{false, row_.id, row_.local, row_.version, row_.incarnation, row_.updated_at_ms, {}};
        // A create of a row that is there merges; the stored verdict tells a repeat which of both it was.
        const bool created = change_.kind == operation_kind::create && result.outcome == wire::verdict::applied;
        return row_outcome{created, result.id, result.local, result.version, result.incarnation, result.updated_at_ms, answer.version};
    }

    [[nodiscard]] std::string_view missing_field() const noexcept {
        for (std::size_t i = 0; i < table().columns.size(); ++i)
            if (!has_column(given_, i) && !table().columns[i].nullable) return table().columns[i].name;
        return {};
    }

    Tx& tx_;
    row_change& change_;
    schema_view schema_;
    const limits& bounds_;
    std::int64_t now_ms_;
    server_id_source ids_;
    server_row row_;
    column_mask given_ = 0;
};

}  // namespace syncline
