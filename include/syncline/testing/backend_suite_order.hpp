/// The backend suite's checks with several threads: commit order equals version order, readers see one state, no update is lost.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <syncline/testing/backend_suite_rows.hpp>

namespace syncline::testing::backend_suite {

/// Something that happens once; others wait for it.
class event {
public:
    void happen() {
        const std::lock_guard lock(gate_);
        happened_ = true;
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock(gate_);
        changed_.wait(lock, [this] { return happened_; });
    }
    /// Waits long enough for a thread that is not blocked to get there; that a thread is blocked is no failure.
    void wait_unless_blocked() {
        std::unique_lock lock(gate_);
        changed_.wait_for(lock, std::chrono::milliseconds(300), [this] { return happened_; });
    }

private:
    std::mutex gate_;
    std::condition_variable changed_;
    bool happened_ = false;
};

/// A thread that announces its end, also by an exception, which join() throws on.
class worker {
public:
    explicit worker(std::function<void()> work)
        : thread_([this, work = std::move(work)] {
              try {
                  work();
              } catch (...) {
                  failure_ = std::current_exception();
              }
              done.happen();
          }) {}
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker() {
        if (thread_.joinable()) thread_.join();
    }
    void join() {
        thread_.join();
        if (failure_) std::rethrow_exception(failure_);
    }

    event done;

private:
    std::exception_ptr failure_;
    std::thread thread_;
};

/// Follows the feed as a device does: from where it was to the end.
class follower {
public:
    template <class Backend>
    void drain(Backend& database) {
        auto tx = database.begin_read("ada");
        for (const seen_row& row : changes(tx, position_, 3)) {
            seen_.push_back(row);
            position_ = place_of(row);
        }
    }
    [[nodiscard]] bool has_seen(int table, int number) const {
        for (const seen_row& row : seen_)
            if (row.table == table && row.local == local_of(table, number)) return true;
        return false;
    }

private:
    feed_position position_;
    std::vector<seen_row> seen_;
};

/// The first writer takes its version and dawdles while a second writer and a reader come and go.
template <class Backend>
void commit_order_is_version_order(Backend& database) {
    event written, released;
    follower device;
    worker first([&] {
        auto tx = database.begin_write("ada");
        insert(tx, labels, label(1));
        written.happen();
        released.wait();
        tx.commit();
    });
    worker watch([&] {
        first.done.wait();
        written.happen();
    });
    written.wait();
    worker second([&] {
        auto tx = database.begin_write("ada");
        insert(tx, labels, label(2));
        tx.commit();
    });
    second.done.wait_unless_blocked();
    worker reader([&] { device.drain(database); });
    reader.done.wait_unless_blocked();
    released.happen();
    watch.join();
    first.join();
    second.join();
    reader.join();
    device.drain(database);
    for (const int number : {1, 2})
        expect(device.has_seen(labels, number),
               "a device that follows the feed missed a row: versions are not in the order of commits");
}

template <class Backend>
void followers_miss_nothing_under_load(Backend& database) {
    constexpr int writers = 4, rounds = 12;
    std::vector<std::unique_ptr<worker>> workers;
    for (int writer = 0; writer < writers; ++writer)
        workers.push_back(std::make_unique<worker>([&database, writer] {
            for (int round = 0; round < rounds; ++round) {
                auto tx = database.begin_write("ada");
                insert(tx, labels, label(writer * rounds + round));
                tx.commit();
            }
        }));
    follower device;
    for (int round = 0; round < writers * rounds; ++round) device.drain(database);
    for (const auto& one : workers) one->join();
    device.drain(database);
    for (int number = 0; number < writers * rounds; ++number)
        expect(device.has_seen(labels, number), "a device that follows the feed while others write missed a row");
}

template <class Backend>
void readers_see_one_state(Backend& database) {
    {
        auto tx = database.begin_write("ada");
        insert(tx, labels, label(1));
        tx.commit();
    }
    auto writer = [&] {
        auto tx = database.begin_write("ada");
        update(tx, labels, label(1));
        insert(tx, labels, label(2));
        tx.save_device("phone", 7, 0, {});
        tx.commit();
    };
    std::unique_ptr<worker> writing;
    {
        auto tx = database.begin_read("ada");
        const row_version version = tx.version();
        writing = std::make_unique<worker>(writer);
        writing->done.wait_unless_blocked();
        const std::vector<seen_row> expected{{labels, local_of(labels, 1), version, false}};
        expect(changes(tx, {}, 10) == expected && snapshot(tx, {}, 10) == expected && tx.version() == version &&
                   tx.load_device("phone").floor == 0,
               "a reading transaction sees what was committed after it began");
    }
    writing->join();
    auto tx = database.begin_read("ada");
    expect(changes(tx, {}, 10).size() == 2, "a reading transaction does not see what was committed before it began");
}

template <class Backend>
void no_update_is_lost(Backend& database) {
    constexpr int writers = 3, rounds = 10;
    {
        auto tx = database.begin_write("ada");
        insert(tx, folders, folder(1));
        insert(tx, notes, note(0, 1));
        tx.commit();
    }
    std::vector<std::unique_ptr<worker>> workers;
    for (int writer = 0; writer < writers; ++writer)
        workers.push_back(std::make_unique<worker>([&database] {
            for (int round = 0; round < rounds; ++round) {
                auto tx = database.begin_write("ada");
                server_row row;
                expect(tx.find_by_local(notes, local_of(notes, 0), row), "a row is gone");
                row.values.set(note_stars, cell::integer(row.values[note_stars].as_integer() + 1));
                update(tx, notes, std::move(row));
                tx.commit();
            }
        }));
    for (const auto& one : workers) one->join();
    auto tx = database.begin_read("ada");
    server_row row;
    expect(tx.find_by_local(notes, local_of(notes, 0), row) && row.values[note_stars].as_integer() == writers * rounds,
           "an update of one of several writers is lost");
}

}  // namespace syncline::testing::backend_suite
