/// The simulated network: draws what becomes of a request and makes the answer that the device gets.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/transport.hpp>
#include <syncline/testing/world_swarm.hpp>
#include <syncline/wire/read_push_answer.hpp>
#include <syncline/wire/writer.hpp>

namespace syncline::testing {

/// Draws the fate of one request. Together the faults leave one request in four alone.
[[nodiscard]] inline fate draw_fate(const swarm& world, random_source& random) noexcept {
    std::uint64_t at = random.below(1'000);
    if (at >= 750) return fate::delivered;
    for (std::size_t i = 1; i < fates; ++i) {
        if (at < world.rates[i]) return static_cast<fate>(i);
        at -= world.rates[i];
    }
    return fate::delivered;
}

/// Rewrites the results of a push's answer: without some of them, or shuffled, repeated, and with one that nobody asked for.
inline void spoil_results(const schema_view& schema, const limits& bounds, wire::http_response& response, bool missing, random_source& random) {
    wire::push_answer answer;
    const wire::encoding form = wire::encoding_of(response.content_type).value_or(wire::encoding::json);
    if (response.status != 200 || wire::read_push_answer(response.body, schema, bounds, answer, form)) return;
    std::vector<wire::operation_result> results = answer.results;
    if (missing) {
        std::vector<wire::operation_result> kept;
        for (wire::operation_result& one : results)
            if (random.chance(1, 2)) kept.push_back(std::move(one));
        results = std::move(kept);
    } else {
        for (std::size_t i = results.size(); i > 1; --i) std::swap(results[i - 1], results[random.below(i)]);
        if (!results.empty()) results.push_back(results[random.below(results.size())]);
        if (!results.empty()) {
            wire::operation_result foreign = results.front();
            foreign.seq += 1'000'000;
            results.push_back(foreign);
        }
    }
    response.body.clear();
    wire::push_answer_writer writer(response.body, schema, form, answer.owner);
    for (const wire::operation_result& one : results) writer.add(one);
    writer.finish(answer.version);
}

/// True if an answer says of an operation no more than that it was answered once before.
[[nodiscard]] inline bool calls_anything_settled(const schema_view& schema, const wire::http_response& response) {
    wire::push_answer answer;
    const wire::encoding form = wire::encoding_of(response.content_type).value_or(wire::encoding::json);
    if (response.status != 200 || wire::read_push_answer(response.body, schema, limits{}, answer, form)) return false;
    const auto settled = [](const wire::operation_result& one) { return one.outcome == wire::verdict::settled; };
    return std::any_of(answer.results.begin(), answer.results.end(), settled);
}

/// True when the body has a text that the application of this owner wrote, such as "#5376A!". Three digits are asked for, because
/// ids and digests of a binary body can be any bytes.
[[nodiscard]] inline bool holds_values_of(const std::string& owner, std::string_view body) {
    const std::string mark = owner + "!";
    for (std::size_t at = body.find(mark); at != std::string_view::npos; at = body.find(mark, at + 1)) {
        std::size_t first = at;
        while (first > 0 && body[first - 1] >= '0' && body[first - 1] <= '9') --first;
        if (at - first >= 3 && first > 0 && body[first - 1] == '#') return true;
    }
    return false;
}

/// Answers of pulls as a careless cache keeps them, by device and target.
class page_cache {
public:
    void keep(const std::string& token, const wire::http_request& request, const wire::http_response& response) {
        if (request.method == "GET" && response.status == 200) pages_[{token, request.target}].push_back(response);
    }
    /// An earlier answer to the same request, or null.
    [[nodiscard]] const wire::http_response* find(const std::string& token, const wire::http_request& request, random_source& random) const {
        const auto found = pages_.find({token, request.target});
        if (found == pages_.end()) return nullptr;
        return &found->second[random.below(found->second.size())];
    }

private:
    std::map<std::pair<std::string, std::string>, std::vector<wire::http_response>> pages_;
};

/// Answers that no server of ours gives.
[[nodiscard]] inline wire::http_response portal_page() { return {200, "<!DOCTYPE html><html><body>Please sign in</body></html>", {}, "text/html"}; }
[[nodiscard]] inline wire::http_response status_only(int status) { return {status, "no, sorry", {}, "text/plain"}; }
[[nodiscard]] inline wire::http_response throttled_page() { return {429, {}, 30'000, {}}; }

inline void cut_body(wire::http_response& response, random_source& random) { response.body.resize(random.below(response.body.size() + 1)); }

}  // namespace syncline::testing
