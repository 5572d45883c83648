/// Exactly once: what a device's operations were answered before.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <syncline/model/image.hpp>
#include <syncline/server/backend.hpp>

namespace syncline {

/// True for verdicts that a repeat gets again; any other leaves the sequence open.
[[nodiscard]] inline bool is_final(const wire::operation_result& result) noexcept {
    switch (result.outcome) {
        case wire::verdict::applied:
        case wire::verdict::merged:
        case wire::verdict::gone:
        case wire::verdict::closed: return true;
        case wire::verdict::rejected: return result.permanent;
        case wire::verdict::waits:
        case wire::verdict::settled: return false;
    }
    return false;
}

/// The verdicts of one device, those before this request and those of it.
class device_history {
public:
    /// `acknowledged` is the settled floor that the device names in its request.
    device_history(device_record record, sequence acknowledged)
        : stored_floor_(record.floor), floor_(std::max(record.floor, acknowledged)), verdicts_(std::move(record.verdicts)) {}

    [[nodiscard]] sequence floor() const noexcept { return floor_; }
    /// True when the device has settled the sequence: nothing is left to say about it.
    [[nodiscard]] bool is_settled(sequence seq) const noexcept { return seq <= floor_; }

    /// The verdict stored for the sequence by an earlier request, or null.
    [[nodiscard]] const stored_verdict* find(sequence seq) const noexcept {
        const auto found = std::ranges::lower_bound(verdicts_, seq, {}, &stored_verdict::seq);
        return found != verdicts_.end() && found->seq == seq ? &*found : nullptr;
    }

    /// True when the device used the sequence for something else before. A void and what it closed share one.
    [[nodiscard]] bool contradicts(const operation& op, std::uint64_t digest) const noexcept {
        if (op.kind == operation_kind::close || is_settled(op.seq)) return false;
        const stored_verdict* const stored = find(op.seq);
        return stored && stored->outcome != wire::verdict::closed && stored->digest != digest;
    }

    /// True when a request that acknowledges this floor lets verdicts be forgotten.
    [[nodiscard]] bool has_verdicts_to_forget() const noexcept {
        return floor_ > stored_floor_ && !verdicts_.empty() && verdicts_.front().seq <= floor_;
    }

    /// Notes the answer to an operation that was not answered before.
    void note(const wire::operation_result& result) {
        if (!is_final(result)) return;
        fresh_.push_back({result.seq, result.digest, result.outcome, result.table, result.local, result.problem.code, result.problem.message,
                          result.refused, result.overwritten, {}});
        if (result.overwritten != 0) fresh_.back().lost = make_image(result.lost, result.overwritten);
    }

    /// Writes what this request changed.
    template <backend_transaction Tx>
    void save(Tx& tx, std::string_view device) const {
        if (!fresh_.empty() || floor_ > stored_floor_) tx.save_device(device, floor_, fresh_);
    }
    [[nodiscard]] bool is_changed() const noexcept { return !fresh_.empty() || floor_ > stored_floor_; }

    /// The sequences above the floor whose operations the owner's rows contain.
    [[nodiscard]] std::vector<sequence> included() const {
        std::vector<sequence> above;
        for (const stored_verdict& one : verdicts_) {
            const bool taken = one.outcome == wire::verdict::applied || one.outcome == wire::verdict::merged || one.outcome == wire::verdict::gone;
            if (taken && one.seq > floor_) above.push_back(one.seq);
        }
        return above;
    }

private:
    sequence stored_floor_;
    sequence floor_;
    std::vector<stored_verdict> verdicts_;  ///< by sequence
    std::vector<stored_verdict> fresh_;
};

/// Answers a repeat, or the void of an operation that has its verdict, except for the row. Values are kept in `answer`.
inline void replay(const stored_verdict& stored, const schema_view& schema, wire::operation_result& result, wire::push_answer& answer) {
    result.outcome = stored.outcome;
    result.table = stored.table;
    result.local = stored.local;
    result.refused = stored.refused;
    result.overwritten = stored.overwritten;
    if (stored.overwritten != 0) {
        std::vector<cell> lost(schema[stored.table].columns.size());
        std::string_view image = stored.lost;
        take_image(image, lost);
        const std::span<cell> kept = answer.cells.take(lost.size());
        for (std::size_t i = 0; i < lost.size(); ++i) kept[i] = answer.bytes.keep(lost[i]);
        result.lost = kept;
    }
    if (stored.outcome != wire::verdict::rejected) return;
    result.permanent = true;
    result.problem = {stored.reason, stored.reason_text, stored.table < 0 ? std::string() : std::string(schema[stored.table].entity),
                      stored.local.str(), {}};
}

}  // namespace syncline
