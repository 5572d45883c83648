#!/bin/sh
# @nozbe/watermelondb 0.28.0: a row that was removed after a push whose answer was lost comes back at the next sync.
#
# Expected: a row is created, pushed and stored by the server, and only the answer is lost; then the application removes it. Once they
# have synced again, it is gone on both sides: a removal of a row that the server may have is sent. An edit in its place is sent, as one
# would hope.
# Seen: the device knows that it has something to send, but it pulls first. The server names the row among those created since the last
# pull that the device finished; the library takes that for a new row, drops the removal that waits, and makes the row again. It says so
# in its log only, and nobody is asked. With `sendCreatedAsUpdated`, and a server that lists new rows as updated, the removal is sent.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @nozbe/watermelondb@0.28.0 || exit 2

cat > run.mjs <<'END'
import { createRequire } from 'node:module';

process.env.NODE_ENV = 'production';
const require = createRequire(import.meta.url);
const { Database, Model, appSchema, tableSchema } = require('@nozbe/watermelondb');
const { default: LokiJSAdapter } = require('@nozbe/watermelondb/adapters/lokijs');
const { field } = require('@nozbe/watermelondb/decorators');
const { hasUnsyncedChanges, synchronize } = require('@nozbe/watermelondb/sync');
const { default: logger } = require('@nozbe/watermelondb/utils/common/logger');
const { LokiMemoryAdapter } = require('lokijs');

logger.silence();
const schema = appSchema({ version: 1, tables: [tableSchema({ name: 'items', columns: [{ name: 'title', type: 'string' }] })] });
class Item extends Model {
    static table = 'items';
}
Object.defineProperty(Item.prototype, 'title', field('title')(Item.prototype, 'title', { initializer: null }));

const run = async (what, change, sendCreatedAsUpdated = false) => {
    const server = { rows: new Map(), clock: 1, answers: false };
    const database = new Database({
        adapter: new LokiJSAdapter({
            dbName: what, schema, useWebWorker: false, useIncrementalIndexedDB: true, _testLokiAdapter: new LokiMemoryAdapter(),
        }),
        modelClasses: [Item],
    });
    const items = database.get('items');
    const sync = () => synchronize({
        database,
        sendCreatedAsUpdated,
        pullChanges: async ({ lastPulledAt }) => {
            const news = [...server.rows.values()].filter((entry) => entry.changed_at > (lastPulledAt ?? 0));
            const named = (wanted) => news.filter((entry) => entry.kind(lastPulledAt ?? 0) === wanted);
            return {
                changes: {
                    items: {
                        created: named('created').map((entry) => entry.row),
                        updated: named('updated').map((entry) => entry.row),
                        deleted: named('deleted').map((entry) => entry.row.id),
                    },
                },
                timestamp: server.clock,
            };
        },
        pushChanges: async ({ changes: { items: { created, updated, deleted } } }) => {
            console.log(`  pushed: ${created.length} created, ${updated.length} updated, ${deleted.length} removed`);
            ++server.clock;
            const put = (row, removed) => {
                const created_at = server.rows.get(row.id)?.created_at ?? server.clock;
                server.rows.set(row.id, {
                    row, created_at, removed, changed_at: server.clock,
                    kind: (since) => (removed ? 'deleted' : created_at > since && !sendCreatedAsUpdated ? 'created' : 'updated'),
                });
            };
            for (const { id, title } of [...created, ...updated]) put({ id, title }, false);
            for (const id of deleted) put({ id }, true);
            if (!server.answers) throw new Error('the connection broke');
        },
    });
    const titles = async () => JSON.stringify((await items.query().fetch()).map((row) => row.title));

    console.log(what);
    const item = await database.write(() => items.create((row) => { row.title = 'milk'; }));
    await sync().catch(() => {});
    server.answers = true;
    await database.write(() => change(item));
    console.log(`  before the next sync: device ${await titles()}, something to send ${await hasUnsyncedChanges({ database })}`);
    await sync();
    await sync();
    const stored = [...server.rows.values()].filter((entry) => !entry.removed).map((entry) => entry.row.title);
    console.log(`  after it: device ${await titles()}, server ${JSON.stringify(stored)}`);
};
await run('edited', (item) => item.update((row) => { row.title = 'oat milk'; }));
await run('removed', (item) => item.markAsDeleted());
await run('removed, with sendCreatedAsUpdated', (item) => item.markAsDeleted(), true);
process.exit(0);
END

cat > stated <<'END'
edited
  pushed: 1 created, 0 updated, 0 removed
  before the next sync: device ["oat milk"], something to send true
  pushed: 1 created, 0 updated, 0 removed
  after it: device ["oat milk"], server ["oat milk"]
removed
  pushed: 1 created, 0 updated, 0 removed
  before the next sync: device [], something to send true
  after it: device ["milk"], server ["milk"]
removed, with sendCreatedAsUpdated
  pushed: 1 created, 0 updated, 0 removed
  before the next sync: device [], something to send true
  pushed: 0 created, 0 updated, 1 removed
  after it: device [], server []
END

cat <<'END'
expected: no row after the removal, on either side
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
