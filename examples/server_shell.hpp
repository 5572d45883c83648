/// A server program for any schema: rows in an SQLite file, owners by token, HTTP until it is told to stop.
#pragma once

#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <shell/errors.hpp>
#include <shell/signals.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/server/server.hpp>
#include <syncline/transports/http_server.hpp>

namespace shell {

struct server_shell_options {
    std::string name = "server";
    std::string description = "Brings the devices of its owners to the same rows.";
};

/// Which owner a token stands for. A server with users asks its own table instead.
class token_table {
public:
    /// "TOKEN=OWNER". Throws usage_error for other text and for a token that is there already, without repeating the token.
    void add(const std::string& text) {
        const std::size_t equals = text.rfind('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) throw usage_error("a token is given as TOKEN=OWNER");
        if (!owners_.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
            throw usage_error("a token of " + text.substr(equals + 1) + " is given twice");
    }

    void read(const std::string& path) {
        std::ifstream in(path);
        if (!in) throw command_failed("cannot open " + path);
        for (std::string line; std::getline(in, line);) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (!line.empty() && line.front() != '#') add(line);
        }
    }

    [[nodiscard]] bool empty() const noexcept { return owners_.empty(); }

    [[nodiscard]] std::optional<std::string> operator()(const std::string& token) const {
        const auto found = owners_.find(token);
        if (found == owners_.end()) return std::nullopt;
        return found->second;
    }

private:
    std::map<std::string, std::string> owners_;
};

namespace detail {

struct server_arguments {
    std::string database;
    std::string host = "127.0.0.1";
    int port = 0;
    std::vector<std::string> tokens;
    std::vector<std::string> token_files;
    syncline::limits bounds;
};

/// Fills `out`; the exit status where there is nothing to run.
[[nodiscard]] inline std::optional<int> parse_server_arguments(int count, char** words, const server_shell_options& options, server_arguments& out) {
    CLI::App app(options.description, options.name);
    app.footer("\nOne line, 'listening on URL', tells when it is ready. SIGINT and SIGTERM end it when the requests in work are answered.\n"
               "\nExit status: 0 ended by a signal; 1 the file or the port cannot be used; 2 wrong usage.\n");
    app.add_option("--db", out.database, "the SQLite file, made if it is not there; :memory: forgets everything at the end")->type_name("FILE")->required();
    app.add_option("--host", out.host, "address to listen on; another than the loopback is open to its network")
        ->type_name("ADDRESS")
        ->capture_default_str();
    app.add_option("--port", out.port, "port to listen on; 0 takes one that is free")->type_name("N")->check(CLI::Range(0, 65535))->capture_default_str();
    app.add_option("--token", out.tokens, "a token and whose rows it opens; several times for several")
        ->type_name("TOKEN=OWNER")
        ->allow_extra_args(false);
    app.add_option("--token-file", out.token_files, "a file of such lines, which no list of processes shows")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--text-bytes", out.bounds.string_bytes, "longest text that is taken")->type_name("N")->check(CLI::Range(256, 1 << 30))->capture_default_str();
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? exit_done : exit_usage;
    }
    return std::nullopt;
}

[[nodiscard]] inline std::string url_of(const std::string& host, int port) {
    const bool is_v6 = host.find(':') != std::string::npos;
    return "http://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

inline void run_server(const syncline::schema_view& schema, const server_arguments& given) {
    token_table tokens;
    for (const std::string& text : given.tokens) tokens.add(text);
    for (const std::string& path : given.token_files) tokens.read(path);
    if (tokens.empty()) throw usage_error("nobody could sync: give at least one --token TOKEN=OWNER, or a --token-file");

    syncline::server<syncline::sqlite_backend> rows(given.database, schema, tokens, {.service = {.bounds = given.bounds}});
    syncline::http_server_options listening;
    listening.host = given.host;
    listening.port = given.port;
    syncline::http_server server(rows, listening);
    std::printf("listening on %s\n", url_of(given.host, server.port()).c_str());
    std::fflush(stdout);
    run_until_signalled([&] { server.run(); }, [&] { server.stop(); });
}

}  // namespace detail

/// Serves until SIGINT or SIGTERM and returns the exit status.
inline int run_server_shell(int count, char** words, const syncline::schema_view& schema, const server_shell_options& options = {}) {
    detail::server_arguments given;
    if (const std::optional<int> ended = detail::parse_server_arguments(count, words, options, given)) return *ended;
    const auto complain = [&](const std::exception& problem, int result) {
        std::fprintf(stderr, "%s: %s\n", options.name.c_str(), problem.what());
        return result;
    };
    try {
        detail::run_server(schema, given);
        return exit_done;
    } catch (const usage_error& problem) {
        return complain(problem, exit_usage);
    } catch (const std::exception& problem) {
        return complain(problem, exit_refused);
    }
}

}  // namespace shell
