// PouchDB with its memory adapter, synced by its own replication with another in-memory PouchDB as the server.
import PouchDB from 'pouchdb-core';
import memory_adapter from 'pouchdb-adapter-memory';
import replication from 'pouchdb-replication';

import { installed_version, run_peer } from './peer.mjs';
import { values_of } from './workload.mjs';

PouchDB.plugin(memory_adapter).plugin(replication);

// The same batch for every peer here; PouchDB's own default of 100 is no faster.
const batch_size = 1000;
let opened_databases = 0;

const to_document = ({ table, id, values }) => ({ _id: id, table, ...values });

class database {
    wire = null;

    constructor() {
        this.documents = new PouchDB(`database-${++opened_databases}`, { adapter: 'memory' });
    }

    async write(rows) {
        await this.save(rows.map(to_document));
    }

    async save(documents, at_once = batch_size) {
        for (let from = 0; from < documents.length; from += at_once) {
            const results = await this.documents.bulkDocs(documents.slice(from, from + at_once));
            const failed = results.find((result) => result.error);
            if (failed) throw new Error(`bulkDocs refused ${failed.id}: ${failed.reason ?? failed.message}`);
        }
    }

    async edit(edits) {
        const { rows } = await this.documents.allDocs({ keys: edits.map((edit) => edit.id), include_docs: true });
        await this.save(rows.map((row, i) => ({ ...row.doc, ...edits[i].values })));
    }

    async read() {
        const { rows } = await this.documents.allDocs({ include_docs: true });
        return new Map(rows.map(({ id, doc }) => [id, { table: doc.table, values: values_of(doc.table, doc) }]));
    }

    async close() {
        await this.documents.close();
    }
}

class client extends database {
    constructor(server) {
        super();
        this.server = server;
    }

    async write(rows) {
        await this.save(rows.map(to_document), rows.length);
    }

    async write_each(rows) {
        for (const row of rows) await this.documents.put(to_document(row));
    }

    async sync() {
        await this.documents.sync(this.server.documents, { batch_size });
    }

    // PouchDB keeps both revisions and picks a winner, so the application merges, as its guide on conflicts describes.
    async sync_and_merge() {
        const { update_seq: since } = await this.documents.info();
        await this.documents.replicate.from(this.server.documents, { batch_size });
        const { results } = await this.documents.changes({ since, include_docs: true, conflicts: true });
        await this.merge(results.map((change) => change.doc).filter((doc) => doc._conflicts));
        await this.documents.replicate.to(this.server.documents, { batch_size });
    }

    // Merges field by field against the revision both edits began with, then deletes the losing revision.
    async merge(winners) {
        const losers = await this.fetch_revisions(winners.map((doc) => ({ id: doc._id, rev: doc._conflicts[0] })), true);
        const ancestors = await this.fetch_revisions(losers.map((doc) => ({ id: doc._id, rev: parent_revision(doc) })), false);
        const writes = [];
        winners.forEach((winner, i) => {
            const { _id, _rev, table } = winner;
            const original = values_of(table, ancestors[i]);
            const merged = { _id, _rev, table, ...values_of(table, winner) };
            for (const [column, value] of Object.entries(values_of(table, losers[i])))
                if (value !== original[column]) merged[column] = value;
            writes.push(merged, { _id, _rev: losers[i]._rev, _deleted: true });
        });
        await this.save(writes);
    }

    async fetch_revisions(keys, with_history) {
        const { results } = await this.documents.bulkGet({ docs: keys, revs: with_history });
        return results.map((result) => result.docs[0].ok);
    }
}

function parent_revision({ _revisions: { start, ids } }) {
    return `${start - 1}-${ids[1]}`;
}

await run_peer({
    about: {
        name: 'PouchDB',
        version: installed_version('pouchdb-core'),
        store: 'memory adapter, replicated with a second one in the same process; no secondary index',
        lacks:
            'no foreign keys or order (documents arrive in change order), no id mapping (ids are the client\'s), no transactions; ' +
            'replays are harmless (revisions) but a conflict keeps one winner until the application merges, as it does in W5',
    },
    open_server: async () => new database(),
    open_client: async (server) => new client(server),
});
