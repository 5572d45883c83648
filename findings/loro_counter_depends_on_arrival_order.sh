#!/bin/sh
# loro-crdt 1.17.1: the value of a counter depends on the order in which updates arrived.
#
# Expected: two documents that hold the same operations show the same value; that is what a CRDT promises, and the counter of this one
# takes fractions. One would guess that increments are added in an order that every replica knows, such as by peer.
# Seen: each replica adds in the order of arrival, and addition of doubles is not associative. Two replicas with equal versions differ,
# by a last digit or by whole units, and no further exchange repairs it. A snapshot carries the sum of the replica that made it, so a
# new device shows one value or the other, depending on whether it was given a snapshot or updates.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact loro-crdt@1.17.1 || exit 2

cat > run.mjs <<'END'
import { LoroDoc } from 'loro-crdt';

const device = (peer, amount) => {
    const document = new LoroDoc();
    document.setPeerId(peer);
    document.getCounter('total').increment(amount);
    document.commit();
    return document;
};
const from = (mode, document) => {
    const fresh = new LoroDoc();
    fresh.import(document.export({ mode }));
    return fresh.toJSON().total;
};
const versions = (document) => JSON.stringify([...document.version().toJSON()].sort());

for (const amounts of [[0.1, 0.2, 0.3], [2 ** 53, 1, 1]]) {
    const [phone, laptop, tablet] = amounts.map((amount, i) => device(String(i + 1), amount));
    const updates = [phone, laptop, tablet].map((document) => document.export({ mode: 'update' }));
    for (const i of [1, 2]) phone.import(updates[i]);
    for (const i of [1, 0]) tablet.import(updates[i]);
    phone.import(tablet.export({ mode: 'update' }));
    tablet.import(phone.export({ mode: 'snapshot' }));

    console.log(`${amounts.join(' + ')}: phone ${phone.toJSON().total}, tablet ${tablet.toJSON().total}, ` +
        `versions ${versions(phone) === versions(tablet) ? 'equal' : 'differ'}`);
    console.log(`  a new device, from the phone's snapshot ${from('snapshot', phone)}, from the phone's updates ${from('update', phone)}`);
}
END

cat > stated <<'END'
0.1 + 0.2 + 0.3: phone 0.6000000000000001, tablet 0.6, versions equal
  a new device, from the phone's snapshot 0.6000000000000001, from the phone's updates 0.6
9007199254740992 + 1 + 1: phone 9007199254740992, tablet 9007199254740994, versions equal
  a new device, from the phone's snapshot 9007199254740992, from the phone's updates 9007199254740994
END

cat <<'END'
expected: one value on all devices, once their versions are equal
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
