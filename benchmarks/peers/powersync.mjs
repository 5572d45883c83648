// PowerSync's core extension on SQLite in memory, driven as its SDK drives it, with sync lines from an in-process stand-in for its service.
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

import Database from 'better-sqlite3';

import { installed_version, run_peer } from './peer.mjs';
import { table_names, tables, values_of } from './workload.mjs';

const upload_batch = 1000;
const operations_per_line = 1000;
const bucket = 'everything[]';
const largest_operation = '9223372036854775807';

function extension_path() {
    const architecture = { x64: 'x64', arm64: 'aarch64', ia32: 'x86', riscv64: 'riscv64gc' }[os.arch()];
    const file = {
        linux: `libpowersync_${architecture}.linux.so`,
        darwin: `libpowersync_${architecture}.macos.dylib`,
        win32: `powersync_${architecture}.dll`,
    }[os.platform()];
    if (!architecture || !file) throw new Error(`@powersync/node has no core extension for ${os.platform()} on ${os.arch()}`);
    const entry = createRequire(import.meta.url).resolve('@powersync/node/package.json');
    return path.join(path.dirname(entry), 'lib', file);
}

const schema = JSON.stringify({
    tables: table_names.map((name) => ({
        name,
        view_name: null,
        local_only: false,
        insert_only: false,
        columns: Object.entries(tables[name].columns).map(([column, kind]) => ({ name: column, type: kind === 'time' ? 'INTEGER' : kind.toUpperCase() })),
        indexes: Object.keys(tables[name].references).map((column) => ({
            name: `by_${column}`,
            columns: [{ name: column, ascending: true, type: 'TEXT' }],
        })),
    })),
});

/** Stands in for the service and the application's backend: one bucket of numbered operations, streamed as lines of JSON. */
class server {
    wire = { bytes: 0 };
    rows = new Map();
    operations = [];
    checksum = 0;
    write_checkpoint = 0;

    receive(text) {
        this.wire.bytes += Buffer.byteLength(text);
        return text;
    }

    put(table, id, values) {
        this.rows.set(id, { table, values });
        const data = JSON.stringify({ id, ...values });
        let checksum = 0;
        for (let i = 0; i < data.length; i += 7) checksum = (Math.imul(checksum, 31) + data.charCodeAt(i)) >>> 0;
        this.checksum = (this.checksum + checksum) >>> 0;
        this.operations.push({ op_id: String(this.operations.length + 1), op: 'PUT', object_type: table, object_id: id, checksum, data });
    }

    /** The application's backend applies a batch of uploaded changes, in their order. */
    upload(text) {
        for (const { op, type, id, data } of JSON.parse(this.receive(text))) {
            if (op === 'PUT') this.put(type, id, data);
            else if (op === 'PATCH') this.put(type, id, { ...this.rows.get(id).values, ...data });
            else throw new Error(`the workload never uploads ${op}`);
        }
    }

    /** Answers a stream request: a checkpoint, what the client lacks of the bucket, and the end of the checkpoint. */
    *lines(request) {
        const { buckets } = JSON.parse(this.receive(JSON.stringify(request)));
        const after = Number(buckets.find((known) => known.name === bucket)?.after ?? 0);
        const last_op_id = String(this.operations.length);
        yield this.line({
            checkpoint: {
                last_op_id,
                write_checkpoint: String(this.write_checkpoint),
                buckets: [{ bucket, checksum: this.checksum, count: this.operations.length, priority: 3, subscriptions: [] }],
                streams: [],
            },
        });
        for (let from = after; from < this.operations.length; from += operations_per_line) {
            const data = this.operations.slice(from, from + operations_per_line);
            yield this.line({
                data: {
                    bucket,
                    data,
                    has_more: from + operations_per_line < this.operations.length,
                    after: String(from),
                    next_after: data[data.length - 1].op_id,
                },
            });
        }
        yield this.line({ checkpoint_complete: { last_op_id } });
    }

    line(value) {
        return this.receive(JSON.stringify(value));
    }

    async write(rows) {
        for (const { table, id, values } of rows) this.put(table, id, values);
    }

    async edit(edits) {
        for (const { table, id, values } of edits) this.put(table, id, { ...this.rows.get(id).values, ...values });
    }

    async read() {
        return this.rows;
    }

    async close() {}
}

function open_database() {
    const database = new Database(':memory:');
    database.loadExtension(extension_path(), 'sqlite3_powersync_init');
    return database;
}

function core_version() {
    const database = open_database();
    const version = database.prepare('SELECT powersync_rs_version()').pluck().get();
    database.close();
    return version.split('/')[0];
}

class client {
    constructor(remote) {
        this.remote = remote;
        this.database = open_database();
        this.transaction(() => this.database.prepare('SELECT powersync_init()').get());
        this.transaction(() => this.database.prepare('SELECT powersync_replace_schema(?)').get(schema));
        this.control_statement = this.database.prepare('SELECT CAST(powersync_control(?, ?) AS TEXT)').pluck();
        this.statements = new Map();
    }

    transaction(work) {
        return this.database.transaction(work).immediate();
    }

    prepared(sql) {
        if (!this.statements.has(sql)) this.statements.set(sql, this.database.prepare(sql));
        return this.statements.get(sql);
    }

    insert({ table, id, values }) {
        const columns = Object.keys(values);
        this.prepared(`INSERT INTO ${table} (id, ${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length)})`).run(id, ...Object.values(values));
    }

    async write(rows) {
        this.transaction(() => rows.forEach((row) => this.insert(row)));
    }

    async write_each(rows) {
        for (const row of rows) this.transaction(() => this.insert(row));
    }

    async edit(edits) {
        this.transaction(() => {
            for (const { table, id, values } of edits) {
                const assignments = Object.keys(values).map((column) => `${column} = ?`);
                this.prepared(`UPDATE ${table} SET ${assignments.join(', ')} WHERE id = ?`).run(...Object.values(values), id);
            }
        });
    }

    control(operation, payload = null) {
        return this.transaction(() => this.control_statement.get(operation, payload));
    }

    // The upload queue goes out in batches of whole entries; each is deleted when the backend has it.
    async push() {
        const next_batch = this.prepared('SELECT id, tx_id, data FROM ps_crud ORDER BY id LIMIT ?');
        let uploaded = false;
        for (let entries; (entries = next_batch.all(upload_batch)).length > 0; uploaded = true) {
            this.remote.upload(`[${entries.map((entry) => entry.data).join(',')}]`);
            this.transaction(() => {
                this.prepared('DELETE FROM ps_crud WHERE id <= ?').run(entries[entries.length - 1].id);
                this.control_statement.get('target_checkpoint_request_id', largest_operation);
            });
        }
        // Until the service reports this checkpoint, the core applies nothing, so that uploaded rows do not flicker.
        if (uploaded) this.control('target_checkpoint_request_id', String(++this.remote.write_checkpoint));
    }

    async sync() {
        await this.push();
        const instructions = JSON.parse(this.control('start', JSON.stringify({ parameters: null, include_defaults: true, active_streams: [] })));
        const { request } = instructions.find((instruction) => instruction.EstablishSyncStream).EstablishSyncStream;
        this.control('connection', 'established');
        let complete = false;
        for (const line of this.remote.lines(request))
            for (const instruction of JSON.parse(this.control('line_text', line))) {
                if (instruction.LogLine?.severity === 'WARNING') throw new Error(instruction.LogLine.line);
                complete ||= 'DidCompleteSync' in instruction;
            }
        this.control('stop');
        if (!complete) throw new Error('the core did not complete the checkpoint');
    }

    async unsent() {
        return this.prepared('SELECT COUNT(*) AS entries FROM ps_crud').get().entries;
    }

    async read() {
        const state = new Map();
        for (const table of table_names)
            for (const row of this.database.prepare(`SELECT * FROM ${table}`).iterate()) state.set(row.id, { table, values: values_of(table, row) });
        return state;
    }

    async close() {
        this.database.close();
    }
}

await run_peer({
    about: {
        name: 'PowerSync core',
        version: `${installed_version('@powersync/node')} (core ${core_version()})`,
        store: 'core extension on SQLite in memory, without the SDK\'s worker threads; W1 ends before the echo that confirms the rows',
        lacks:
            'needs a streaming service beside the database (a stand-in here); no foreign keys in its views, no id mapping (ids are the ' +
            'client\'s); uploads go in order but at least once, the backend has to cope with repeats; what was pushed is streamed back',
    },
    open_server: async () => new server(),
    open_client: async (remote) => new client(remote),
});
