#!/bin/sh
# @loro-dev/flock 4.5.1: whole numbers from 2^53 to below 10^21 are all one key, and a store that has such a key sends nothing any more.
#
# Expected: a part of a key may be a finite number, so each number is a key of its own, or numbers that are not safe integers are
# refused; as values they travel unharmed. Ids of 64 bits made elsewhere (of the "snowflake" kind) are numbers of this size.
# Seen: `put` takes them, but writes `Infinity` into the key. The second such key overwrites the first. What is exported is refused
# by the other store as a whole, so that unrelated entries that were written beside it never arrive. From 10^21 on, where numbers are
# written with an exponent, all is well again.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @loro-dev/flock@4.5.1 || exit 2

cat > run.mjs <<'END'
import { Flock } from '@loro-dev/flock';

for (const [first, second] of [[1000, 2000], [2 ** 53, 2 ** 60], [1e21, 1e22]]) {
    const phone = new Flock('phone');
    const tablet = new Flock('tablet');
    phone.put(['unrelated'], true);
    phone.put(['messages', first], 'first');
    phone.put(['messages', second], 'second');
    console.log(`${first} and ${second}: the phone reads ${phone.get(['messages', first])} and ${phone.get(['messages', second])}`);
    const exported = phone.exportJson();
    console.log(`  exports ${Object.keys(exported.entries).sort().join(' ')}`);
    let outcome = 'takes it';
    try { tablet.importJson(JSON.parse(JSON.stringify(exported))); } catch { outcome = 'refuses it'; }
    console.log(`  the tablet ${outcome} and reads ${tablet.get(['messages', first])}, ${tablet.get(['messages', second])}, ` +
        `unrelated ${tablet.get(['unrelated'])}`);
}
END

cat > stated <<'END'
1000 and 2000: the phone reads first and second
  exports ["messages",1000] ["messages",2000] ["unrelated"]
  the tablet takes it and reads first, second, unrelated true
9007199254740992 and 1152921504606847000: the phone reads second and second
  exports ["messages",Infinity] ["unrelated"]
  the tablet refuses it and reads undefined, undefined, unrelated undefined
1e+21 and 1e+22: the phone reads first and second
  exports ["messages",1e+21] ["messages",1e+22] ["unrelated"]
  the tablet takes it and reads first, second, unrelated true
END

cat <<'END'
expected: two keys, or an error from `put`
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
