/// The fair limit: the bare limit's code with the tables, columns, keys, indexes, pages and durability of syncline's stores.
#include "../limit/program.hpp"

int main(int count, char** arguments) {
    using namespace benchmarks;
    const program_description program{
        "fair",
        "The fair limit: the bare limit's code with syncline's tables, columns, keys, indexes, pages and durability. The server\n"
        "names rows itself, foreign keys are translated both ways, unsent operations stand in an outbox and get a verdict each.",
        {{"--without-keys", "leaves out foreign keys, their indexes, the server's ids and their index: what the keys cost"},
         {"--without-foreign-keys", "leaves out the FOREIGN KEY constraints only"},
         {"--without-key-indexes", "leaves out the indexes on foreign keys only"},
         {"--without-server-ids", "leaves out the server's ids, their index and the translation only"}}};
    const settings chosen = read_settings(count, arguments, program);
    const bool none = chosen.has("--without-keys");
    limit::features what = limit::fair;
    what.foreign_keys = !none && !chosen.has("--without-foreign-keys");
    what.key_indexes = !none && !chosen.has("--without-key-indexes");
    what.server_ids = !none && !chosen.has("--without-server-ids");
    return limit::run_program(program, chosen, what);
}
