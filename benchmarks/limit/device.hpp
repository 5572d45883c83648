/// The limit programs' client: pushes what is pending in batches, pulls pages, each one transaction of the store.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "../shared/works.hpp"
#include "json_text.hpp"
#include "message_reader.hpp"
#include "server.hpp"

namespace benchmarks::limit {

/// The server and the bytes that pass to and from it.
class world {
public:
    world(const features& what, std::uint64_t seed) : what_(what), server_(what_, seed + 1) {}

    [[nodiscard]] const features& what() const noexcept { return what_; }
    [[nodiscard]] const traffic& moved() const noexcept { return moved_; }
    [[nodiscard]] dataset rows() { return server_.rows(); }

    void push(std::string_view body, std::string& answer) {
        server_.push(body, answer);
        count(body, answer);
    }
    void pull(std::string_view target, std::string& page) {
        server_.pull(target, page);
        count(target, page);
    }

private:
    void count(std::string_view request, std::string_view answer) {
        moved_.to_server += request.size();
        moved_.from_server += answer.size();
    }

    const features what_;
    server server_;
    traffic moved_;
};

/// Nobody writes to the store during an exchange here, so that no edit made meanwhile must be told from what was sent.
template <class Store>
class device {
public:
    device(world& link, const device_place& place)
        : what_(link.what()), link_(link), name_(place.name), store_(what_, place), reader_(what_) {}

    template <class Write>
    void transaction(Write&& write) {
        store_.begin();
        inside_ = true;
        std::forward<Write>(write)();
        inside_ = false;
        store_.commit();
    }
    template <class Row>
    void create(const Row& row) {
        if (!inside_) store_.begin();
        store_.create(row);
        if (!inside_) store_.commit();
    }
    template <class Row>
    void edit(const Row& row, edit_kind kind, std::size_t) {
        store_.edit(row, mask_of<Row>(kind));
    }
    void sync() {
        if (store_.pending() != 0) push();
        pull();
    }
    [[nodiscard]] std::size_t pending() const noexcept { return store_.pending(); }
    [[nodiscard]] dataset rows() { return store_.rows(); }

private:
    void push() {
        for (store_.start_push(); store_.pending() != 0;) {
            forget_names();
            request_ = "{";
            json_text out(request_);
            out.raw("\"device\":").value(name_).raw(",\"cursor\":").value(store_.cursor()).raw(",");
            changes_writer changes(request_);
            const std::size_t sent =
                store_.read_batch(bounds.batch_operations, [&]<class Row>(const Row& row, const row_stamp& stamp, field_mask mask) {
                    write_row(changes.next(table<Row>::number), what_, row, stamp, mask,
                              [&](int target, const id_text& id) -> const id_text& {
                                  return what_.server_ids ? server_name(target, id) : id;
                              });
                });
            if (sent == 0) throw failure("pending rows cannot be found");
            changes.finish();
            request_ += '}';
            link_.push(request_, answer_);
            reader_.read(answer_);
            store_.begin();
            store_.settle(reader_.verdicts);
            store_.commit();
        }
    }

    void pull() {
        do {
            request_ = "/sync?device=" + name_ + "&since=" + store_.cursor();
            link_.pull(request_, answer_);
            reader_.read(answer_);
            if (reader_.cursor == store_.cursor()) return;
            forget_names();
            const bool snapshot = store_.cursor().empty() || store_.cursor().front() == 's';
            store_.begin();
            take<exercise>(snapshot);
            take<workout>(snapshot);
            take<workout_exercise>(snapshot);
            take<workout_set>(snapshot);
            store_.put_cursor(reader_.cursor);
            store_.commit();
        } while (reader_.more);
    }

    template <class Row>
    void take(bool snapshot) {
        constexpr bool is_target = !std::is_same_v<Row, workout_set>;
        for (wire_row<Row>& incoming : reader_.template rows<Row>()) {
            if (what_.server_ids) localise(incoming.row);
            store_.take(incoming, snapshot);
            if (is_target && what_.server_ids && !Store::has_quick_names)
                names_[static_cast<std::size_t>(table<Row>::number)].emplace(incoming.stamp.server, incoming.row.id);
        }
    }

    template <class Row>
    void localise(Row& row) {
        for_each_field<Row>([&](auto, const auto& one) {
            if constexpr (std::is_same_v<std::decay_t<decltype(row.*one.member)>, id_text>)
                row.*one.member = local_name(one.target, row.*one.member);
        });
    }
    /// A store that finds names slowly is asked once a page for each.
    [[nodiscard]] id_text local_name(int target, const id_text& server) {
        if constexpr (Store::has_quick_names) return store_.local_of(target, server);
        auto& names = names_[static_cast<std::size_t>(target)];
        const auto [at, is_new] = names.try_emplace(server);
        if (is_new) at->second = store_.local_of(target, server);
        return at->second;
    }
    /// The local id where the server has given no name yet.
    [[nodiscard]] const id_text& server_name(int target, const id_text& local) {
        auto& names = names_[static_cast<std::size_t>(target)];
        const auto [at, is_new] = names.try_emplace(local);
        if (is_new) {
            at->second = store_.server_of(target, local);
            if (at->second.empty()) at->second = local;
        }
        return at->second;
    }
    void forget_names() {
        for (auto& names : names_) names.clear();
    }

    const features& what_;
    world& link_;
    std::string name_;
    Store store_;
    message_reader reader_;
    std::string request_;
    std::string answer_;
    std::array<std::unordered_map<id_text, id_text, id_hash>, table_count> names_;
    bool inside_ = false;
};

}  // namespace benchmarks::limit
