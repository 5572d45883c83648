/// All rounds of all contestants, interleaved, and what is made of them.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "child.hpp"
#include "options.hpp"

namespace benchmarks::harness {

enum class contestant : std::uint8_t { ours, ours_as_json, ours_over_http, fair, fair_without_keys, bare, session };
inline constexpr std::array<std::string_view, 7> contestant_names{"ours",          "ours as JSON", "ours over HTTP", "fair",
                                                                  "fair w/o keys", "bare",         "session"};

[[nodiscard]] inline std::string name_of(work which) { return std::string(work_names[static_cast<std::size_t>(which)]); }
[[nodiscard]] inline std::string name_of(store_kind which) { return std::string(store_names[static_cast<std::size_t>(which)]); }
[[nodiscard]] inline std::string name_of(contestant which) {
    return std::string(contestant_names[static_cast<std::size_t>(which)]);
}

/// A folder that goes when its owner goes, with all that is in it.
class scratch_folder {
public:
    explicit scratch_folder(const std::string& parent) {
        std::filesystem::create_directories(parent);
        std::string pattern = parent + "/round-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) throw run_failure("no folder can be made in " + parent);
        path_ = pattern;
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// The rounds of one contestant at one work on one store.
class series {
public:
    void add(sample one) { rounds_.push_back(std::move(one)); }

    [[nodiscard]] bool empty() const noexcept { return rounds_.empty(); }
    [[nodiscard]] double median_ms() const { return median(&sample::ms); }
    [[nodiscard]] double least_ms() const { return sorted(&sample::ms).front(); }
    [[nodiscard]] double greatest_ms() const { return sorted(&sample::ms).back(); }
    [[nodiscard]] double peak_kib() const { return median(&sample::peak_kib); }
    [[nodiscard]] double rows() const { return rounds_.front().rows; }
    [[nodiscard]] double wire_bytes() const { return median(&sample::wire_bytes); }
    [[nodiscard]] double sent_bytes() const { return median(&sample::sent_bytes); }

private:
    [[nodiscard]] std::vector<double> sorted(double sample::*member) const {
        std::vector<double> values;
        for (const sample& one : rounds_) values.push_back(one.*member);
        std::ranges::sort(values);
        return values;
    }
    [[nodiscard]] double median(double sample::*member) const {
        const std::vector<double> values = sorted(member);
        const std::size_t middle = values.size() / 2;
        return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    std::vector<sample> rounds_;
};

using results = std::map<std::tuple<work, store_kind, contestant>, series>;

/// Null where the contestant did not take part.
[[nodiscard]] inline const series* find(const results& all, work what, store_kind store, contestant who) {
    const auto found = all.find({what, store, who});
    return found == all.end() || found->second.empty() ? nullptr : &found->second;
}

/// The session extension is left out on a machine whose SQLite is without it.
[[nodiscard]] inline std::vector<contestant> contestants_for(const options& chosen, work what, store_kind store) {
    if (chosen.http) return {contestant::ours, contestant::ours_over_http};
    std::vector<contestant> list{contestant::ours, contestant::fair, contestant::bare};
    if (store != store_kind::memory && std::filesystem::exists(chosen.programs + "/session")) list.push_back(contestant::session);
    if (chosen.explain) list.push_back(contestant::fair_without_keys);
    if (chosen.explain && what != work::w6a && what != work::w6b) list.push_back(contestant::ours_as_json);
    return list;
}

[[nodiscard]] inline std::vector<std::string> command_of(const options& chosen, contestant who, work what, store_kind store,
                                                         std::size_t workouts, const std::string& folder) {
    const bool without_keys = who == contestant::fair_without_keys, as_json = who == contestant::ours_as_json;
    const bool over_http = who == contestant::ours_over_http;
    std::vector<std::string> command{chosen.programs + "/" +
                                         (without_keys ? "fair"
                                          : as_json || over_http ? "ours"
                                                                 : name_of(who)),
                                     "--work",
                                     name_of(what),
                                     "--store",
                                     name_of(store),
                                     "--workouts",
                                     std::to_string(workouts),
                                     "--dir",
                                     folder,
                                     "--seed",
                                     std::to_string(chosen.seed),
                                     "--ids",
                                     std::string(id_kind_names[static_cast<std::size_t>(chosen.ids)])};
    if (without_keys) command.push_back("--without-keys");
    if (as_json) command.push_back("--as-json");
    if (over_http) command.push_back("--over-http");
    return command;
}

/// Throws run_failure when a contestant fails or has other rows at the end than the others.
[[nodiscard]] inline results measure_all(const options& chosen) {
    results all;
    std::map<work, std::string> checksums;
    const int rounds = chosen.round_count();
    for (int round = 0; round < rounds; ++round) {
        for (const work what : chosen.works) {
            for (const store_kind store : chosen.stores) {
                std::fprintf(stderr, "round %d of %d: %s on %s\n", round + 1, rounds, name_of(what).c_str(),
                             name_of(store).c_str());
                std::vector<contestant> turn = contestants_for(chosen, what, store);
                // Nobody is always first, when the machine may be cold, or always behind the same other.
                std::ranges::rotate(turn,
                                    turn.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(round) % turn.size()));
                for (const contestant who : turn) {
                    const scratch_folder folder(chosen.folder);
                    sample one = run_round(command_of(chosen, who, what, store, chosen.workouts_for(what), folder.path()));
                    std::string& checksum = checksums[what];
                    if (checksum.empty()) checksum = one.checksum;
                    if (checksum != one.checksum)
                        throw run_failure(name_of(who) + " ended " + name_of(what) + " on " + name_of(store) +
                                          " with other rows (checksum " + one.checksum + ") than the others before it (" +
                                          checksum + ")");
                    all[{what, store, who}].add(std::move(one));
                }
            }
        }
    }
    return all;
}

}  // namespace benchmarks::harness
