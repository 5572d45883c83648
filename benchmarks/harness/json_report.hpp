/// The figures for a program to read.
#pragma once

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "machine.hpp"
#include "tables.hpp"

namespace benchmarks::harness {

/// {"W2":{"sqlite-memory":{"ours_ms":..,"fair_ms":..,"bare_ms":..,"session_ms":..,"ratio":..}}}: medians; `ratio` is ours / fair;
/// null for who did not take part. Beside them ranges, bytes and memory, and under "about" what the figures depend on.
[[nodiscard]] inline nlohmann::ordered_json make_report(const options& chosen, const results& all, const machine& here) {
    nlohmann::ordered_json report;
    const auto key = [](contestant who) -> std::string {
        return who == contestant::fair_without_keys ? "fair_without_keys"
               : who == contestant::ours_as_json    ? "ours_as_json"
                                                    : name_of(who);
    };
    for (const work what : chosen.works)
        for (const store_kind store : chosen.stores) {
            nlohmann::ordered_json entry;
            for (const contestant who : {contestant::ours, contestant::fair, contestant::bare, contestant::session,
                                         contestant::fair_without_keys, contestant::ours_as_json}) {
                const series* const one = find(all, what, store, who);
                if (one == nullptr && (who == contestant::fair_without_keys || who == contestant::ours_as_json)) continue;
                entry[key(who) + "_ms"] = one == nullptr ? nlohmann::ordered_json() : nlohmann::ordered_json(one->median_ms());
            }
            const series* const ours = find(all, what, store, contestant::ours);
            const series* const fair = find(all, what, store, contestant::fair);
            if (ours == nullptr || fair == nullptr) continue;
            entry["ratio"] = ours->median_ms() / fair->median_ms();
            const series* const bare = find(all, what, store, contestant::bare);
            const series* const session = find(all, what, store, contestant::session);
            if (bare != nullptr && session != nullptr) entry["bare_to_session"] = bare->median_ms() / session->median_ms();
            entry["rows"] = ours->rows();
            for (const contestant who : contestants_for(chosen, what, store)) {
                const series* const one = find(all, what, store, who);
                if (one == nullptr) continue;
                entry[key(who) + "_range_ms"] = {one->least_ms(), one->greatest_ms()};
                entry[key(who) + "_wire_bytes"] = one->wire_bytes();
                entry[key(who) + "_sent_bytes"] = one->sent_bytes();
                entry[key(who) + "_peak_kib"] = one->peak_kib();
            }
            report[name_of(what)][name_of(store)] = entry;
        }
    report["about"] = {{"rounds", chosen.round_count()}, {"quick", chosen.quick}, {"seed", chosen.seed}, {"ids", id_kind_names[static_cast<std::size_t>(chosen.ids)]},
                       {"processor", here.processor},    {"cores", here.cores},   {"system", here.system},
                       {"compiler", here.compiler},      {"sqlite", here.sqlite}, {"durability", "WAL, synchronous NORMAL"},
                       {"load_before", here.load}};
    return report;
}

inline void write_report(const std::string& path, const nlohmann::ordered_json& report) {
    std::ofstream file(path);
    file << report.dump(2) << '\n';
    file.close();
    if (!file) throw run_failure("cannot write " + path);
}

}  // namespace benchmarks::harness
