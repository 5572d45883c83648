/// Applies one operation to the rows of an owner inside the push's transaction, and says what became of it.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <syncline/base/limits.hpp>
#include <syncline/model/rebase.hpp>
#include <syncline/server/backend.hpp>
#include <syncline/server/check_values.hpp>
#include <syncline/server/id_source.hpp>
#include <syncline/server/ownership.hpp>
#include <syncline/server/removal.hpp>
#include <syncline/server/row_writer.hpp>
#include <syncline/server/translate.hpp>

namespace syncline {

/// One push being applied: operations are handed in one after the other, in the order of order.hpp.
template <backend_transaction Tx>
class push_application {
public:
    /// Values that an operation replaced are kept in `answer`.
    push_application(Tx& tx, row_writer<Tx>& writer, const schema_view& tables, const limits& bounds, server_id_source ids,
                     wire::push_answer& answer)
        : tx_(tx), writer_(writer), schema_(tables), bounds_(bounds), ids_(ids), answer_(answer), translator_(tx, tables) {}

    /// Applies a create, update or removal. Completes `result`, which comes with sequence, digest and the
    /// row's name, except for its row.
    void apply(const operation& op, wire::operation_result& result) {
        if (error problem = check_values(schema_[op.table], op, bounds_)) return reject(result, std::move(problem));
        if (op.kind == operation_kind::create && begin_first_life(op, result)) return;
        const bool known = tx_.find_by_local(op.table, op.id, row_);
        if (known) describe_row(result);
        switch (op.kind) {
            case operation_kind::create: return create(op, known, result);
            case operation_kind::update: return update(op, known, result);
            case operation_kind::remove: return remove(op, known, result);
            case operation_kind::close: break;
        }
    }

    /// Notes what became of a create, now or in an earlier push, and in which life the row is that it made or met: what the device did
    /// to the row after `op` is about that life, whatever number it knew.
    void note_life(const operation& op, const wire::operation_result& result, incarnation_number incarnation) {
        const bool is_refused = result.outcome == wire::verdict::rejected;
        if (result.outcome != wire::verdict::applied && result.outcome != wire::verdict::merged && !is_refused) return;
        if (is_refused || incarnation != op.incarnation)
            lives_[{op.table, op.id}].push_back({op.seq, op.incarnation, is_refused ? life_refused : incarnation});
    }

private:
    using verdict = wire::verdict;
    using result_type = wire::operation_result;

    /// A life that the device counts as another one.
    struct renumbered_life {
        sequence create = 0;
        incarnation_number named = 1;
        incarnation_number real = 1;
    };
    static constexpr incarnation_number life_to_come = 0;   ///< its create waits
    static constexpr incarnation_number life_refused = -1;  ///< its create was refused, and a rival's row is none of the device's

    /// Makes the row without looking for it, where nothing about the operation is unusual. False, and nothing has changed, where
    /// it is, or where the row is there.
    [[nodiscard]] bool begin_first_life(const operation& op, result_type& result) {
        if (op.incarnation != 1 || writer_.version().is_none()) return false;
        row_.id = ids_.next();
        if (!translator_.translate_after(op, row_.id, op.values.mask).empty()) return false;
        row_.local = op.id;
        row_.incarnation = 1;
        row_.removed = false;
        row_.values.borrow(translator_.after());
        if (!writer_.create_new(op, row_)) return false;
        note_created(op, false);
        describe_row(result);
        result.outcome = verdict::applied;
        return true;
    }

    /// Repeats were answered before: a create that comes here was made by someone who does not know of the row, or of its lives.
    void create(const operation& op, bool known, result_type& result) {
        if (known && !row_.removed) meet(op, result);
        else begin_life(op, known, result);
        if (result.outcome == verdict::waits) lives_[{op.table, op.id}].push_back({op.seq, op.incarnation, life_to_come});
        else note_life(op, result, row_.incarnation);
    }

    /// Merges a create into the live row, whose sender did not know of it. What was edited since the create is an edit of what it
    /// would have made.
    void meet(const operation& op, result_type& result) {
        const table_view& table = schema_[op.table];
        const unusual_keys keys = translator_.translate_after(op, row_.id, op.values.mask);
        if (keys.not_found != 0) return reject_key(op, keys.not_found, result);
        if (keys.not_arrived != 0) return wait(op, keys.not_arrived, result);
        const column_mask edited = op.values.before_mask & op.values.mask;
        const column_mask made_known = translator_.translate_before(op, edited);
        const operation_values made{op.values.mask, translator_.after(), made_known, translator_.before()};
        const column_mask wanted = columns_wanted(table, op.values);
        if (table.create_policy == create_conflict_policy::refuse) {
            merged_.assign(row_.values.cells().begin(), row_.values.cells().end());
            if (const column_mask differs = syncline::meet(merged_, table, made, 0).kept; differs != 0)
                return reject(result, problem_of(error_code::already_exists, "a row of this name has another value", table, op, first_column(differs)));
        }
        result.refused = (keys.removed & wanted) | looping_keys(op, wanted & ~keys.removed);
        merged_.assign(row_.values.cells().begin(), row_.values.cells().end());
        const meeting met = syncline::meet(merged_, table, made, wanted & ~result.refused);
        result.refused |= met.not_taken;
        result.kept = met.kept & ~result.refused;
        store_merged(op, differing(merged_, row_.values.cells()), met.replaced, false, result);
    }

    /// Makes the row, or the next life of the tombstone in `row_`.
    void begin_life(const operation& op, bool known, result_type& result) {
        const table_view& table = schema_[op.table];
        const server_id id = known ? row_.id : ids_.next();
        const unusual_keys keys = translator_.translate_after(op, id, op.values.mask);
        if (keys.not_found != 0) return reject_key(op, keys.not_found, result);
        for (column_mask unusual = keys.to_itself | keys.removed; unusual != 0; unusual &= unusual - 1) {
            const auto i = static_cast<std::size_t>(first_column(unusual));
            const column_view& column = table.columns[i];
            const bool loops = has_column(keys.to_itself, i) && column.owning;
            if (!loops && !has_column(keys.removed, i)) continue;
            if (column.nullable && (loops || column.on_remove == removal_policy::set_null)) {
                translator_.set_null(i);
                result.refused |= only_column(i);
            } else if (loops) {
                return reject(result, problem_of(error_code::ownership_loop, "a row cannot own itself", table, op, static_cast<int>(i)));
            } else {
                result.problem = problem_of(error_code::reference_gone, "the row it points at was removed", table, op, static_cast<int>(i));
                result.outcome = verdict::gone;
                return;
            }
        }
        if (keys.not_arrived != 0) return wait(op, keys.not_arrived, result);

        const bool exact = result.refused == 0;
        row_.local = op.id;
        row_.id = id;
        // Whatever life the sender counts, it cannot have seen one that began after the row was removed.
        if (!known) row_.incarnation = 1;
        else if (row_.incarnation < std::numeric_limits<incarnation_number>::max()) ++row_.incarnation;
        row_.removed = false;
        row_.values.borrow(translator_.after());
        writer_.create(op, row_, exact, known);
        note_created(op, known);
        describe_row(result);
        result.outcome = exact ? verdict::applied : verdict::merged;
    }

    void update(const operation& op, bool known, result_type& result) {
        const incarnation_number life = life_of(op);
        if (is_waiting(op)) return wait(op, 0, result);
        if (life == life_refused) return reject_follower(op, result);
        if (!known) return reject(result, problem_of(error_code::not_found, "no such row", schema_[op.table], op));
        if (row_.removed || life < row_.incarnation) {
            result.outcome = verdict::gone;
            return;
        }
        if (life > row_.incarnation) return reject_life(op, row_.incarnation, result);
        change(op, result);
    }

    /// Merges the update's fields into the live row.
    void change(const operation& op, result_type& result) {
        const unusual_keys keys = translator_.translate_after(op, row_.id, op.values.mask);
        if (keys.not_found != 0) return reject_key(op, keys.not_found, result);
        if (keys.not_arrived != 0) return wait(op, keys.not_arrived, result);
        result.refused = keys.removed | looping_keys(op, op.values.mask & ~keys.removed);
        const column_mask mask = op.values.mask & ~result.refused;
        const column_mask before_known = translator_.translate_before(op, op.values.before_mask & mask);

        merged_.assign(row_.values.cells().begin(), row_.values.cells().end());
        const operation_values edit{mask, translator_.after(), before_known, translator_.before()};
        const merge_result met = merge_into(merged_, schema_[op.table], edit);
        result.refused |= met.not_taken;
        const bool exact = result.refused == 0 && writer_.is_on_base(op, row_) && (differing(merged_, translator_.after()) & mask) == 0;
        store_merged(op, differing(merged_, row_.values.cells()), met.conflicts, exact, result);
    }

    /// Writes `merged_`, which differs from the row in `changed`; of these columns `replaced` had another device's edit.
    void store_merged(const operation& op, column_mask changed, column_mask replaced, bool exact, result_type& result) {
        result.overwritten = replaced & changed;
        if (result.overwritten != 0) result.lost = keep_lost(result.overwritten);
        for (std::size_t i = 0; i < merged_.size(); ++i)
            if (has_column(changed, i)) row_.values.set(i, merged_[i]);
        if (changed != 0) writer_.update(op, row_, changed, exact);
        describe_row(result);
        result.outcome = exact ? verdict::applied : verdict::merged;
    }

    void remove(const operation& op, bool known, result_type& result) {
        const incarnation_number life = life_of(op);
        const bool has_lived = known && (!row_.removed || life <= row_.incarnation);
        if (life == life_to_come || (!has_lived && is_waiting(op))) return wait(op, 0, result);
        if (life == life_refused) return reject_follower(op, result);
        if (!known || row_.removed || life < row_.incarnation) {
            result.outcome = verdict::gone;
            return;
        }
        if (life > row_.incarnation) return reject_life(op, row_.incarnation, result);
        const removal_plan plan = plan_removal(tx_, schema_, op.table, row_);
        if (!plan.is_allowed())
            return reject(result, problem_of(error_code::restricted, describe_blockers(plan, schema_), schema_[op.table], op));
        writer_.remove(op, plan);
        translator_.keys().note_removal();
        result.version = writer_.version();
        result.updated_at_ms = writer_.now_ms();
        result.outcome = verdict::applied;
    }

    /// The changed keys of `mask` that would make the row its own owner.
    [[nodiscard]] column_mask looping_keys(const operation& op, column_mask mask) {
        const table_view& table = schema_[op.table];
        column_mask looping = 0;
        if (!table.in_ownership_cycle) return looping;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const cell& key = translator_.after()[i];
            if (!has_column(mask, i) || !table.columns[i].owning || key.is_null() || key == row_.values[i]) continue;
            const server_name target{table.columns[i].target, server_id::trusted(key.view())};
            if (is_owned_by(tx_, schema_, target, {op.table, row_.id})) looping |= only_column(i);
        }
        return looping;
    }

    [[nodiscard]] cells keep_lost(column_mask columns) {
        const std::span<cell> lost = answer_.cells.take(row_.values.cells().size());
        for (std::size_t i = 0; i < lost.size(); ++i)
            if (has_column(columns, i)) lost[i] = answer_.bytes.keep(row_.values[i]);
        return lost;
    }

    void describe_row(result_type& result) const {
        result.id = row_.id;
        result.version = row_.version;
        result.incarnation = row_.incarnation;
        result.updated_at_ms = row_.updated_at_ms;
    }

    static void reject(result_type& result, error problem) {
        result.outcome = verdict::rejected;
        result.permanent = true;
        result.problem = std::move(problem);
    }

    void reject_key(const operation& op, column_mask keys, result_type& result) const {
        reject(result, problem_of(error_code::not_found, "points at no row", schema_[op.table], op, first_column(keys)));
    }

    void reject_life(const operation& op, incarnation_number current, result_type& result) const {
        result.incarnation = current;
        reject(result, problem_of(error_code::incarnation_behind, "names another life of the row", schema_[op.table], op));
    }

    void reject_follower(const operation& op, result_type& result) const {
        reject(result, problem_of(error_code::not_found, "the row it is about was refused", schema_[op.table], op));
    }

    /// The life of the row that an update or removal is about.
    [[nodiscard]] incarnation_number life_of(const operation& op) const {
        if (lives_.empty()) return op.incarnation;
        const auto found = lives_.find({op.table, op.id});
        if (found == lives_.end()) return op.incarnation;
        const renumbered_life* newest = nullptr;
        for (const renumbered_life& one : found->second)
            if (one.named == op.incarnation && one.create < op.seq && (newest == nullptr || newest->create < one.create)) newest = &one;
        return newest == nullptr ? op.incarnation : newest->real;
    }

    void note_created(const operation& op, bool was_there) {
        if (!schema_[op.table].referrers.empty()) translator_.keys().note_created(op.table, op.id, row_.id, was_there);
    }

    [[nodiscard]] bool is_waiting(const operation& op) const { return !waiting_.empty() && waiting_.contains({op.table, op.id}); }

    // Later operations of this push on the row wait too: applied now, they would be overwritten when this one is.
    void wait(const operation& op, column_mask keys, result_type& result) {
        waiting_.insert({op.table, op.id});
        result.outcome = verdict::waits;
        result.permanent = false;
        result.problem = problem_of(error_code::not_found, "what it needs has not arrived", schema_[op.table], op, keys == 0 ? -1 : first_column(keys));
    }

    Tx& tx_;
    row_writer<Tx>& writer_;
    schema_view schema_;
    limits bounds_;
    server_id_source ids_;
    wire::push_answer& answer_;
    operation_translator<Tx> translator_;
    server_row row_;  ///< the row of the operation being applied
    std::vector<cell> merged_;
    std::unordered_set<local_name> waiting_;
    std::unordered_map<local_name, std::vector<renumbered_life>> lives_;
};

}  // namespace syncline
