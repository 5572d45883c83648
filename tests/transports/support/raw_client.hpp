/// A client that writes bytes to a socket as a test says, and reads what comes back.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <syncline/schema/names.hpp>

namespace syncline::tests {

/// One answer of a server; status 0 where the connection ended before there was a whole one.
struct raw_answer {
    int status = 0;
    std::map<std::string, std::string> headers = {};  ///< names in lower case
    std::string body = {};
};

class raw_client {
public:
    explicit raw_client(int port, const char* host = "127.0.0.1") : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in there{};
        there.sin_family = AF_INET;
        there.sin_port = htons(static_cast<std::uint16_t>(port));
        if (socket_ < 0 || ::inet_pton(AF_INET, host, &there.sin_addr) != 1) std::abort();
        // Bounds a test that fails; none that passes waits so long.
        const timeval patience{30, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    }
    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;
    ~raw_client() { close(); }

    [[nodiscard]] bool is_connected() const noexcept { return connected_; }

    /// False when the server takes no more.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    void half_close() { ::shutdown(socket_, SHUT_WR); }
    void close() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }

    /// True when there is something to read, or the end, within that time.
    [[nodiscard]] bool has_input(int wait_ms) const {
        pollfd one{socket_, POLLIN, 0};
        return !received_.empty() || ::poll(&one, 1, wait_ms) > 0;
    }

    /// The next answer: its head, then as many bytes as its length says, all chunks, or all until the end.
    [[nodiscard]] raw_answer receive() {
        raw_answer answer;
        const std::optional<std::string> head = take_until("\r\n\r\n");
        if (!head) return answer;
        read_head(*head, answer);
        if (const auto length = answer.headers.find("content-length"); length != answer.headers.end()) {
            if (!take_bytes(std::stoul(length->second), answer.body)) answer.status = 0;
        } else if (const auto coding = answer.headers.find("transfer-encoding"); coding != answer.headers.end()) {
            while (const std::optional<std::string> piece = receive_chunk()) {
                if (piece->empty()) return answer;
                answer.body += *piece;
            }
            answer.status = 0;
        } else {
            answer.body = receive_rest();
        }
        return answer;
    }

    /// The head of an answer whose body goes on, to be read with receive_chunk().
    [[nodiscard]] raw_answer receive_head() {
        raw_answer answer;
        if (const std::optional<std::string> head = take_until("\r\n\r\n")) read_head(*head, answer);
        return answer;
    }

    /// The next chunk of a body; an empty one is its end, and nothing means that the connection ended.
    [[nodiscard]] std::optional<std::string> receive_chunk() {
        const std::optional<std::string> size = take_until("\r\n");
        if (!size) return std::nullopt;
        std::string piece, line_end;
        if (!take_bytes(std::stoul(*size, nullptr, 16), piece) || !take_bytes(2, line_end)) return std::nullopt;
        return piece;
    }

    /// All bytes until the server closes the connection. `ended` is false where it did not.
    [[nodiscard]] std::string receive_rest() {
        while (fill()) {}
        return std::exchange(received_, {});
    }
    /// True when the server has closed the connection, seen by receive_rest().
    [[nodiscard]] bool is_closed_by_server() const noexcept { return ended_; }

private:
    bool fill() {
        if (ended_) return false;
        char bytes[65'536];
        const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
        if (count > 0) {
            received_.append(bytes, static_cast<std::size_t>(count));
            return true;
        }
        ended_ = count == 0 || errno == ECONNRESET || errno == EPIPE;
        return false;
    }

    [[nodiscard]] std::optional<std::string> take_until(std::string_view mark) {
        for (;;) {
            if (const std::size_t at = received_.find(mark); at != std::string::npos) {
                std::string taken = received_.substr(0, at);
                received_.erase(0, at + mark.size());
                return taken;
            }
            if (!fill()) return std::nullopt;
        }
    }

    [[nodiscard]] bool take_bytes(std::size_t count, std::string& out) {
        while (received_.size() < count)
            if (!fill()) return false;
        out = received_.substr(0, count);
        received_.erase(0, count);
        return true;
    }

    static void read_head(const std::string& head, raw_answer& answer) {
        if (head.size() < 12 || !head.starts_with("HTTP/1.1 ")) return;
        answer.status = std::atoi(head.c_str() + 9);
        for (std::size_t at = head.find("\r\n"); at != std::string::npos;) {
            const std::size_t end = head.find("\r\n", at + 2);
            const std::string line = head.substr(at + 2, end == std::string::npos ? end : end - at - 2);
            const std::size_t colon = line.find(": ");
            std::string name = line.substr(0, colon);
            for (char& c : name) c = lower_case(c);
            if (colon != std::string::npos) answer.headers[name] = line.substr(colon + 2);
            at = end;
        }
    }

    int socket_;
    bool connected_ = false;
    bool ended_ = false;
    std::string received_;
};

}  // namespace syncline::tests
