/// The steps of a sync one by one, with Google Benchmark: time a row, and how it grows with the number of rows.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <syncline/client/plan.hpp>
#include <syncline/model/rebase.hpp>
#include <syncline/client/translate.hpp>
#include <syncline/stores/memory.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/wire/reader.hpp>
#include <syncline/wire/writer.hpp>

#include "rows.hpp"

namespace {

using namespace benchmarks;
using namespace syncline;

const schema_view schema = ours::schema::view();

std::size_t rows_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

void count_rows(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetComplexityN(state.range(0));
}

void plan(benchmark::State& state) {
    std::vector<plan_item> entries(rows_of(state));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i].seq = static_cast<sequence>(i + 1);
        entries[i].table = static_cast<int>(3 - i % 4);
    }
    for (auto _ : state) benchmark::DoNotOptimize(make_plan(entries, {static_cast<sequence>(entries.size()), 0, nullptr, nullptr}));
    count_rows(state);
}

void translate(benchmark::State& state) {
    const set_rows rows(rows_of(state), cell_kind::local_key);
    memory_store store(schema);
    const table_view& table = store.schema()[set_rows::table()];
    store_adapter port(store);
    key_translator keys(port);
    std::vector<cell> values;
    for (auto _ : state) {
        auto reading = store.begin_read();
        keys.begin_batch();
        for (const id_text& parent : rows.parents()) keys.add_created(set_rows::parent_table(), local_id::trusted(parent.view()));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            values = rows[i];
            benchmark::DoNotOptimize(keys.translate(table, values, table.keys, false));
        }
        reading.commit();
    }
    count_rows(state);
}

std::string encode_push(const set_rows& rows, wire::encoding form) {
    std::string body;
    wire::push_request header;
    header.device = "device";
    wire::push_writer writer(body, schema, header, form);
    wire::sent_operation sent;
    sent.op.table = set_rows::table();
    sent.op.values.mask = schema[sent.op.table].all_columns();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        sent.op.seq = static_cast<sequence>(i + 1);
        sent.op.id = rows.id(i);
        sent.op.values.after = rows[i];
        sent.digest = digest_of(sent.op, schema[sent.op.table]);
        writer.add(sent);
    }
    writer.finish();
    return body;
}

void encode(benchmark::State& state, wire::encoding form) {
    const set_rows rows(rows_of(state), cell_kind::local_key);
    std::size_t bytes = 0;
    for (auto _ : state) {
        const std::string body = encode_push(rows, form);
        bytes = body.size();
        benchmark::DoNotOptimize(body.data());
    }
    state.counters["bytes a row"] = static_cast<double>(bytes) / static_cast<double>(rows.size());
    count_rows(state);
}

void decode(benchmark::State& state, wire::encoding form) {
    const std::string body = encode_push(set_rows(rows_of(state), cell_kind::local_key), form);
    limits bounds;
    bounds.batch_operations = rows_of(state);
    bounds.body_bytes = body.size();
    wire::push_request request;
    for (auto _ : state)
        if (const error problem = wire::read_push(body, schema, bounds, request, form)) {
            state.SkipWithError(to_string(problem).c_str());
            break;
        }
    count_rows(state);
}

void rebase_edits(benchmark::State& state) {
    const set_rows rows(rows_of(state), cell_kind::local_key);
    const table_view& table = schema[set_rows::table()];
    std::vector<cell> after = rows[0], row;
    after.back() = cell::text("edited on this device");
    pending_edit edit;
    edit.values = {only_column(after.size() - 1), after, only_column(after.size() - 1), rows[0]};
    edit.unsent = true;
    for (auto _ : state)
        for (std::size_t i = 0; i < rows.size(); ++i) {
            row = rows[i];
            benchmark::DoNotOptimize(rebase(row, table, {&edit, 1}));
        }
    count_rows(state);
}

/// Puts a page's rows into a new store; their parents are there.
template <class Make>
void upsert(benchmark::State& state, Make make) {
    const set_rows rows(rows_of(state), cell_kind::local_key);
    for (auto _ : state) {
        state.PauseTiming();
        const auto store = make();
        auto writing = store->begin_write();
        const std::vector<cell> workout{cell::text("a"), cell::integer(1), cell::integer(1), cell::real(1), cell::text("b")};
        const std::vector<cell> exercise{cell::text("a"), cell::integer(1), cell::text("b")};
        store->put_row(store->schema().find_table("workouts"), local_id::trusted("w"), workout, {server_id::trusted("w"), row_version(first_generation, 1), 1, 0});
        store->put_row(store->schema().find_table("exercises"), local_id::trusted("e"), exercise, {server_id::trusted("e"), row_version(first_generation, 1), 1, 0});
        const std::vector<cell> part{cell::local_key("w"), cell::local_key("e"), cell::integer(1), cell::integer(1), cell::text("b")};
        for (const id_text& parent : rows.parents())
            store->put_row(set_rows::parent_table(), local_id::trusted(parent.view()), part, {server_id::trusted(parent.view()), row_version(first_generation, 1), 1, 0});
        state.ResumeTiming();
        for (std::size_t i = 0; i < rows.size(); ++i)
            benchmark::DoNotOptimize(store->put_clean_row(set_rows::table(), rows.id(i), rows[i], {server_id::trusted(rows.id(i).view()), row_version(first_generation, 2), 1, 0}));
        writing.commit();
    }
    count_rows(state);
}

void upsert_memory(benchmark::State& state) {
    upsert(state, [] { return std::make_unique<memory_store>(schema); });
}
void upsert_sqlite(benchmark::State& state) {
    upsert(state, [] { return std::make_unique<sqlite_store>(":memory:", schema); });
}

void sizes(benchmark::internal::Benchmark* one) { one->RangeMultiplier(4)->Range(256, 16'384)->Complexity()->Unit(benchmark::kMicrosecond); }

BENCHMARK(plan)->Apply(sizes);
BENCHMARK(translate)->Apply(sizes);
BENCHMARK_CAPTURE(encode, json, wire::encoding::json)->Apply(sizes);
BENCHMARK_CAPTURE(encode, cbor, wire::encoding::cbor)->Apply(sizes);
BENCHMARK_CAPTURE(decode, json, wire::encoding::json)->Apply(sizes);
BENCHMARK_CAPTURE(decode, cbor, wire::encoding::cbor)->Apply(sizes);
BENCHMARK(rebase_edits)->Apply(sizes);
BENCHMARK(upsert_memory)->Apply(sizes);
BENCHMARK(upsert_sqlite)->Apply(sizes);

}  // namespace

BENCHMARK_MAIN();
