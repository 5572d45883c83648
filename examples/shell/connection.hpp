/// The way to the server: token and address of the command line become a transport.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <shell/arguments.hpp>
#include <syncline/transports/http.hpp>
#include <syncline/transports/httplib_client.hpp>

namespace shell {

/// The token of the command line, the variable or the file. Throws usage_error when there is none.
[[nodiscard]] inline std::string token_of(const arguments& given) {
    std::string token = given.token;
    if (!given.token_file.empty()) {
        std::ifstream in(given.token_file);
        if (!std::getline(in, token)) throw command_failed("cannot read a token from " + given.token_file);
        while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
    }
    if (token.empty()) throw usage_error("the server wants a token: --token, --token-file or the variable SYNCLINE_TOKEN");
    return token;
}

/// A client of the server of the command line. Throws usage_error when there is none, or when its address cannot be one.
[[nodiscard]] inline syncline::httplib_client client_of(const arguments& given) {
    if (given.server.empty()) throw usage_error("sync needs --server URL");
    try {
        return syncline::httplib_client(given.server);
    } catch (const std::invalid_argument& problem) {
        throw usage_error("--server: " + std::string(problem.what()));
    }
}

class connection {
public:
    using transport = syncline::http_transport<syncline::httplib_client>;

    explicit connection(const arguments& given) : client_(client_of(given)), transport_(client_, [known = token_of(given)] { return known; }) {}

    [[nodiscard]] transport& link() noexcept { return transport_; }

private:
    syncline::httplib_client client_;
    transport transport_;
};

}  // namespace shell
