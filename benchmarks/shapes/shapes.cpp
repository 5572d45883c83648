/// What syncline does with a row that owns many, and with a tree as deep as it has rows: the shapes whose cost must stay linear.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <syncline/stores/memory.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/syncline.hpp>
#include <syncline/testing/schemas.hpp>

#include "../shared/meter.hpp"
#include "../shared/settings.hpp"
#include "case_names.hpp"

namespace benchmarks::shapes {
namespace {

using syncline::testing::schemas::folder;
using tree = syncline::testing::schemas::tree;

constexpr const char* help = R"(usage: shapes --case CASE --rows N [--store STORE] [--dir FOLDER]

Measures one step of syncline with folders inside folders, and prints one line of JSON as the contestants do.

  --case wide-remove    a folder with all others in it is removed, and the removal is sent
         wide-depart    another device pulls that removal
         deep-create    folders are created, each in the one before
         deep-push      they are sent
         deep-pull      a new device pulls them
         deep-remove    the outermost one is removed, and the removal is sent
         deep-depart    another device pulls that removal
  --rows                folders (the outermost one comes on top)
  --store               memory, sqlite-memory or sqlite-disk (default memory)
  --dir                 an existing folder for the files of sqlite-disk (default: the current one)
)";

struct token_check {
    std::optional<std::string> operator()(const std::string&) const { return "owner"; }
};

using server_service = syncline::service<syncline::memory_backend>;
using server_router = syncline::router<server_service, token_check>;
using link = syncline::in_process_transport<server_router>;

struct server {
    syncline::memory_backend database{tree::view(), syncline::random_source(1)};
    server_service requests{database};
    server_router routes{requests, token_check()};
};

template <class Store>
class device {
public:
    device(server& there, std::unique_ptr<Store> opened)
        : store_(std::move(opened)), rows(*store_), link_(there.routes, "token"), engine_(*store_, link_) {}

    void sync() {
        engine_.allow_removals();
        const syncline::sync_report report = engine_.sync();
        if (report.outcome != syncline::sync_outcome::complete)
            throw std::runtime_error("a sync ended " + std::string(name_of(report.outcome)) + ": " + report.problem.message);
    }

private:
    std::unique_ptr<Store> store_;

public:
    syncline::repository<tree, Store> rows;

private:
    link link_;
    syncline::engine<Store, link> engine_;
};

/// In the order in which the folders are made, as ids made on devices are.
[[nodiscard]] syncline::id_of<folder> name_of_folder(std::size_t number) {
    return syncline::id_of<folder>(syncline::local_id::trusted("folder-" + std::to_string(10'000'000 + number)));
}

/// Each in a transaction of its own where it is measured, in one for all where it is not.
template <class Store>
void create(device<Store>& one, std::size_t count, bool is_deep) {
    for (std::size_t number = 0; number <= count; ++number) {
        folder made{.id = name_of_folder(number), .name = "folder"};
        if (number != 0) made.inside_id = name_of_folder(is_deep ? number - 1 : 0);
        one.rows.create(made);
    }
}

template <class Store>
void require_count(device<Store>& one, std::size_t wanted) {
    if (const std::size_t found = one.rows.template count<folder>(); found != wanted)
        throw std::runtime_error("a device has " + std::to_string(found) + " folders instead of " + std::to_string(wanted));
}

template <class Store>
[[nodiscard]] meter run(shape_case what, std::size_t count, std::unique_ptr<Store> measured) {
    meter timing;
    server there;
    const bool is_deep = what != shape_case::wide_remove && what != shape_case::wide_depart;
    device<Store> here(there, std::move(measured));
    device<syncline::memory_store> helper(there, std::make_unique<syncline::memory_store>(tree::view()));
    // What is not measured is quickest in the helper's memory.
    const auto fill = [&](auto& one) {
        one.rows.transaction([&] { create(one, count, is_deep); });
        one.sync();
    };
    switch (what) {
        case shape_case::deep_create:
            timing.measure([&] { create(here, count, true); });
            require_count(here, count + 1);
            break;
        case shape_case::deep_push:
            here.rows.transaction([&] { create(here, count, true); });
            timing.measure([&] { here.sync(); });
            helper.sync();
            require_count(helper, count + 1);
            break;
        case shape_case::deep_pull:
            fill(helper);
            timing.measure([&] { here.sync(); });
            require_count(here, count + 1);
            break;
        case shape_case::wide_remove:
        case shape_case::deep_remove:
            fill(here);
            helper.sync();
            timing.measure([&] {
                static_cast<void>(here.rows.remove(name_of_folder(0)));  // the count at the end says whether it did
                here.sync();
            });
            helper.sync();
            require_count(helper, 0);
            break;
        case shape_case::wide_depart:
        case shape_case::deep_depart:
            fill(helper);
            here.sync();
            require_count(here, count + 1);
            static_cast<void>(helper.rows.remove(name_of_folder(0)));
            helper.sync();
            timing.measure([&] { here.sync(); });
            require_count(here, 0);
            break;
    }
    return timing;
}

[[noreturn]] void stop(const std::string& why) {
    std::fprintf(stderr, "shapes: %s; --help lists what there is\n", why.c_str());
    std::exit(2);
}

}  // namespace
}  // namespace benchmarks::shapes

int main(int count, char** arguments) {
    using namespace benchmarks;
    using namespace benchmarks::shapes;
    std::optional<shape_case> what;
    std::size_t rows = 0;
    store_kind store = store_kind::memory;
    std::string folder_of_files = ".";
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        if (name == "--help") {
            std::fputs(help, stdout);
            return 0;
        }
        if (i + 1 == count) stop(name + " needs a value");
        const std::string_view value = arguments[++i];
        if (name == "--case") what = named<shape_case>(case_names, value);
        else if (name == "--rows") rows = number_in<std::size_t>(value).value_or(0);
        else if (name == "--store") store = named<store_kind>(store_names, value).value_or(store_kind::memory);
        else if (name == "--dir") folder_of_files = value;
        else stop("unknown option '" + name + "'");
    }
    if (!what || rows == 0) stop("--case and --rows are needed");
    try {
        const std::string path = store == store_kind::sqlite_disk ? folder_of_files + "/shapes.sqlite" : ":memory:";
        const syncline::sqlite_options loose{.durability = syncline::sqlite_durability::normal};
        const meter timing = store == store_kind::memory
                                 ? run(*what, rows, std::make_unique<syncline::memory_store>(tree::view()))
                                 : run(*what, rows, std::make_unique<syncline::sqlite_store>(path, tree::view(), loose));
        std::printf("{\"ms\":%.6f,\"rows\":%zu,\"wire_bytes\":0,\"sent_bytes\":0,\"peak_kib\":%lld,\"checksum\":\"\"}\n", timing.ms(), rows,
                    static_cast<long long>(timing.peak_kib()));
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "shapes: %s\n", problem.what());
        return 1;
    }
}
