/// The figures as text for people.
#pragma once

#include <cstdio>
#include <string>

#include "measure.hpp"

namespace benchmarks::harness {

/// What syncline sets itself: ratios to the limits, and an idle sync's time.
inline constexpr double fair_ratio_max = 1.25;
inline constexpr double bare_ratio_max = 2;
inline constexpr double session_ratio_max = 1;
inline constexpr double http_ratio_max = 1.3;
inline constexpr double idle_ms_max = 0.02;

/// Three figures that count; "-" for less than nothing.
[[nodiscard]] inline std::string shown_figure(double value) {
    if (value < 0) return "-";
    if (value == 0) return "0";
    char text[32];
    std::snprintf(text, sizeof text,
                  value < 0.001 ? "%.2g"
                  : value < 0.1 ? "%.4f"
                  : value < 1   ? "%.3f"
                  : value < 10  ? "%.2f"
                  : value < 100 ? "%.1f"
                                : "%.0f",
                  value);
    return text;
}

[[nodiscard]] inline double median_or_none(const series* one) { return one == nullptr ? -1 : one->median_ms(); }

[[nodiscard]] inline bool has_session_goal(work what) noexcept {
    return what == work::w1 || what == work::w2 || what == work::w3 || what == work::w5;
}

/// Bytes for each row that had to be moved; of an idle sync the bytes of all of it.
[[nodiscard]] inline double bytes_per_row(const series& one) { return one.wire_bytes() / (one.rows() > 0 ? one.rows() : 1); }

inline constexpr double no_goal = 1e9;

/// A ratio, with "!" behind it where it is beyond the goal; "-" without one of the two.
[[nodiscard]] inline std::string shown_ratio(double one, double other, double most) {
    if (one < 0 || other <= 0) return "- ";
    return shown_figure(one / other) + (one / other > most ? "!" : " ");
}

/// The same work in process and over loopback HTTP.
inline void print_http_table(const options& chosen, const results& all) {
    std::printf("%-4s %-14s %13s %9s %9s\n", "work", "store", "in process ms", "HTTP ms", "ratio");
    for (const work what : chosen.works)
        for (const store_kind store : chosen.stores) {
            const double inside = median_or_none(find(all, what, store, contestant::ours));
            const double outside = median_or_none(find(all, what, store, contestant::ours_over_http));
            std::printf("%-4s %-14s %13s %9s %9s\n", name_of(what).c_str(), name_of(store).c_str(), shown_figure(inside).c_str(),
                        shown_figure(outside).c_str(), shown_ratio(outside, inside, http_ratio_max).c_str());
        }
}

inline void print_main_table(const options& chosen, const results& all) {
    std::printf("%-4s %-14s %9s %9s %9s %10s  %10s %10s %13s %13s  %9s %9s\n", "work", "store", "ours ms", "fair ms", "bare ms",
                "session ms", "ours/fair", "ours/bare", "ours/session", "bare/session", "bytes/row", "peak MiB");
    for (const work what : chosen.works)
        for (const store_kind store : chosen.stores) {
            const series* const ours = find(all, what, store, contestant::ours);
            if (ours == nullptr) continue;
            const double ms = ours->median_ms();
            const double fair = median_or_none(find(all, what, store, contestant::fair));
            const double bare = median_or_none(find(all, what, store, contestant::bare));
            const double session = median_or_none(find(all, what, store, contestant::session));
            const bool idle = what == work::w4;
            std::printf("%-4s %-14s %8s%s %9s %9s %10s  %10s %10s %13s %13s  %9s %9s\n", name_of(what).c_str(),
                        name_of(store).c_str(), shown_figure(ms).c_str(), idle && ms > idle_ms_max ? "!" : " ",
                        shown_figure(fair).c_str(), shown_figure(bare).c_str(), shown_figure(session).c_str(),
                        shown_ratio(ms, idle ? -1 : fair, fair_ratio_max).c_str(),
                        shown_ratio(ms, idle ? -1 : bare, bare_ratio_max).c_str(),
                        shown_ratio(ms, idle ? -1 : session, has_session_goal(what) ? session_ratio_max : no_goal).c_str(),
                        shown_ratio(bare, idle ? -1 : session, no_goal).c_str(),
                        ours->wire_bytes() > 0 ? shown_figure(bytes_per_row(*ours)).c_str() : "-",
                        shown_figure(ours->peak_kib() / 1'024).c_str());
        }
    std::printf(
        "\nMedians of %d %s%s. A ratio above 1 means that the first of the two takes longer. bytes/row and peak MiB are\n"
        "syncline's: both ways on the wire for each row moved (W4: for the whole sync), and memory above where it was before the\n"
        "work, server included. bare/session is there to judge the bare limit by. ! is beyond what syncline aims at: ours/fair\n"
        "1.25, ours/bare 2, ours/session 1 (W1 W2 W3 W5), and 0.02 ms for W4.\n",
        chosen.round_count(), chosen.round_count() == 1 ? "round" : "rounds",
        chosen.quick ? " with a tenth of the rows (--quick)" : "");
}

/// Spread, bytes and memory of every contestant.
inline void print_details(const options& chosen, const results& all) {
    std::printf("%-4s %-14s %-14s %9s %21s  %9s %12s %9s\n", "work", "store", "contestant", "ms", "min .. max", "bytes/row",
                "sent/row", "peak MiB");
    for (const work what : chosen.works)
        for (const store_kind store : chosen.stores)
            for (const contestant who : contestants_for(chosen, what, store)) {
                const series* const one = find(all, what, store, who);
                if (one == nullptr) continue;
                const bool has_wire = one->wire_bytes() > 0;
                const double rows = one->rows() > 0 ? one->rows() : 1;
                std::printf("%-4s %-14s %-14s %9s %21s  %9s %12s %9s\n", name_of(what).c_str(), name_of(store).c_str(),
                            name_of(who).c_str(), shown_figure(one->median_ms()).c_str(),
                            (shown_figure(one->least_ms()) + " .. " + shown_figure(one->greatest_ms())).c_str(),
                            has_wire ? shown_figure(bytes_per_row(*one)).c_str() : "-",
                            has_wire ? shown_figure(one->sent_bytes() / rows).c_str() : "-",
                            shown_figure(one->peak_kib() / 1'024).c_str());
            }
}

inline void print_parity() {
    std::fputs(
        "What each of them does for its time:\n"
        "                                                 ours   fair   bare   session\n"
        "  messages                                       CBOR   JSON   JSON   changesets\n"
        "  field by field, edits of both devices survive  yes    yes    yes    yes\n"
        "  parents are pushed before children             yes    yes    yes    yes (whole log in order)\n"
        "  a row waits, unseen, for a parent to come      yes    no     no     no\n"
        "  foreign keys are checked by the store          yes    yes    no     no\n"
        "  indexes on foreign keys                        yes    yes    no     no\n"
        "  the server names rows, keys are translated     yes    yes    no     no\n"
        "  a verdict for each operation                   yes    yes    no     no\n"
        "  refused operations are set aside, with why     yes    no     no     no\n"
        "  conflicts are recorded with both values        yes    no     no     no\n"
        "  exactly once, also when an answer is lost      yes    no     no     no\n"
        "  what is unsent survives the process            yes    yes    yes    no (memory)\n"
        "  a pull goes on after the last page taken       yes    yes    yes    yes (whole changesets)\n"
        "  writes during a sync are safe                  yes    no     no     no\n"
        "  removals, with their referrers                 yes    no     no     rows only\n"
        "  pages bound the memory of both sides           yes    yes    yes    no\n"
        "  \"survives the process\" and transactions hold for the SQLite stores; the stores in memory of the limits have "
        "neither.\n",
        stdout);
}

}  // namespace benchmarks::harness
