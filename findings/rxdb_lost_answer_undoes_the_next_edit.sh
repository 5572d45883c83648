#!/bin/sh
# rxdb 17.6.0 with rxjs 7.8.2: after a push whose answer was lost, the next edit of the document is undone, on the only device there is.
#
# Expected: the device created a document, the server has it, and only the answer was lost. The push is repeated, which is harmless, and
# an edit made meanwhile follows. Nobody else writes, so nothing can conflict, and the default conflict handler has nothing to decide.
# Seen: the repeated push meets the document that it made itself; the server reports it as a conflict, as the protocol asks, since no
# assumed state came along. The state in the answer is the one that was pushed, but the device does not note it as the server's: the edit
# is pushed without an assumed state, too, meets its own predecessor, and the default handler lets the server's win. The edit is gone
# from the device that made it, without an error.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact rxdb@17.6.0 rxjs@7.8.2 || exit 2

cat > run.mjs <<'END'
import { createRxDatabase } from 'rxdb';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';

const fields = ['id', 'title', '_deleted'];
const text = (document) => JSON.stringify(document ?? null, fields);
const server = new Map();
let lose_an_answer = true;
let push_again;
const edited = new Promise((resolve) => (push_again = resolve));

const database = await createRxDatabase({ name: 'phone', storage: getRxStorageMemory(), multiInstance: false });
await database.addCollections({
    items: {
        schema: {
            version: 0, primaryKey: 'id', type: 'object', required: ['id'],
            properties: { id: { type: 'string', maxLength: 40 }, title: { type: 'string' } },
        },
    },
});
const item = () => database.items.findOne('1').exec();
await database.items.insert({ id: '1', title: 'milk' });

const replication = replicateRxCollection({
    collection: database.items,
    replicationIdentifier: 'server',
    live: true,
    retryTime: 50,
    pull: {
        async handler(checkpoint) {
            return { documents: checkpoint ? [] : [...server.values()], checkpoint: { pulled: true } };
        },
    },
    push: {
        async handler(rows) {
            if (!lose_an_answer) await edited;
            const conflicts = [];
            for (const { assumedMasterState: assumed, newDocumentState: next } of rows) {
                const current = server.get(next.id);
                if (text(current) === text(assumed)) server.set(next.id, next);
                else conflicts.push(current);
                const outcome = conflicts.length ? `conflict with ${text(current)}` : 'stored';
                console.log(`push ${text(next)}, assumed ${text(assumed)}: ${outcome}`);
            }
            if (lose_an_answer) {
                lose_an_answer = false;
                throw new Error('the connection broke');
            }
            return conflicts;
        },
    },
});
while (server.size === 0) await new Promise((resolve) => setTimeout(resolve, 10));
await (await item()).incrementalPatch({ title: 'oat milk' });
console.log(`edited on the device: ${(await item()).title}`);
push_again();
await replication.awaitInSync();
console.log(`in sync: device ${(await item()).title}, server ${server.get('1').title}`);
process.exit(0);
END

cat > stated <<'END'
push {"id":"1","title":"milk","_deleted":false}, assumed null: stored
edited on the device: oat milk
push {"id":"1","title":"milk","_deleted":false}, assumed null: conflict with {"id":"1","title":"milk","_deleted":false}
push {"id":"1","title":"oat milk","_deleted":false}, assumed null: conflict with {"id":"1","title":"milk","_deleted":false}
in sync: device milk, server milk
END

cat <<'END'
expected: the device and the server have oat milk
seen:
END
node --no-warnings run.mjs > seen 2>&1 || true
cat seen
if cmp -s stated seen; then
    echo "as stated"
else
    echo "changed; this was stated:"
    cat stated
    exit 1
fi
