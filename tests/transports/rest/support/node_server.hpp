/// A script of this folder, run by node as a process of its own for as long as the object lives.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace syncline::tests {

class node_server {
public:
    /// `script` stands beside the tests of the REST transport.
    node_server(const std::string& script, const std::vector<std::string>& arguments);
    node_server(const node_server&) = delete;
    node_server& operator=(const node_server&) = delete;
    ~node_server();

    /// The port on 127.0.0.1; nothing where node could not run the script.
    [[nodiscard]] std::optional<int> port() const noexcept { return port_; }
    /// True where there is no node on this machine.
    [[nodiscard]] bool is_missing() const noexcept { return is_missing_; }

private:
    int process_ = -1;
    int input_ = -1;
    std::optional<int> port_;
    bool is_missing_ = false;
};

}  // namespace syncline::tests
