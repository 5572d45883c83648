#!/bin/sh
# pouchdb-core, pouchdb-adapter-memory and pouchdb-replication 9.0.0: two edits conflict or not by the bytes of their JSON.
#
# Expected: two devices that edit one document apart are a conflict, which `conflicts: true` shows, so that the application can merge:
# add up two increments, say. And two devices that write the same values agree, whatever order their keys have; a revision is said to be
# deterministic.
# Seen: both the other way round. A revision is a digest of the document's text with its predecessor. Two increments from 0 to 1 are
# one revision: one of them is lost, no conflict is recorded, and a handler that merges conflicts never runs. Two documents of equal
# values in another order of keys are a conflict. With the option `deterministic_revs: false` both are.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact \
    pouchdb-core@9.0.0 pouchdb-adapter-memory@9.0.0 pouchdb-replication@9.0.0 || exit 2

cat > run.mjs <<'END'
import PouchDB from 'pouchdb-core';
import memory from 'pouchdb-adapter-memory';
import replication from 'pouchdb-replication';

PouchDB.plugin(memory).plugin(replication);
for (const deterministic_revs of [true, false]) {
    const options = { adapter: 'memory', deterministic_revs };
    const phone = new PouchDB(`phone ${deterministic_revs}`, options);
    const tablet = new PouchDB(`tablet ${deterministic_revs}`, options);
    console.log(`deterministic_revs: ${deterministic_revs}${deterministic_revs ? ', as it comes' : ''}`);
    const show = async (what) => {
        await PouchDB.sync(phone, tablet);
        const cup = await phone.get('cup', { conflicts: true });
        console.log(`${what}: count ${cup.count}, label ${cup.label ?? '-'}, conflicts ${cup._conflicts?.length ?? 0}`);
    };

    await phone.put({ _id: 'cup', count: 0 });
    await show('at first');
    for (const device of [phone, tablet]) {
        const cup = await device.get('cup');
        cup.count += 1;
        await device.put(cup);
    }
    await show('each device counted one more');

    const { _rev } = await phone.get('cup');
    await phone.put({ _id: 'cup', _rev, count: 1, label: 'tea' });
    await tablet.put({ _id: 'cup', _rev, label: 'tea', count: 1 });
    await show('each device added the same label');
}
END

cat > stated <<'END'
deterministic_revs: true, as it comes
at first: count 0, label -, conflicts 0
each device counted one more: count 1, label -, conflicts 0
each device added the same label: count 1, label tea, conflicts 1
deterministic_revs: false
at first: count 0, label -, conflicts 0
each device counted one more: count 1, label -, conflicts 1
each device added the same label: count 1, label tea, conflicts 2
END

cat <<'END'
expected: a conflict after the two increments, none after the two equal labels
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
