/// The backend suite's checks of devices: floors, answered sequences and verdicts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
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
    return one;
}

[[nodiscard]] inline bool is_same(const stored_verdict& a, const stored_verdict& b) {
    return a.seq == b.seq && a.digest == b.digest && a.outcome == b.outcome && a.table == b.table && a.local == b.local &&
           a.reason == b.reason && a.reason_text == b.reason_text && a.refused == b.refused && a.overwritten == b.overwritten &&
           a.lost == b.lost;
}

[[nodiscard]] inline std::vector<sequence> members_of(const sequence_set& set) {
    std::vector<sequence> members;
    set.for_each([&](sequence seq) { members.push_back(seq); });
    return members;
}

/// The device has this floor and the verdicts of exactly these sequences, which are in ascending order.
template <class Transaction>
void expect_device(Transaction& tx, std::string_view device, sequence floor, const std::vector<sequence>& expected,
                   const std::string& when) {
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
        expect(is_same(one, verdict_of(one.seq)), "a verdict is changed " + when);
        found.push_back(one.seq);
    });
    std::ranges::sort(found);
    expect(found == expected, "the verdicts of a device are others " + when);
    std::size_t count = 0;
    if (!expected.empty())
        tx.find_verdicts(device, std::span(&expected.back(), 1), [&](const stored_verdict& one) {
            count += one.seq == expected.back() ? 1u : 2u;
        });
    expect(count == (expected.empty() ? 0u : 1u), "a verdict that was asked for is not the only one " + when);
}

template <class Backend>
void devices_survive(Backend& database) {
    const auto save = [&](std::string_view device, sequence floor, const std::vector<sequence>& seqs) {
        std::vector<stored_verdict> verdicts;
        for (const sequence seq : seqs) verdicts.push_back(verdict_of(seq));
        auto tx = database.begin_write("ada");
        tx.save_device(device, floor, verdicts);
        tx.commit();
    };
    const auto expect_now = [&](std::string_view device, sequence floor, const std::vector<sequence>& seqs, const std::string& when) {
        auto tx = database.begin_read("ada");
        expect_device(tx, device, floor, seqs, when);
    };
    save("phone", 0, {1, 2, 3, 10});
    expect_now("phone", 0, {1, 2, 3, 10}, "after the first save");
    save("phone", 2, {5, 7});
    expect_now("phone", 2, {3, 5, 7, 10}, "after verdicts between those stored");
    save("tablet", 4, {5});
    save("phone", 1, {});
    expect_now("phone", 2, {3, 5, 7, 10}, "after a floor below the one stored");
    expect_now("tablet", 4, {5}, "beside another device");
    save("phone", 6, {std::numeric_limits<sequence>::max()});
    expect_now("phone", 6, {7, 10, std::numeric_limits<sequence>::max()}, "after a floor inside earlier verdicts");
    save("phone", 10, {});
    expect_now("phone", 10, {std::numeric_limits<sequence>::max()}, "after a floor above earlier verdicts");
    expect_now("watch", 0, {}, "for an unknown device");
    auto tx = database.begin_write("ada");
    const std::vector<stored_verdict> more{verdict_of(12)};
    tx.save_device("phone", 11, more);
    expect_device(tx, "phone", 11, {12, std::numeric_limits<sequence>::max()}, "within the transaction that saves it");
}

}  // namespace syncline::testing::backend_suite
