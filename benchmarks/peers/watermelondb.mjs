// WatermelonDB, synchronised with an in-process server that follows its sync protocol; the store is LokiJS or SQLite in memory.
import { createRequire } from 'node:module';

import { installed_version, json_wire } from './peer.mjs';
import { table_names, tables, values_of } from './workload.mjs';

process.env.NODE_ENV ??= 'production';

// The package is CommonJS without an export map, so its parts are reached by require.
const require = createRequire(import.meta.url);
const { Database, Model, appSchema, tableSchema } = require('@nozbe/watermelondb');
const { default: logger } = require('@nozbe/watermelondb/utils/common/logger');
const { date, field, text } = require('@nozbe/watermelondb/decorators');
const { hasUnsyncedChanges, synchronize } = require('@nozbe/watermelondb/sync');

logger.silence();

let opened_databases = 0;

const schema = appSchema({
    version: 1,
    tables: table_names.map((name) =>
        tableSchema({
            name,
            columns: Object.entries(tables[name].columns).map(([column, kind]) => ({
                name: column,
                type: kind === 'text' ? 'string' : 'number',
                isIndexed: column in tables[name].references,
            })),
        }),
    ),
});

/** A model class for a table, with an accessor a column, as the decorators would declare it in a class body. */
function model_class(table) {
    const { columns, references } = tables[table];
    const model = class extends Model {
        static table = table;
        static associations = Object.fromEntries(
            Object.entries(references).map(([key, parent]) => [parent, { type: 'belongs_to', key }]),
        );
    };
    for (const [column, kind] of Object.entries(columns)) {
        const decorate = kind === 'time' ? date(column) : kind === 'text' && !(column in references) ? text(column) : field(column);
        Object.defineProperty(model.prototype, column, decorate(model.prototype, column, { initializer: null }));
    }
    return model;
}

/** Stamps each record with a counter and answers pullChanges and pushChanges as the backend guide asks. */
class server {
    wire = new json_wire();
    clock = 1;
    records = Object.fromEntries(table_names.map((table) => [table, new Map()]));
    changes = Object.fromEntries(table_names.map((table) => [table, []]));

    put(table, record, created_at) {
        const entry = { record, created_at: created_at ?? this.clock, changed_at: this.clock };
        this.records[table].set(record.id, entry);
        this.changes[table].push(entry);
    }

    pull(last_pulled_at) {
        const after = last_pulled_at ?? 0;
        const changes = {};
        for (const table of table_names) {
            const log = this.changes[table];
            const created = [];
            const updated = [];
            for (let i = log.length - 1; i >= 0 && log[i].changed_at > after; --i) {
                const entry = log[i];
                if (this.records[table].get(entry.record.id) === entry) (entry.created_at > after ? created : updated).push(entry.record);
            }
            changes[table] = { created: created.reverse(), updated: updated.reverse(), deleted: [] };
        }
        return { changes, timestamp: this.clock };
    }

    // All or nothing: a record that changed since the client's last pull refuses the whole push.
    push(changes, last_pulled_at) {
        for (const table of table_names)
            for (const record of changes[table].updated)
                if (this.records[table].get(record.id)?.changed_at > last_pulled_at) return { refused: record.id };
        ++this.clock;
        for (const table of table_names)
            for (const record of [...changes[table].created, ...changes[table].updated])
                this.put(table, { id: record.id, ...values_of(table, record) }, this.records[table].get(record.id)?.created_at);
        return {};
    }

    async write(rows) {
        ++this.clock;
        for (const { table, id, values } of rows) this.put(table, { id, ...values });
    }

    async edit(edits) {
        ++this.clock;
        for (const { table, id, values } of edits) {
            const { record, created_at } = this.records[table].get(id);
            this.put(table, { ...record, ...values }, created_at);
        }
    }

    async read() {
        const state = new Map();
        for (const table of table_names)
            for (const [id, { record }] of this.records[table]) state.set(id, { table, values: values_of(table, record) });
        return state;
    }

    async close() {}
}

class client {
    constructor(make_adapter, remote) {
        const adapter = make_adapter({ schema, name: `database-${++opened_databases}` });
        this.database = new Database({ adapter, modelClasses: table_names.map(model_class) });
        this.remote = remote;
    }

    prepare({ table, id, values }) {
        return this.database.get(table).prepareCreate((record) => {
            record._raw.id = id;
            assign(record, table, values);
        });
    }

    async write(rows) {
        await this.database.write(() => this.database.batch(rows.map((row) => this.prepare(row))));
    }

    async write_each(rows) {
        for (const { table, id, values } of rows)
            await this.database.write(() =>
                this.database.get(table).create((record) => {
                    record._raw.id = id;
                    assign(record, table, values);
                }),
            );
    }

    async edit(edits) {
        const records = await this.all_records();
        await this.database.write(() =>
            this.database.batch(edits.map(({ table, id, values }) => records.get(id).prepareUpdate((record) => assign(record, table, values)))),
        );
    }

    async sync() {
        const { remote } = this;
        await synchronize({
            database: this.database,
            pullChanges: async ({ lastPulledAt }) => remote.wire.pass(remote.pull(remote.wire.pass({ lastPulledAt }).lastPulledAt)),
            pushChanges: async ({ changes, lastPulledAt }) => {
                const { refused } = remote.wire.pass(remote.push(remote.wire.pass(changes), lastPulledAt));
                if (refused) throw new Error(`the server refused the push: ${refused} changed after the last pull`);
            },
        });
    }

    async unsent() {
        return (await hasUnsyncedChanges({ database: this.database })) ? 1 : 0;
    }

    async all_records() {
        const records = new Map();
        for (const table of table_names) for (const record of await this.database.get(table).query().fetch()) records.set(record.id, record);
        return records;
    }

    async read() {
        const state = new Map();
        for (const [id, record] of await this.all_records()) state.set(id, { table: record.table, values: values_of(record.table, record._raw) });
        return state;
    }

    async close() {
        await this.database.write(() => this.database.unsafeResetDatabase());
    }
}

function assign(record, table, values) {
    for (const [column, value] of Object.entries(values))
        record[column] = tables[table].columns[column] === 'time' ? new Date(value) : value;
}

/** The peer over one of WatermelonDB's stores; make_adapter gets {schema, name}, the name of a database not opened before. */
export function watermelondb_peer(name, store, make_adapter) {
    return {
        about: {
            name,
            version: installed_version('@nozbe/watermelondb'),
            store,
            lacks:
                'brings no server; tables are pushed as sets, so the server must accept or defer foreign keys; no id mapping (ids are the ' +
                'client\'s); not exactly-once: a push whose answer is lost is sent again, and one sync is one request of all changes',
        },
        open_server: async () => new server(),
        open_client: async (remote) => new client(make_adapter, remote),
    };
}

export { require };
