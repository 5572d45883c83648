/// Every input that fuzzing found worth keeping, through the same checks in every build and without libFuzzer.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fuzz/messages.hpp>
#include <fuzz/requests.hpp>
#include <fuzz/router.hpp>
#include <support/catch.hpp>

using namespace syncline;

namespace {

struct named_check {
    std::string_view name;
    void (*check)(std::string_view input);
};

constexpr named_check checks[] = {{"push_json", fuzz::push_json},       {"push_cbor", fuzz::push_cbor},
                                  {"page_json", fuzz::page_json},       {"page_cbor", fuzz::page_cbor},
                                  {"answer_json", fuzz::answer_json},   {"answer_cbor", fuzz::answer_cbor},
                                  {"error_json", fuzz::error_json},     {"error_cbor", fuzz::error_cbor},
                                  {"pull_target", fuzz::pull_target},   {"cursor_text", fuzz::cursor_text},
                                  {"whole_router", fuzz::whole_router}};

std::filesystem::path corpus() { return std::filesystem::path(__FILE__).parent_path() / "corpus"; }

std::vector<std::filesystem::path> entries(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> all(std::filesystem::directory_iterator(folder), {});
    std::sort(all.begin(), all.end());
    return all;
}

std::string content(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("every input that fuzzing kept passes its check") {
    for (const named_check& one : checks) {
        const auto files = entries(corpus() / one.name);
        CHECK(files.size() > 10);
        for (const auto& file : files) {
            INFO(file.string());
            CHECK_NOTHROW(one.check(content(file)));
        }
    }
}

TEST_CASE("every input that fuzzing kept is refused or accepted in peace when it is cut short") {
    for (const named_check& one : checks) {
        if (one.name == "whole_router") continue;
        for (const auto& file : entries(corpus() / one.name)) {
            const std::string input = content(file);
            INFO(file.string());
            for (std::size_t size = 0; size < input.size(); ++size) CHECK_NOTHROW(one.check(std::string_view(input).substr(0, size)));
        }
    }
}

TEST_CASE("no kept input is without a check") {
    std::set<std::string> names;
    for (const named_check& one : checks) names.emplace(one.name);
    for (const auto& folder : entries(corpus())) CHECK(names.count(folder.filename().string()) == 1);
}
