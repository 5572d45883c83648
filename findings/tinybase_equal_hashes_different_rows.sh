#!/bin/sh
# tinybase 10.0.1: two mergeable stores with one schema and equal hashes show different rows.
#
# Expected: when one device removes a row and another, later, edits one of its cells, the row is gone on both, or back on both. The
# merge is by cell, so one may also expect a row of just that cell; but in any case the same on both, since the stores hold the same
# stamped content with the same hash, which is what their synchronizers compare.
# Seen: with a default for the other cell in the schema, the device that removed the row shows it, with the default in the place of the
# value that it had; the device that made the edit shows no row at all. Syncing again changes nothing, for the hashes are equal, and a
# third device shows no row, whomever it asks. Without a default both show the row, with the edited cell alone.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact tinybase@10.0.1 || exit 2

cat > run.mjs <<'END'
import { createMergeableStore } from 'tinybase';

let time = 1700000000000;
const device = (id, schema) => {
    const store = createMergeableStore(id, () => (time += 1000));
    store.setTablesSchema(schema);
    return store;
};
const hash = (store) => store.getMergeableContent()[0][2];
const show = (store) => JSON.stringify(store.getTables());

for (const [what, count] of [['with a default', { type: 'number', default: 0 }], ['without', { type: 'number' }]]) {
    const schema = { items: { title: { type: 'string' }, count } };
    const [phone, tablet] = ['phone', 'tablet'].map((id) => device(id, schema));
    phone.setRow('items', '1', { title: 'milk', count: 3 });
    tablet.merge(phone);
    phone.delRow('items', '1');
    tablet.setCell('items', '1', 'title', 'oat milk');
    for (let round = 0; round < 3; ++round) {
        tablet.merge(phone);
        phone.merge(tablet);
    }
    console.log(`${what}: phone ${show(phone)}, tablet ${show(tablet)}, hashes ${hash(phone) === hash(tablet) ? 'equal' : 'differ'}`);
    for (const [name, known] of [['phone', phone], ['tablet', tablet]]) {
        const fresh = device('fresh', schema);
        fresh.merge(known);
        console.log(`  a new device that asks the ${name} ${show(fresh)}`);
    }
}
END

cat > stated <<'END'
with a default: phone {"items":{"1":{"title":"oat milk","count":0}}}, tablet {}, hashes equal
  a new device that asks the phone {}
  a new device that asks the tablet {}
without: phone {"items":{"1":{"title":"oat milk"}}}, tablet {"items":{"1":{"title":"oat milk"}}}, hashes equal
  a new device that asks the phone {"items":{"1":{"title":"oat milk"}}}
  a new device that asks the tablet {"items":{"1":{"title":"oat milk"}}}
END

cat <<'END'
expected: the same rows on both devices, once their hashes are equal
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
