/// A command line for any schema: rows by name, sync, and what waits, was lost or was refused.
#pragma once

#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <string>

#include <shell/importing.hpp>
#include <shell/looking.hpp>
#include <shell/losses.hpp>
#include <shell/syncing.hpp>

namespace shell {

template <class Schema>
struct shell_options {
    using repository = syncline::repository<Schema, syncline::sqlite_store>;

    program_texts texts = {};
    /// What `import FILE` does; see file_importer. Needs texts.import_form.
    std::function<import_counts(repository&, const std::string& path, const import_progress&)> import_file = {};
};

namespace detail {

template <class Schema>
int run_edit(syncline::sqlite_store& store, const arguments& given, const shell_options<Schema>& options) {
    typename shell_options<Schema>::repository rows(store);
    typed_row_writer<Schema> writer(rows);
    if (given.command == "add") return add(store, writer, given);
    if (given.command == "set") return set(store, writer, given);
    if (given.command == "rm") return remove(store, writer, given);
    return import_rows(
        store, writer, [&](const std::string& path, const import_progress& progress) { return options.import_file(rows, path, progress); }, given);
}

/// Mistakes that can be seen without a store, so that none is made for them. Throws usage_error.
template <class Schema>
void check(const arguments& given, const shell_options<Schema>& options) {
    if (given.database.empty()) throw usage_error(given.command + " needs --db FILE");
    if (!given.entity.empty()) static_cast<void>(table_named(Schema::view(), given.entity));
    if (given.import_from.size() == 2) static_cast<void>(table_named(Schema::view(), given.import_from.front()));
    if (given.import_from.size() == 1 && !options.import_file) throw usage_error("import needs an ENTITY and a FILE");
}

template <class Schema>
int run_command(const arguments& given, const shell_options<Schema>& options) {
    const syncline::schema_view schema = Schema::view();
    if (given.command == "graph") return graph(schema, given);
    check(given, options);
    if (given.command == "sync") {
        connection server(given);
        syncline::sqlite_store store = open_store(given.database, schema, given.owner, true);
        return given.watch ? watch(store, server, given) : sync_once(store, server, given);
    }
    const bool makes_store = given.command == "add" || given.command == "import";
    syncline::sqlite_store store = open_store(given.database, schema, given.owner, makes_store);
    if (given.command == "claim") return claim(store, given);
    if (given.command == "show") return show(store, given);
    if (given.command == "status") return status(store, given);
    if (given.command == "why") return why(store, given);
    if (given.command == "conflicts") return conflicts(store, given);
    if (given.command == "quarantine") return quarantine(store, given);
    return run_edit(store, given, options);
}

}  // namespace detail

/// Runs one command and returns the exit status: 0 done, 1 refused or not everything has arrived, 2 wrong usage.
template <class Schema>
int run_shell(int count, char** words, const shell_options<Schema>& options = {}) {
    arguments given;
    if (const std::optional<int> ended = parse_arguments(count, words, Schema::view(), options.texts, given)) return *ended;
    const auto complain = [&](const std::exception& problem, int result) {
        std::fprintf(stderr, "%s: %s\n", options.texts.name.c_str(), problem.what());
        return result;
    };
    try {
        const int result = detail::run_command(given, options);
        if (std::fflush(stdout) != 0) throw command_failed("cannot write the output");
        return result;
    } catch (const usage_error& problem) {
        return complain(problem, exit_usage);
    } catch (const std::exception& problem) {
        return complain(problem, exit_refused);
    }
}

}  // namespace shell
