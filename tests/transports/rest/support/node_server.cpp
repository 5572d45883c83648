#include <transports/rest/support/node_server.hpp>

#include <charconv>
#include <csignal>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

namespace syncline::tests {

node_server::node_server(const std::string& script, const std::vector<std::string>& arguments) {
    constexpr int not_found = 127;
    const std::string path = (std::filesystem::path(__FILE__).parent_path().parent_path() / script).string();
    std::vector<std::string> words{"node", path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> command;
    for (std::string& word : words) command.push_back(word.data());
    command.push_back(nullptr);

    int to_child[2], from_child[2];
    if (pipe(to_child) != 0) return;
    if (pipe(from_child) != 0) {
        close(to_child[0]);
        close(to_child[1]);
        return;
    }
    process_ = fork();
    if (process_ == 0) {
        dup2(to_child[0], 0);
        dup2(from_child[1], 1);
        for (const int end : {to_child[0], to_child[1], from_child[0], from_child[1]}) close(end);
        execvp("node", command.data());
        _exit(not_found);
    }
    close(to_child[0]);
    close(from_child[1]);
    input_ = to_child[1];
    std::string line;
    char letter = 0;
    while (process_ > 0 && read(from_child[0], &letter, 1) == 1 && letter != '\n') line.push_back(letter);
    close(from_child[0]);
    int port = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), port).ec == std::errc() && port > 0) port_ = port;
    if (port_ || process_ <= 0) return;
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    is_missing_ = WIFEXITED(status) && WEXITSTATUS(status) == not_found;
}

node_server::~node_server() {
    if (input_ >= 0) close(input_);
    if (process_ > 0) {
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
    }
}

}  // namespace syncline::tests
