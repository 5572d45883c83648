// RxDB with its memory storage, one collection a table, replicated through pull and push handlers with an in-process server.
import { createRxDatabase } from 'rxdb';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';

import { installed_version, json_wire, run_peer } from './peer.mjs';
import { table_names, tables, values_of } from './workload.mjs';

const batch_size = Number(process.env.BATCH ?? 1000);
let opened_databases = 0;

function collection_schema(table) {
    const { columns, references } = tables[table];
    const properties = { id: { type: 'string', maxLength: 36 } };
    for (const [column, kind] of Object.entries(columns))
        properties[column] =
            column in references ? { type: 'string', maxLength: 36 }
            : kind === 'text' ? { type: 'string' }
            : { type: 'number' };
    return {
        version: 0,
        primaryKey: 'id',
        type: 'object',
        properties,
        required: ['id', ...Object.keys(columns)],
        indexes: Object.keys(references),
    };
}

// Equal when every column is; a conflict keeps the fields changed here and takes the others from the server.
function field_merge(table) {
    const columns = Object.keys(tables[table].columns);
    return {
        isEqual: (left, right) => left._deleted === right._deleted && columns.every((column) => left[column] === right[column]),
        resolve: ({ assumedMasterState, realMasterState, newDocumentState }) => {
            const merged = { ...realMasterState };
            for (const column of columns)
                if (!assumedMasterState || newDocumentState[column] !== assumedMasterState[column]) merged[column] = newDocumentState[column];
            return merged;
        },
    };
}

/** Keeps one list of documents a table, in order of change, and answers the two handlers of the replication. */
class server {
    wire = new json_wire();
    clock = 0;
    stored = Object.fromEntries(table_names.map((table) => [table, { documents: new Map(), changes: [] }]));

    put(table, document) {
        const { documents, changes } = this.stored[table];
        const entry = { document, changed_at: ++this.clock };
        documents.set(document.id, entry);
        changes.push(entry);
    }

    // Returns the documents changed after the checkpoint, each once and in its latest state.
    pull(table, checkpoint, limit) {
        const { documents, changes } = this.stored[table];
        const after = checkpoint?.changed_at ?? 0;
        let low = 0;
        let high = changes.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (changes[middle].changed_at <= after) low = middle + 1;
            else high = middle;
        }
        const found = [];
        let last = after;
        for (; low < changes.length && found.length < limit; ++low) {
            const entry = changes[low];
            last = entry.changed_at;
            if (documents.get(entry.document.id) === entry) found.push(entry.document);
        }
        return { documents: found, checkpoint: { changed_at: last } };
    }

    push(table, rows) {
        const conflicts = [];
        const { documents } = this.stored[table];
        const { isEqual: is_equal } = field_merge(table);
        for (const { newDocumentState: wanted, assumedMasterState: assumed } of rows) {
            const current = documents.get(wanted.id)?.document;
            if (current && (!assumed || !is_equal(current, assumed))) conflicts.push(current);
            else this.put(table, wanted);
        }
        return conflicts;
    }

    async write(rows) {
        for (const { table, id, values } of rows) this.put(table, { id, ...values, _deleted: false });
    }

    async edit(edits) {
        for (const { table, id, values } of edits) this.put(table, { ...this.stored[table].documents.get(id).document, ...values });
    }

    async read() {
        const state = new Map();
        for (const table of table_names)
            for (const [id, { document }] of this.stored[table].documents) state.set(id, { table, values: values_of(table, document) });
        return state;
    }

    async close() {}
}

class client {
    static async open(remote) {
        const database = await createRxDatabase({
            name: `database-${++opened_databases}`,
            storage: getRxStorageMemory(),
            multiInstance: false,
            eventReduce: true,
        });
        await database.addCollections(
            Object.fromEntries(table_names.map((table) => [table, { schema: collection_schema(table), conflictHandler: field_merge(table) }])),
        );
        return new client(database, remote);
    }

    constructor(database, remote) {
        this.database = database;
        this.remote = remote;
        this.replications = null;
    }

    async write(rows) {
        for (const [table, of_table] of Object.entries(group_by_table(rows))) {
            const { error } = await this.database[table].bulkInsert(of_table.map(({ id, values }) => ({ id, ...values })));
            if (error.length > 0) throw new Error(`bulkInsert refused ${error.length} documents`);
        }
    }

    async write_each(rows) {
        for (const { table, id, values } of rows) await this.database[table].insert({ id, ...values });
    }

    async edit(edits) {
        for (const [table, of_table] of Object.entries(group_by_table(edits))) {
            const documents = await this.database[table].findByIds(of_table.map((edit) => edit.id)).exec();
            await Promise.all(of_table.map((edit) => documents.get(edit.id).incrementalPatch(edit.values)));
        }
    }

    async sync() {
        if (!this.replications) this.replications = table_names.map((table) => this.replicate(table));
        else await Promise.all(this.replications.map((replication) => replication.start()));
        await Promise.all(this.replications.map((replication) => replication.awaitInSync()));
        await Promise.all(this.replications.map((replication) => replication.pause()));
        if (this.failure) throw this.failure;
    }

    replicate(table) {
        const { remote } = this;
        const replication = replicateRxCollection({
            replicationIdentifier: `${table}-with-the-server`,
            collection: this.database[table],
            live: true,
            retryTime: 1000,
            waitForLeadership: false,
            pull: {
                batchSize: batch_size,
                handler: async (checkpoint, limit) => remote.wire.pass(remote.pull(table, remote.wire.pass(checkpoint ?? null), limit)),
            },
            push: {
                batchSize: batch_size,
                handler: async (rows) => remote.wire.pass(remote.push(table, remote.wire.pass(rows))),
            },
        });
        replication.error$.subscribe((error) => (this.failure = error));
        return replication;
    }

    async read() {
        const state = new Map();
        for (const table of table_names)
            for (const document of await this.database[table].find().exec())
                state.set(document.id, { table, values: values_of(table, document.toJSON()) });
        return state;
    }

    async close() {
        await this.database.remove();
    }
}

function group_by_table(entries) {
    const groups = {};
    for (const entry of entries) (groups[entry.table] ??= []).push(entry);
    return groups;
}

await run_peer({
    about: {
        name: 'RxDB',
        version: installed_version('rxdb'),
        store: 'memory storage',
        lacks:
            'no foreign-key order (each collection replicates on its own), no id mapping (ids are the client\'s), no transactions across ' +
            'documents; a replayed push is met by comparing states, not exactly once; merging fields is a handler the application writes',
    },
    open_server: async () => new server(),
    open_client: (remote) => client.open(remote),
});
