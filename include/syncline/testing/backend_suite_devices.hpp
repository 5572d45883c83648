/// The backend suite's checks of devices: floors, answered sequences and verdicts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/testing/backend_suite_rows.hpp>

namespace syncline::testing::backend_suite {

inline stored_verdict verdict_of(sequence seq) {
    stored_verdict one;
    one.seq = seq;
    one.digest = 0xFEDC'BA98'7654'3210u - static_cast<std::uint64_t>(seq);
    one.outcome = seq % 3 == 0 ? wire::verdict::rejected : wire::verdict::merged;
    one.table = seq % 5 == 0 ? -1 : notes;
    if (one.table >= 0) one.local = local_of(notes, static_cast<int>(seq % 10'000));
    if (seq % 3 == 0) one.reason = error_code::restricted, one.reason_text = seq % 2 == 0 ? "caf\xC3\xA9" : "";
    if (seq % 4 == 0) one.refused = 5, one.overwritten = ~column_mask{0}, one.lost = std::string_view("\0\xFF", 2);
    if (seq % 7 == 0) one.kept = 6, one.incarnation = std::numeric_limits<incarnation_number>::max();
    return one;
}

/// The same as far as settled verdicts are kept.
[[nodiscard]] inline bool is_same_settled(const stored_verdict& a, const stored_verdict& b) {
    return a.seq == b.seq && a.digest == b.digest && a.outcome == b.outcome && a.table == b.table && a.local == b.local;
}

[[nodiscard]] inline bool is_same(const stored_verdict& a, const stored_verdict& b) {
    return is_same_settled(a, b) && a.incarnation == b.incarnation && a.reason == b.reason && a.reason_text == b.reason_text &&
           a.refused == b.refused && a.overwritten == b.overwritten && a.kept == b.kept && a.lost == b.lost;
}

[[nodiscard]] inline std::vector<sequence> members_of(const sequence_set& set) {
    std::vector<sequence> members;
    set.for_each([&](sequence seq) { members.push_back(seq); });
    return members;
}

/// The device has this floor, above it the verdicts of exactly these sequences, which are in ascending order, and at or below it
/// those of `settled`.
template <class Transaction>
void expect_device(Transaction& tx, std::string_view device, sequence floor, const std::vector<sequence>& expected,
                   const std::string& when, const std::vector<sequence>& settled = {}) {
    const device_record record = tx.load_device(device);
    expect(record.floor == floor, "the floor of a device is wrong " + when);
    expect(members_of(record.answered) == expected, "the answered sequences of a device are wrong " + when);
    std::vector<sequence> included;
    for (const sequence seq : expected)
        if (is_in_rows(verdict_of(seq).outcome)) included.push_back(seq);
    expect(members_of(record.included) == included, "the included sequences of a device are wrong " + when);
    std::vector<sequence> asked{1, 2, 4, 8, 1'000'000};
    asked.insert(asked.end(), expected.begin(), expected.end());
    std::ranges::sort(asked);
    asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    std::vector<sequence> found;
    tx.find_verdicts(device, asked, [&](const stored_verdict& one) {
        if (one.seq <= floor) return;
        expect(is_same(one, verdict_of(one.seq)), "a verdict is changed " + when);
        found.push_back(one.seq);
    });
    std::ranges::sort(found);
    expect(found == expected, "the verdicts of a device are others " + when);
    found.clear();
    tx.find_verdicts(device, settled, [&](const stored_verdict& one) {
        expect(is_same_settled(one, verdict_of(one.seq)), "a settled verdict is changed " + when);
        found.push_back(one.seq);
    });
    std::ranges::sort(found);
    expect(found == settled, "the settled verdicts of a device are others " + when);
    std::size_t count = 0;
    if (!expected.empty())
        tx.find_verdicts(device, std::span(&expected.back(), 1), [&](const stored_verdict& one) {
            count += one.seq == expected.back() ? 1u : 2u;
        });
    expect(count == (expected.empty() ? 0u : 1u), "a verdict that was asked for is not the only one " + when);
}

template <class Backend>
void devices_survive(Backend& database) {
    const auto save = [&](std::string_view device, sequence floor, const std::vector<sequence>& seqs, sequence forgotten = 0) {
        std::vector<stored_verdict> verdicts;
        for (const sequence seq : seqs) verdicts.push_back(verdict_of(seq));
        auto tx = database.begin_write("ada");
        tx.save_device(device, floor, forgotten, verdicts);
        tx.commit();
    };
    const auto expect_now = [&](std::string_view device, sequence floor, const std::vector<sequence>& seqs, const std::string& when,
                                const std::vector<sequence>& settled = {}) {
        auto tx = database.begin_read("ada");
        expect_device(tx, device, floor, seqs, when, settled);
    };
    constexpr sequence last = std::numeric_limits<sequence>::max();
    save("phone", 0, {1, 2, 3, 10});
    expect_now("phone", 0, {1, 2, 3, 10}, "after the first save");
    save("phone", 2, {5, 7});
    expect_now("phone", 2, {3, 5, 7, 10}, "after verdicts between those stored", {1, 2});
    save("tablet", 4, {5});
    save("phone", 1, {});
    expect_now("phone", 2, {3, 5, 7, 10}, "after a floor below the one stored", {1, 2});
    expect_now("tablet", 4, {5}, "beside another device");
    save("phone", 6, {last});
    expect_now("phone", 6, {7, 10, last}, "after a floor inside earlier verdicts", {1, 2, 3, 5});
    save("phone", 10, {});
    expect_now("phone", 10, {last}, "after a floor above earlier verdicts", {1, 2, 3, 5, 7, 10});
    expect_now("watch", 0, {}, "for an unknown device");
    {
        auto tx = database.begin_write("ada");
        const std::vector<stored_verdict> more{verdict_of(12)};
        tx.save_device("phone", 11, 7, more);
        expect_device(tx, "phone", 11, {12, last}, "within the transaction that saves it", {10});
    }
    expect_now("phone", 10, {last}, "after a transaction that forgot some without commit", {1, 2, 3, 5, 7, 10});
    save("phone", 11, {12}, 7);
    expect_now("phone", 11, {12, last}, "after some may be forgotten", {10});
}

/// Digests are kept as long as a device may repeat what they are of, and no longer.
template <class Backend>
void settled_verdicts_are_forgotten(Backend& database) {
    for (sequence seq = 1; seq <= 100; ++seq) {
        const std::vector<stored_verdict> one{verdict_of(seq)};
        auto tx = database.begin_write("ada");
        tx.save_device("phone", seq - 1, std::max<sequence>(seq - 11, 0), one);
        tx.commit();
    }
    auto tx = database.begin_read("ada");
    std::vector<sequence> all(100);
    std::iota(all.begin(), all.end(), sequence{1});
    std::vector<sequence> found;
    tx.find_verdicts("phone", all, [&](const stored_verdict& one) { found.push_back(one.seq); });
    std::ranges::sort(found);
    expect(found == std::vector<sequence>(all.begin() + 89, all.end()), "what may be forgotten is kept for ever, or what may not is not");
}

}  // namespace syncline::testing::backend_suite
