/// Exactly once: what a device's operations were answered before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/base/limits.hpp>
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

/// The greatest sequence whose digest a server may forget if the device has settled everything up to `floor`: what a device can
/// repeat, late or because its store was put back from a copy, must still be known.
[[nodiscard]] constexpr sequence forgotten_up_to(sequence floor, const limits& bounds) noexcept {
    const auto kept = static_cast<sequence>(std::min<std::size_t>(bounds.batch_operations, 1'000'000'000) * 2);
    return std::max<sequence>(floor - kept, 0);
}

/// The verdicts of one device, those before this request and those of it.
class device_history {
public:
    /// `acknowledged` is the settled floor that the device names in its request.
    device_history(device_record record, sequence acknowledged)
        : stored_floor_(record.floor), floor_(std::max(record.floor, acknowledged)), record_(std::move(record)) {}

    /// Looks up what the operations that are repeats were answered.
    template <backend_transaction Tx>
    void find_repeats(Tx& tx, std::string_view device, std::span<const wire::sent_operation> operations) {
        std::vector<sequence> repeated;
        for (const wire::sent_operation& sent : operations)
            if (sent.op.seq <= stored_floor_ || record_.answered.contains(sent.op.seq)) repeated.push_back(sent.op.seq);
        if (repeated.empty()) return;
        std::ranges::sort(repeated);
        tx.find_verdicts(device, repeated, [this](const stored_verdict& found) {
            repeats_.push_back(found);
            repeats_.back().reason_text = text_.keep(found.reason_text);
            repeats_.back().lost = text_.keep(found.lost);
        });
        std::ranges::sort(repeats_, {}, &stored_verdict::seq);
    }

    [[nodiscard]] sequence floor() const noexcept { return floor_; }
    /// True when the device has settled the sequence: nothing is left to say about it.
    [[nodiscard]] bool is_settled(sequence seq) const noexcept { return seq <= floor_; }

    /// The verdict stored for the sequence by an earlier request, or null.
    [[nodiscard]] const stored_verdict* find(sequence seq) const noexcept {
        const auto found = std::ranges::lower_bound(repeats_, seq, {}, &stored_verdict::seq);
        return found != repeats_.end() && found->seq == seq ? &*found : nullptr;
    }

    /// True when the device used the sequence for something else before, or may have: what is settled was answered once, so a sequence
    /// at or below the floor that nobody knows any more is none of this device's. A void and what it closes share a digest; a void
    /// that names none fits any.
    [[nodiscard]] bool contradicts(const operation& op, std::uint64_t digest) const noexcept {
        if (op.kind == operation_kind::close && digest == 0) return false;
        const stored_verdict* const stored = find(op.seq);
        if (stored == nullptr) return is_settled(op.seq);
        return stored->digest != 0 && stored->digest != digest;
    }

    /// True when a request that acknowledges this floor lets verdicts be forgotten.
    [[nodiscard]] bool has_verdicts_to_forget() const noexcept {
        return floor_ > stored_floor_ && !record_.answered.empty() && record_.answered.first() <= floor_;
    }

    /// Notes the answer to an operation that was not answered before. Keeps views of its texts, but not of its values.
    void note(const wire::operation_result& result) {
        if (!is_final(result)) return;
        stored_verdict& fresh = fresh_.emplace_back();
        fresh.seq = result.seq;
        fresh.digest = result.digest;
        fresh.outcome = result.outcome;
        fresh.table = result.table;
        fresh.local = result.local;
        fresh.incarnation = result.incarnation;
        fresh.reason = result.problem.code;
        fresh.reason_text = result.problem.message;
        fresh.refused = result.refused;
        fresh.overwritten = result.overwritten;
        fresh.kept = result.kept;
        if (result.overwritten != 0) fresh.lost = text_.keep(make_image(result.lost, result.overwritten));
    }

    /// Writes what this request changed.
    template <backend_transaction Tx>
    void save(Tx& tx, std::string_view device, const limits& bounds) const {
        if (is_changed()) tx.save_device(device, floor_, forgotten_up_to(floor_, bounds), fresh_);
    }
    [[nodiscard]] bool is_changed() const noexcept { return !fresh_.empty() || floor_ > stored_floor_; }

    /// The sequences above the floor whose operations the owner's rows contain.
    [[nodiscard]] std::vector<sequence> included() const {
        std::vector<sequence> above;
        record_.included.for_each([&](sequence seq) {
            if (seq > floor_) above.push_back(seq);
        });
        return above;
    }

private:
    sequence stored_floor_;
    sequence floor_;
    device_record record_;
    std::vector<stored_verdict> repeats_;  ///< by sequence
    std::vector<stored_verdict> fresh_;
    arena text_;
};

/// Answers a repeat, or the void of an operation that has its verdict, except for the row. Values are kept in `answer`.
inline void replay(const stored_verdict& stored, const schema_view& schema, wire::operation_result& result, wire::push_answer& answer) {
    result.outcome = stored.outcome;
    result.table = stored.table;
    result.local = stored.local;
    result.incarnation = stored.incarnation;
    result.refused = stored.refused;
    result.overwritten = stored.overwritten;
    result.kept = stored.kept;
    if (stored.overwritten != 0) {
        std::vector<cell> lost = read_image(stored.lost, schema[stored.table].columns.size());
        const std::span<cell> kept = answer.cells.take(lost.size());
        for (std::size_t i = 0; i < lost.size(); ++i) kept[i] = answer.bytes.keep(lost[i]);
        result.lost = kept;
    }
    if (stored.outcome != wire::verdict::rejected) return;
    result.permanent = true;
    result.problem = {stored.reason, std::string(stored.reason_text), stored.table < 0 ? std::string() : std::string(schema[stored.table].entity),
                      stored.local.str(), {}};
}

}  // namespace syncline
