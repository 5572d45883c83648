#!/bin/sh
# @signaldb/sync 1.3.1 with @signaldb/core 1.8.1: editing one field of an item that was removed elsewhere loses all its other fields,
# on the device that edited it as well.
#
# Expected: the removal wins and the item is gone, or the edit wins and the item is back as the editing device shows it; that device has
# the whole item, and the server sends whole items.
# Seen: the edit is applied to an empty item with that id. The server is asked to add an item of the edited field alone, every device
# gets it, and the one that edited loses the fields that it showed a moment before.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @signaldb/core@1.8.1 @signaldb/sync@1.3.1 || exit 2

cat > run.mjs <<'END'
import { Collection } from '@signaldb/core';
import { SyncManager } from '@signaldb/sync';

const server = new Map();
const device = (id) => {
    const items = new Collection();
    const manager = new SyncManager({
        id,
        autostart: false,
        onError: (_, error) => console.log(`error ${error.message}`),
        pull: async () => ({ items: structuredClone([...server.values()]) }),
        push: async (_, { changes: { added, modified, removed } }) => {
            console.log(`${id} pushes ${JSON.stringify({ added, modified, removed: removed.map((item) => item.id) })}`);
            for (const item of [...added, ...modified]) server.set(item.id, structuredClone(item));
            for (const item of removed) server.delete(item.id);
        },
    });
    manager.addCollection(items, { name: 'items' });
    const show = () => JSON.stringify(items.findOne({ id: '1' }, { reactive: false }) ?? null);
    return { items, show, sync: () => manager.sync('items') };
};

const phone = device('phone');
const tablet = device('tablet');
phone.items.insert({ id: '1', title: 'milk', count: 3, note: 'cold' });
await phone.sync();
await tablet.sync();
phone.items.removeOne({ id: '1' });
tablet.items.updateOne({ id: '1' }, { $set: { title: 'oat milk' } });
console.log(`before the sync: phone ${phone.show()}, tablet ${tablet.show()}`);
await phone.sync();
await tablet.sync();
await phone.sync();
console.log(`after it: phone ${phone.show()}, tablet ${tablet.show()}, server ${JSON.stringify(server.get('1') ?? null)}`);
process.exit(0);
END

cat > stated <<'END'
phone pushes {"added":[{"id":"1","title":"milk","count":3,"note":"cold"}],"modified":[],"removed":[]}
before the sync: phone null, tablet {"id":"1","title":"oat milk","count":3,"note":"cold"}
phone pushes {"added":[],"modified":[],"removed":["1"]}
tablet pushes {"added":[{"id":"1","title":"oat milk"}],"modified":[],"removed":[]}
after it: phone {"id":"1","title":"oat milk"}, tablet {"id":"1","title":"oat milk"}, server {"id":"1","title":"oat milk"}
END

cat <<'END'
expected: the item is gone, or whole with its new title
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
