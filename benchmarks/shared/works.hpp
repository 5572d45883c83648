/// The works W1 to W6, written once: every contestant is measured by this code and verified by it.
#pragma once

#include <concepts>
#include <cstdio>
#include <exception>
#include <string>

#include "meter.hpp"
#include "settings.hpp"
#include "verify.hpp"

namespace benchmarks {

/// Bytes of message bodies and targets since the start.
struct traffic {
    std::uint64_t to_server = 0;
    std::uint64_t from_server = 0;
};

/// Where a device keeps its rows: a file, or ":memory:".
struct device_place {
    std::string path;
    std::string name;
};

/// One device of a contestant's world: its store and what syncs it.
template <class D>
concept benchmark_device = requires(D& device, const workout& row, const workout& after, dataset& data) {
    device.transaction([] {});
    device.create(row);
    device.edit(row, edit_kind::notes, std::size_t{});
    device.sync();
    { device.pending() } -> std::convertible_to<std::size_t>;
    { device.rows() } -> std::same_as<dataset>;
};

struct outcome {
    double ms = 0;
    std::size_t rows = 0;
    traffic moved;
    std::int64_t peak_kib = 0;
    std::string checksum;
};

inline constexpr int idle_syncs = 100;

/// One round. `World` is the server with its wire, `Device` has the store that is measured, `Helper` the quickest one there is.
template <benchmark_device Device, benchmark_device Helper, class World>
class round_of_work {
public:
    round_of_work(World& world, const settings& chosen)
        : world_(world), chosen_(chosen), data_(make_dataset(chosen.workouts, chosen.seed, chosen.ids)) {}

    [[nodiscard]] outcome run() {
        switch (chosen_.work) {
            case work::w1:
                push();
                break;
            case work::w2:
                first_sync();
                break;
            case work::w3:
                incremental();
                break;
            case work::w4:
                idle();
                break;
            case work::w5:
                conflict();
                break;
            case work::w6a:
                insert(false);
                break;
            case work::w6b:
                insert(true);
                break;
        }
        return {meter_.ms(), rows_, moved_, meter_.peak_kib(), checksum_of(data_)};
    }

private:
    void push() {
        Device phone(world_, place("phone"));
        create_everything(phone);
        measure([&] { phone.sync(); });
        rows_ = logged_rows() + exercise_count;
        require_synced(phone, "the device that pushed");
        require_equal("the server", data_, world_.rows());
    }

    void first_sync() {
        fill_server();
        Device tablet(world_, place("tablet"));
        measure([&] { tablet.sync(); });
        rows_ = logged_rows() + exercise_count;
        require_synced(tablet, "the new device");
        require_equal("the server", data_, world_.rows());
    }

    void incremental() {
        Helper phone(world_, helper_place());
        create_everything(phone);
        phone.sync();
        Device tablet(world_, place("tablet"));
        tablet.sync();
        phone.transaction([&] {
            for_each_logged_row(data_, [&](auto& row, std::size_t ordinal) {
                if (ordinal % chosen_.every != 0) return;
                edit(phone, row, edit_kind::notes, ordinal);
                ++rows_;
            });
        });
        phone.sync();
        measure([&] { tablet.sync(); });
        require_synced(tablet, "the device that pulled");
        require_synced(phone, "the device that made the changes");
        require_equal("the server", data_, world_.rows());
    }

    void idle() {
        fill_server();
        Device tablet(world_, place("tablet"));
        tablet.sync();
        tablet.sync();
        measure([&] {
            for (int i = 0; i < idle_syncs; ++i) tablet.sync();
        });
        require_synced(tablet, "the idle device");
        require_equal("the server", data_, world_.rows());
    }

    void conflict() {
        Device phone(world_, place("phone")), tablet(world_, place("tablet"));
        create_everything(phone);
        phone.sync();
        tablet.sync();
        // The same rows for both, as they were before the first edit.
        dataset original = data_;
        edit_everything(phone, data_, edit_kind::notes);
        edit_everything(tablet, original, edit_kind::number);
        measure([&] {
            phone.sync();
            tablet.sync();
            phone.sync();
        });
        rows_ = logged_rows();
        for_each_logged_row(data_, [](auto& row, std::size_t ordinal) { make_edit(row, edit_kind::number, ordinal); });
        require_synced(phone, "the first device");
        require_synced(tablet, "the second device");
        require_equal("the server", data_, world_.rows());
    }

    void insert(bool in_one_transaction) {
        Device phone(world_, place("phone"));
        phone.transaction([&] {
            for (const exercise& row : rows_of<exercise>(data_)) phone.create(row);
        });
        const auto insert_all = [&] { for_each_logged_row(data_, [&](const auto& row, std::size_t) { phone.create(row); }); };
        measure([&] {
            if (in_one_transaction)
                phone.transaction(insert_all);
            else
                insert_all();
        });
        rows_ = logged_rows();
        require_equal("the device", data_, phone.rows());
        if (phone.pending() != logged_rows() + exercise_count)
            throw failure("the device has tracked " + std::to_string(phone.pending()) + " inserts instead of " +
                          std::to_string(logged_rows() + exercise_count));
    }

    [[nodiscard]] std::size_t logged_rows() const noexcept { return chosen_.workouts * rows_per_workout; }

    [[nodiscard]] device_place place(const std::string& name) const {
        if (chosen_.store != store_kind::sqlite_disk) return {":memory:", name};
        const std::string path = chosen_.folder + "/" + name + ".sqlite";
        for (const char* const suffix : {"", "-wal", "-shm", "-journal"}) std::remove((path + suffix).c_str());
        return {path, name};
    }
    [[nodiscard]] static device_place helper_place() { return {":memory:", "helper"}; }

    void fill_server() {
        Helper phone(world_, helper_place());
        create_everything(phone);
        phone.sync();
    }

    template <class Any>
    void create_everything(Any& device) {
        device.transaction([&] {
            for (const exercise& row : rows_of<exercise>(data_)) device.create(row);
            for_each_logged_row(data_, [&](const auto& row, std::size_t) { device.create(row); });
        });
    }

    template <class Any>
    static void edit_everything(Any& device, dataset& data, edit_kind kind) {
        device.transaction(
            [&] { for_each_logged_row(data, [&](auto& row, std::size_t ordinal) { edit(device, row, kind, ordinal); }); });
    }

    template <class Any, class Row>
    static void edit(Any& device, Row& row, edit_kind kind, std::size_t ordinal) {
        make_edit(row, kind, ordinal);
        device.edit(row, kind, ordinal);
    }

    template <class Work>
    void measure(Work&& measured) {
        const traffic before = world_.moved();
        meter_.measure(measured);
        const traffic after = world_.moved();
        moved_ = {after.to_server - before.to_server, after.from_server - before.from_server};
    }

    template <class Any>
    void require_synced(Any& device, const std::string& who) {
        if (const std::size_t pending = device.pending(); pending != 0)
            throw failure(who + " still has " + std::to_string(pending) + " changes that were not sent");
        require_equal(who, data_, device.rows());
    }

    World& world_;
    const settings& chosen_;
    dataset data_;  ///< what every replica must hold at the end
    meter meter_;
    traffic moved_;
    std::size_t rows_ = 0;
};

/// Runs the round and prints its line; the program's exit status.
template <class Run>
[[nodiscard]] int report_round(const program_description& program, const settings& chosen, Run&& run) {
    try {
        const outcome result = run();
        // A sync without work is the mean of many, and so are its bytes.
        const bool idle = chosen.work == work::w4;
        const double ms = idle ? result.ms / idle_syncs : result.ms;
        const std::uint64_t share = idle ? idle_syncs : 1;
        std::printf("{\"ms\":%.6f,\"rows\":%zu,\"wire_bytes\":%llu,\"sent_bytes\":%llu,\"peak_kib\":%lld,\"checksum\":\"%s\"}\n",
                    ms, result.rows, static_cast<unsigned long long>((result.moved.to_server + result.moved.from_server) / share),
                    static_cast<unsigned long long>(result.moved.to_server / share), static_cast<long long>(result.peak_kib),
                    result.checksum.c_str());
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s, %s on %s with %zu workouts: %s\n", std::string(program.name).c_str(),
                     std::string(work_names[static_cast<std::size_t>(chosen.work)]).c_str(),
                     std::string(store_names[static_cast<std::size_t>(chosen.store)]).c_str(), chosen.workouts, problem.what());
        return 1;
    }
}

}  // namespace benchmarks
