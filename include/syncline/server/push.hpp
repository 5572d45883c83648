/// A push inside its transaction: order, apply or replay, and store the verdicts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/server/apply.hpp>
#include <syncline/server/history.hpp>
#include <syncline/server/order.hpp>
#include <syncline/server/refusal.hpp>
#include <syncline/server/removal_order.hpp>
#include <syncline/server/row_view.hpp>

namespace syncline {

/// True when a sequence is there twice. One pass where the sequences are dense, as a device's are.
[[nodiscard]] inline bool has_duplicates(std::vector<sequence>& sequences) {
    if (sequences.empty()) return false;
    const auto [least, greatest] = std::ranges::minmax(sequences);
    const auto span = static_cast<std::uint64_t>(greatest) - static_cast<std::uint64_t>(least);
    if (span / 64 > sequences.size()) {
        std::ranges::sort(sequences);
        return std::ranges::adjacent_find(sequences) != sequences.end();
    }
    std::vector<std::uint64_t> seen(static_cast<std::size_t>(span / 64) + 1, 0);
    for (const sequence seq : sequences) {
        const auto place = static_cast<std::uint64_t>(seq) - static_cast<std::uint64_t>(least);
        std::uint64_t& word = seen[static_cast<std::size_t>(place / 64)];
        const std::uint64_t bit = std::uint64_t{1} << (place % 64);
        if ((word & bit) != 0) return true;
        word |= bit;
    }
    return false;
}

/// Checks a batch before anything is looked up; an error of code `none` when it can be applied.
[[nodiscard]] inline error check_batch(const wire::push_request& request, const schema_view& schema, const limits& bounds) {
    if (request.device.empty()) return {error_code::missing_field, "a push names its device", {}, {}, {}};
    if (request.operations.size() > bounds.batch_operations) return {error_code::too_large, "too many operations in one push", {}, {}, {}};
    std::vector<sequence> sequences;
    sequences.reserve(request.operations.size());
    for (const wire::sent_operation& sent : request.operations) {
        const operation& op = sent.op;
        const bool names_a_table = op.table >= 0 && op.table < schema.size();
        if (!names_a_table && op.kind != operation_kind::close) return {error_code::unknown_entity, "not an entity of this schema", {}, op.id.str(), {}};
        if (op.seq < 1) return {error_code::malformed, "sequences count from 1", {}, op.id.str(), {}};
        sequences.push_back(op.seq);
    }
    if (has_duplicates(sequences)) return {error_code::malformed, "one sequence for two operations", {}, {}, {}};
    return {};
}

/// One push of one owner.
template <backend_transaction Tx>
class push_handler {
public:
    push_handler(Tx& tx, const wire::push_request& request, const schema_view& tables, const limits& bounds, std::int64_t now_ms,
                 server_id_source ids)
        : tx_(tx), request_(request), schema_(tables), bounds_(bounds), history_(tx.load_device(request.device), request.acknowledged),
          writer_(tx, tables, request.device, now_ms), application_(tx, writer_, tables, bounds, ids, answer_) {}

    push_handler(const push_handler&) = delete;
    push_handler& operator=(const push_handler&) = delete;

    /// Applies the batch and commits; nothing where it returns a refusal.
    [[nodiscard]] std::optional<refusal> run() {
        begin_results();
        history_.find_repeats(tx_, request_.device, request_.operations);
        if (auto refused = refuse_forked_device()) return refused;
        const auto precedences = removal_precedences(tx_, schema_, request_.operations);
        for (const std::size_t i : batch_order(request_.operations, schema_, precedences).indices()) {
            handle(request_.operations[i].op, answer_.results[i]);
            if (request_.atomic && is_refused(request_.operations[i].op, answer_.results[i])) return refuse(answer_.results[i]);
        }
        for (wire::operation_result& result : answer_.results) complete(result);
        answer_.version = !writer_.version().is_none() ? writer_.version() : tx_.version();
        if (!is_anonymous()) history_.save(tx_, request_.device, bounds_);
        if (!writer_.version().is_none() || (!is_anonymous() && history_.is_changed())) tx_.commit();
        return std::nullopt;
    }

    /// The answer, in the order of the request.
    [[nodiscard]] wire::push_answer answer() && { return std::move(answer_); }

private:
    /// A request to a single row, of somebody who will not repeat it: nothing is remembered.
    [[nodiscard]] bool is_anonymous() const noexcept { return request_.device.empty(); }

    void begin_results() {
        answer_.results.resize(request_.operations.size());
        for (std::size_t i = 0; i < answer_.results.size(); ++i) {
            const wire::sent_operation& sent = request_.operations[i];
            wire::operation_result& result = answer_.results[i];
            result.seq = sent.op.seq;
            result.table = sent.op.table;
            result.local = sent.op.id;
            result.incarnation = sent.op.incarnation;
            // What a void closes is only known to its sender.
            if (sent.digest) result.digest = *sent.digest;
            else if (sent.op.kind != operation_kind::close) result.digest = digest_of(sent.op, schema_[sent.op.table]);
        }
    }

    [[nodiscard]] std::optional<refusal> refuse_forked_device() const {
        for (std::size_t i = 0; i < answer_.results.size(); ++i) {
            const operation& op = request_.operations[i].op;
            if (history_.contradicts(op, answer_.results[i].digest))
                return refusal{problem_of(error_code::device_forked, "the device used this sequence for another operation",
                                          op.table < 0 ? table_view{} : schema_[op.table], op)};
        }
        return std::nullopt;
    }

    void handle(const operation& op, wire::operation_result& result) {
        const stored_verdict* const stored = history_.find(op.seq);
        // That a sequence was closed is all there is to say, so it is never forgotten with the body of a verdict.
        const bool is_closed = stored != nullptr && stored->outcome == wire::verdict::closed;
        if (history_.is_settled(op.seq) && !is_closed) {
            result.outcome = wire::verdict::settled;
        } else if (stored != nullptr) {
            replay(*stored, schema_, result, answer_);
            if (op.kind == operation_kind::create) application_.note_life(op, result, stored->incarnation);
        } else {
            if (op.kind == operation_kind::close) result.outcome = wire::verdict::closed;
            else application_.apply(op, result);
            history_.note(result);
        }
    }

    /// What an atomic request does not put up with: anything that was not taken whole.
    [[nodiscard]] static bool is_refused(const operation& op, const wire::operation_result& result) noexcept {
        if (op.kind == operation_kind::close) return false;
        switch (result.outcome) {
            case wire::verdict::applied:
            case wire::verdict::settled:
            case wire::verdict::closed: return false;
            case wire::verdict::merged: return (result.refused | result.kept) != 0;
            case wire::verdict::gone: return op.kind != operation_kind::remove;
            case wire::verdict::waits:
            case wire::verdict::rejected: return true;
        }
        return true;
    }

    [[nodiscard]] refusal refuse(const wire::operation_result& result) const {
        error reason = result.problem;
        const column_mask not_taken = result.refused != 0 ? result.refused : result.kept;
        if (!reason) {
            const bool meets = result.refused == 0 && result.kept != 0;
            const std::string_view message = meets ? "a row of this name has another value"
                                             : not_taken != 0 ? "the field cannot take this value"
                                                              : "the row was removed";
            reason = {meets ? error_code::already_exists : error_code::reference_gone, std::string(message),
                      std::string(schema_[result.table].entity), result.local.str(), {}};
        }
        if (not_taken != 0) reason.field = schema_[result.table].columns[static_cast<std::size_t>(first_column(not_taken))].name;
        return {std::move(reason), true};
    }

    /// Adds the row as it is at the end of the push, where the device cannot know it.
    void complete(wire::operation_result& result) {
        const bool replayed = history_.find(result.seq) != nullptr && !history_.is_settled(result.seq);
        switch (result.outcome) {
            case wire::verdict::applied:
                if (!replayed && !writer_.has_moved({result.table, result.local})) return;
                break;
            case wire::verdict::merged: break;
            case wire::verdict::gone:
                if (!replayed) return;
                break;
            default: return;
        }
        if (!tx_.find_by_local(result.table, result.local, row_)) return;
        result.id = row_.id;
        result.version = row_.version;
        result.incarnation = row_.incarnation;
        result.updated_at_ms = row_.updated_at_ms;
        const bool is_as_sent = result.outcome == wire::verdict::applied && row_.as_sent && row_.writer == row_writing{request_.device, result.seq};
        if (!is_as_sent) result.row = keep_row(answer_, view_of(result.table, row_));
    }

    Tx& tx_;
    const wire::push_request& request_;
    schema_view schema_;
    const limits& bounds_;
    device_history history_;
    wire::push_answer answer_;
    row_writer<Tx> writer_;
    push_application<Tx> application_;
    server_row row_;
};

}  // namespace syncline
