#!/bin/sh
# @automerge/automerge 3.5.0: a counter takes fractions, shows them inside the change, and keeps none of them.
#
# Expected: the type of a counter and of its increments is `number`, so either 0.5 is counted or it is refused. Inside the change the
# counter does show the fraction.
# Seen: every value and every increment is cut towards zero, in silence, on the device that makes it too. Three increments of 0.5 add
# nothing, 1.9 becomes 1, and the sum depends on the steps in which it is reached: 2.9 at once adds 2, 0.29 ten times adds nothing. An
# ordinary number of the same document stays 0.5.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @automerge/automerge@3.5.0 || exit 2

cat > run.mjs <<'END'
import * as Automerge from '@automerge/automerge';

const counted = (start, ...increments) => {
    let document = Automerge.from({ counter: new Automerge.Counter(start) });
    let inside;
    for (const amount of increments) {
        document = Automerge.change(document, (draft) => {
            draft.counter.increment(amount);
            inside = draft.counter.value;
        });
    }
    const loaded = Automerge.load(Automerge.save(document));
    console.log(`${[start, ...increments].join(' + ')}: inside the last change ${inside ?? '-'}, after it ${document.counter.value}, ` +
        `on another device ${loaded.counter.value}`);
};
counted(0, 0.5, 0.5, 0.5);
counted(1.9);
counted(1.9, 0.9);
counted(0, -0.9);
counted(0, 2.9);
counted(0, ...Array(10).fill(0.29));
console.log(`a number: ${Automerge.load(Automerge.save(Automerge.from({ amount: 0.5 }))).amount}`);
END

cat > stated <<'END'
0 + 0.5 + 0.5 + 0.5: inside the last change 0.5, after it 0, on another device 0
1.9: inside the last change -, after it 1, on another device 1
1.9 + 0.9: inside the last change 1.9, after it 1, on another device 1
0 + -0.9: inside the last change -0.9, after it 0, on another device 0
0 + 2.9: inside the last change 2.9, after it 2, on another device 2
0 + 0.29 + 0.29 + 0.29 + 0.29 + 0.29 + 0.29 + 0.29 + 0.29 + 0.29 + 0.29: inside the last change 0.29, after it 0, on another device 0
a number: 0.5
END

cat <<'END'
expected: 1.5 for three increments of 0.5, or an error
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
