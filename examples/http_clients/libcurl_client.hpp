/// An HTTP client of one's own for `http_transport`, here on libcurl (7.85 or later): each call has a handle to itself, and a stop wakes it up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <sys/socket.h>

#include <syncline/transports/http_client.hpp>
#include <syncline/transports/http_url.hpp>

/// `ca_file`: a PEM file that is trusted instead of the system's certificates.
class libcurl_client {
public:
    static constexpr bool is_thread_safe = true;

    /// Throws std::invalid_argument for an address that is none, or that would show the token to others.
    explicit libcurl_client(std::string_view url, std::string ca_file = {}) : url_(syncline::parse_http_url(url)), ca_file_(std::move(ca_file)) {
        if (!url_.is_secure && !url_.is_loopback()) throw std::invalid_argument("http:// would show the token to everybody on the way");
        static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
        if (global != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
    }

    [[nodiscard]] syncline::http_result send(const syncline::http_call& call) {
        std::unique_ptr<connection> one = take();
        exchange so_far{call, {}};
        set_up(*one, so_far);
        const CURLcode code = perform(*one, call.stop);
        if (so_far.thrown) std::rethrow_exception(so_far.thrown);
        if (call.stop.stop_requested()) return lost("the call was stopped");
        if (so_far.is_enough) return std::move(so_far.reply);
        if (code != CURLE_OK) return failure_of(*one, code);
        // A head that is cut is an answer to libcurl.
        if (!so_far.has_head) return lost("the answer broke off");
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(one));
        return std::move(so_far.reply);
    }

private:
    /// More than any server needs.
    static constexpr std::size_t head_bytes_max = 64 * 1024;

    template <auto Release>
    struct releaser {
        template <class Handle>
        void operator()(Handle* handle) const {
            Release(handle);
        }
    };
    /// A multi handle owns the connection between calls, and is what another thread can wake up.
    struct connection {
        std::unique_ptr<CURLM, releaser<curl_multi_cleanup>> multi{curl_multi_init()};
        std::unique_ptr<CURL, releaser<curl_easy_cleanup>> easy{curl_easy_init()};
        std::unique_ptr<curl_slist, releaser<curl_slist_free_all>> headers;
        curl_socket_t socket = CURL_SOCKET_BAD;

        /// Nothing came since the last answer: libcurl would take what a server sends unasked for the next answer.
        [[nodiscard]] bool is_quiet() const {
            char byte = 0;
            return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
        }
    };
    struct exchange {
        const syncline::http_call& call;
        syncline::http_reply reply;
        std::size_t sent = 0;
        std::size_t head_bytes = 0;
        bool has_head = false;
        bool is_enough = false;
        std::exception_ptr thrown = nullptr;
    };

    std::unique_ptr<connection> take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return std::make_unique<connection>();
        std::unique_ptr<connection> last = std::move(idle_.back());
        idle_.pop_back();
        return last->is_quiet() ? std::move(last) : std::make_unique<connection>();
    }

    void set_up(connection& one, exchange& so_far) const {
        const syncline::http_call& call = so_far.call;
        CURL* const easy = one.easy.get();
        curl_easy_reset(easy);
        curl_slist* lines = curl_slist_append(nullptr, "Expect:");
        for (const auto& [name, value] : call.headers) lines = curl_slist_append(lines, (name + ": " + value).c_str());
        one.headers.reset(lines);
        const std::string target = (url_.is_secure ? "https://" : "http://") + url_.authority() + url_.prefix + call.target;
        curl_easy_setopt(easy, CURLOPT_URL, target.c_str());
        curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, url_.is_secure ? "https" : "http");
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 5'000L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 30L);
        if (call.time_max.count() > 0) curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(call.time_max.count()));
        // A proxy of the environment would see what must not leave the machine.
        if (url_.is_loopback()) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
        if (!ca_file_.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file_.c_str());
        if (!call.body.empty()) {
            curl_easy_setopt(easy, CURLOPT_POST, 1L);
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
            // Read by a function that cannot go back: libcurl would send once more when a kept connection breaks.
            curl_easy_setopt(easy, CURLOPT_READFUNCTION, &read_body);
            curl_easy_setopt(easy, CURLOPT_READDATA, &so_far);
        } else if (call.method != "GET") {
            curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        }
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &take_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &so_far);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &so_far);
    }

    static CURLcode perform(connection& one, const std::stop_token& stop) {
        CURLM* const multi = one.multi.get();
        curl_multi_add_handle(multi, one.easy.get());
        const std::stop_callback on_stop(stop, [multi] { curl_multi_wakeup(multi); });
        int running = 1;
        while (!stop.stop_requested() && curl_multi_perform(multi, &running) == CURLM_OK && running != 0)
            curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
        int left = 0;
        const CURLMsg* const message = curl_multi_info_read(multi, &left);
        const CURLcode code = message != nullptr ? message->data.result : CURLE_ABORTED_BY_CALLBACK;
        curl_easy_getinfo(one.easy.get(), CURLINFO_ACTIVESOCKET, &one.socket);
        curl_multi_remove_handle(multi, one.easy.get());
        return code;
    }

    static std::size_t read_body(char* to, std::size_t unit, std::size_t count, void* data) {
        exchange& so_far = *static_cast<exchange*>(data);
        const std::string_view piece = std::string_view(so_far.call.body).substr(so_far.sent, unit * count);
        std::memcpy(to, piece.data(), piece.size());
        so_far.sent += piece.size();
        return piece.size();
    }

    static std::size_t take_header(char* from, std::size_t unit, std::size_t count, void* data) {
        exchange& so_far = *static_cast<exchange*>(data);
        syncline::http_reply& reply = so_far.reply;
        const std::string_view line(from, unit * count);
        const std::size_t colon = line.find(':');
        so_far.head_bytes += line.size();
        if (so_far.head_bytes > head_bytes_max) return 0;
        so_far.has_head = line == "\r\n" || line == "\n";
        if (line.starts_with("HTTP/")) {
            // Each interim answer has a head of its own: the last one counts.
            reply = {std::atoi(std::string(line.substr(line.find(' ') + 1)).c_str()), {}, {}};
        } else if (colon != std::string_view::npos) {
            std::string_view value = line.substr(colon + 1);
            value.remove_prefix(std::min(value.size(), value.find_first_not_of(" \t")));
            while (!value.empty() && std::string_view(" \t\r\n").find(value.back()) != std::string_view::npos) value.remove_suffix(1);
            reply.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
        }
        return line.size();
    }

    static std::size_t take_body(char* from, std::size_t unit, std::size_t count, void* data) {
        exchange& so_far = *static_cast<exchange*>(data);
        syncline::http_reply& reply = so_far.reply;
        const std::string_view piece(from, unit * count);
        try {
            if (so_far.call.receive && reply.status >= 200 && reply.status < 300)
                return (so_far.is_enough = !so_far.call.receive(piece)) ? 0 : piece.size();
            if (piece.size() > so_far.call.answer_bytes_max - reply.body.size()) return 0;
            reply.body += piece;
            return piece.size();
        } catch (...) {
            // An exception must not pass through the library, which is not C++.
            so_far.thrown = std::current_exception();
            return 0;
        }
    }

    static syncline::http_result failure_of(const connection& one, CURLcode code) {
        long sent = 0;
        curl_easy_getinfo(one.easy.get(), CURLINFO_REQUEST_SIZE, &sent);
        // Without a byte sent, be it for lack of a name, a connection or a trusted certificate, the server cannot have done anything.
        if (sent == 0) return syncline::exchange_failure{syncline::exchange_failure_kind::unreachable, curl_easy_strerror(code)};
        return lost(curl_easy_strerror(code));
    }
    static syncline::exchange_failure lost(std::string text) { return {syncline::exchange_failure_kind::lost, std::move(text)}; }

    const syncline::http_url url_;
    const std::string ca_file_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<connection>> idle_;
};

static_assert(syncline::http_client<libcurl_client>);
