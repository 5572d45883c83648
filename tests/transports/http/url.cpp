#include <syncline/transports/http_url.hpp>

#include <stdexcept>
#include <string>

#include <support/catch.hpp>

using namespace syncline;

namespace {

std::string problem_with(std::string_view text) {
    try {
        static_cast<void>(parse_http_url(text));
    } catch (const std::invalid_argument& problem) {
        return problem.what();
    }
    return "no problem";
}

}  // namespace

TEST_CASE("the address of a server is read") {
    const http_url plain = parse_http_url("https://sync.example.org");
    CHECK(plain.is_secure);
    CHECK(plain.host == "sync.example.org");
    CHECK(plain.port == 443);
    CHECK(plain.prefix.empty());
    CHECK(plain.authority() == "sync.example.org");

    const http_url full = parse_http_url("HTTP://Sync-1.example:8080/base/v2//");
    CHECK_FALSE(full.is_secure);
    CHECK(full.host == "Sync-1.example");
    CHECK(full.port == 8080);
    CHECK(full.prefix == "/base/v2");
    CHECK(full.authority() == "Sync-1.example:8080");

    CHECK(parse_http_url("http://localhost/").prefix.empty());
    CHECK(parse_http_url("http://localhost:80").authority() == "localhost");
    CHECK(parse_http_url("https://localhost:80").authority() == "localhost:80");
    CHECK(parse_http_url("https://[fe80::1]:8443/x").host == "fe80::1");
    CHECK(parse_http_url("https://[fe80::1]:8443/x").authority() == "[fe80::1]:8443");
    CHECK(parse_http_url("https://[::1]").authority() == "[::1]");
}

TEST_CASE("an address that is none is refused with a sentence that says why") {
    for (const char* const text : {"", "sync.example.org", "ftp://a", "ws://a", "//a", "https:/a"})
        CHECK_THAT(problem_with(text), tests::contains("begins with https://"));
    for (const char* const text : {"https://", "https:///x", "https://a b", "https://a\r\nb", "https://[::1", "https://::1", "https://:80", "https://[]",
                                   "https://\xC3\xA4.example"})
        CHECK_THAT(problem_with(text), tests::contains("has a host"));
    for (const char* const text : {"https://a:", "https://a:0", "https://a:65536", "https://a:x", "https://a:8080x", "https://a:-1", "https://a:99999999999",
                                   "https://[::1]:", "https://[::1]8080"})
        CHECK_THAT(problem_with(text), tests::contains("port"));
    for (const char* const text : {"https://a/b?c", "https://a/b#c", "https://a?b", "https://a/b c", "https://a/b\r\n"})
        CHECK_THAT(problem_with(text), tests::contains("prefix"));
    CHECK_THAT(problem_with("https://user:secret@a"), tests::contains("no user name"));
    CHECK_THAT(problem_with("https://user:secret@a"), !tests::contains("secret"));
}

TEST_CASE("only this machine's own addresses are loopback") {
    for (const char* const text : {"http://localhost", "http://LocalHost:1", "http://127.0.0.1", "http://127.1.2.3", "http://[::1]"})
        CHECK(parse_http_url(text).is_loopback());
    for (const char* const text : {"http://localhost.example.org", "http://127.0.0.1.example.org", "http://127.example", "http://127.0.0", "http://127.0.0.",
                                   "http://128.0.0.1", "http://0.0.0.0", "http://[::2]", "http://[::ffff:127.0.0.1]", "http://1127.0.0.1"})
        CHECK_FALSE(parse_http_url(text).is_loopback());
}
