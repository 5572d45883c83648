/// The bare limit: hand-written C++ that moves the same rows and does nothing else.
#include "../limit/program.hpp"

int main(int count, char** arguments) {
    using namespace benchmarks;
    const program_description program{
        "bare",
        "The bare limit: hand-written C++ with a hash map server, nlohmann's SAX parser and a hand-written JSON writer. One\n"
        "transaction a batch, a mask of unsent fields in each row; no foreign keys, no index but the primary key, no id map, no\n"
        "outbox, no verdicts."};
    return limit::run_program(program, read_settings(count, arguments, program), limit::bare);
}
