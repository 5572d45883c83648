/// The command line: options, commands and help, generated from the schema where they speak of entities.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <shell/errors.hpp>
#include <shell/names.hpp>

namespace shell {

/// What a shell says about itself.
struct program_texts {
    std::string name = "shell";
    std::string description = "Edits rows offline and syncs them.";
    std::string import_form = {};  ///< what `import FILE` reads; empty: only `import ENTITY FILE` is known
};

/// A command line as it was typed; which members count depends on `command`.
struct arguments {
    std::string program;
    std::string command;

    std::string database;
    std::string owner;
    std::string server;
    std::string token;
    std::string token_file;
    bool json = false;
    std::int64_t lease_ms = 0;
    std::size_t batch_operations = 0;

    std::string entity;
    std::string id;
    std::vector<std::string> assignments;  ///< field=value
    std::vector<std::string> import_from;  ///< FILE, or ENTITY and FILE
    std::string claimed_for;
    std::string action;                    ///< of quarantine and conflicts
    bool watch = false;
    bool allow_removals = false;
    bool preview = false;
    bool dot = false;
};

namespace detail {

[[nodiscard]] inline std::string footer_of(const syncline::schema_view& schema) {
    std::string text = "\nEntities, each with its fields:\n";
    for (const syncline::table_view& table : schema.tables) text += "  " + description_of(table) + "\n";
    text += "\nValues: true or false, numbers, text, times such as 2024-01-08T19:50:28Z, bytes as base64 or as 0x and hexadecimal\n"
            "digits, set elements with commas between them, ids of rows for keys. `field=` alone is null where a field may be null.\n"
            "Where an id is expected, its first 4 or more characters are enough if no other begins with them.\n"
            "\nExit status: 0 done; 1 refused, or not everything has arrived; 2 wrong usage.\n";
    return text;
}

inline void add_options(CLI::App& app, arguments& out) {
    app.add_option("--db", out.database, "the store, an SQLite file; add, import and sync make it")->type_name("FILE");
    app.add_option("--owner", out.owner, "whose rows these are; kept in the store like the owner of claim, and another one is refused from then on")->type_name("NAME");
    app.add_option("--server", out.server, "where to sync with, such as http://127.0.0.1:8080")->type_name("URL");
    app.add_option("--token", out.token, "what the server knows you by; other users of the machine can see it here, but not in the variable")
        ->type_name("TOKEN")
        ->envname("SYNCLINE_TOKEN");
    app.add_option("--token-file", out.token_file, "a file whose first line is the token")->type_name("FILE");
    app.add_flag("--json", out.json, "one JSON document instead of text for people");
    app.add_option("--lease-ms", out.lease_ms, "how long a sync that was killed keeps the next one waiting")->type_name("MS")->check(CLI::Range(1, 3'600'000));
    app.add_option("--batch-operations", out.batch_operations, "operations in one request")->type_name("N")->check(CLI::Range(1, 100'000));
}

inline void add_commands(CLI::App& app, const program_texts& texts, arguments& out) {
    const auto command = [&](const char* name, const std::string& help) {
        CLI::App* const added = app.add_subcommand(name, help);
        added->fallthrough();
        return added;
    };
    const auto takes_entity = [&](CLI::App* one) { return one->add_option("ENTITY", out.entity, "name of the entity")->type_name(""); };
    const auto takes_id = [&](CLI::App* one) { return one->add_option("ID", out.id, "id of the row, or how it begins")->type_name(""); };
    const auto takes_fields = [&](CLI::App* one) { return one->add_option("FIELD=VALUE", out.assignments, "values of fields")->type_name(""); };

    const std::string import_help = (texts.import_form.empty() ? "" : "FILE: " + texts.import_form + "; ") +
                                    "ENTITY FILE: CSV whose first line names fields, and perhaps id. All of the file, or nothing";
    command("import", "read a file into the store")->add_option("FILE", out.import_from, import_help)->type_name("")->required()->expected(1, 2);
    CLI::App* const add = command("add", "make a row and print its id; id=... chooses the id");
    takes_entity(add)->required();
    takes_fields(add);
    CLI::App* const set = command("set", "change fields of a row");
    takes_entity(set)->required();
    takes_id(set)->required();
    takes_fields(set)->required();
    CLI::App* const remove = command("rm", "remove a row and the rows it owns");
    takes_entity(remove)->required();
    takes_id(remove)->required();
    CLI::App* const show = command("show", "print a row, all rows of an entity, or all rows");
    takes_entity(show);
    takes_id(show);
    CLI::App* const sync = command("sync", "send what waits and fetch what is new");
    sync->add_flag("--watch", out.watch, "stay, and sync whenever something changes, until interrupted");
    sync->add_flag("--allow-removals", out.allow_removals, "take removals that would empty most of the store");
    command("claim", "say whose rows these are, once and for all: until then a store with edits does not sync")
        ->add_option("OWNER", out.claimed_for, "the owner that the server knows the token as")
        ->type_name("")
        ->required();
    command("status", "what the store holds and what waits");

    CLI::App* const conflicts = command("conflicts", "what was lost to other devices' edits");
    CLI::App* const forget = conflicts->add_subcommand("forget", "drop the record of a conflict")->fallthrough();
    forget->add_option("NUMBER", out.id, "number of the conflict, or all")->type_name("")->required();
    CLI::App* const quarantine = command("quarantine", "what the server refused; an edit of such a row is its repair");
    CLI::App* const retry = quarantine->add_subcommand("retry", "send it again with the next sync")->fallthrough();
    takes_id(retry)->required();
    CLI::App* const discard = quarantine->add_subcommand("discard", "give it up with all that cannot be without it; conflicts keeps what it was")->fallthrough();
    takes_id(discard)->required();
    discard->add_flag("--preview", out.preview, "only show what would go");
    for (CLI::App* const group : {conflicts, quarantine}) group->require_subcommand(0, 1);

    CLI::App* const why = command("why", "where a row stands between this device and the server");
    takes_entity(why)->required();
    takes_id(why)->required();
    command("graph", "draw the entities and the order in which they are sent, as Mermaid")->add_flag("--dot", out.dot, "as Graphviz");
}

}  // namespace detail

/// Fills `out`; the exit status where there is nothing to run, which is after help or a mistake.
[[nodiscard]] inline std::optional<int> parse_arguments(int count, char** words, const syncline::schema_view& schema, const program_texts& texts,
                                                        arguments& out) {
    CLI::App app(texts.description, texts.name);
    app.footer(detail::footer_of(schema));
    app.require_subcommand(0, 1);
    app.fallthrough();
    detail::add_options(app, out);
    detail::add_commands(app, texts, out);
    out.program = texts.name;
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? exit_done : exit_usage;
    }
    if (app.get_subcommands().empty()) {
        std::fprintf(stderr, "%s: which command?\n\n%s", texts.name.c_str(), app.help().c_str());
        return exit_usage;
    }
    const CLI::App* const chosen = app.get_subcommands().front();
    out.command = chosen->get_name();
    if (!chosen->get_subcommands().empty()) out.action = chosen->get_subcommands().front()->get_name();
    return std::nullopt;
}

}  // namespace shell
