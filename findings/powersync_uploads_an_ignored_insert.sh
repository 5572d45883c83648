#!/bin/sh
# @journeyapps/wa-sqlite 2.0.6, with PowerSync's core 0.5.3 inside: an INSERT OR IGNORE that is ignored is queued for upload all the same.
#
# Expected: `INSERT OR IGNORE` of an id that exists does nothing, as in SQLite itself; the usual way to seed default rows at each
# start of an application. UPSERT is refused on these tables ("cannot UPSERT a view"), so one is led to it.
# Seen: the tables are views whose trigger writes the row and then the upload queue. SQLite hands the conflict clause of the outer
# statement on to both: the row is left alone, and the ignored values are queued as a PUT, which stands for a whole row. A
# backend that takes the PUT overwrites its row with values that no device has shown, and the devices then download them. A plain INSERT
# of the same id fails and queues nothing.
#
# Needs sh, Node.js 20 or later and npm. Installs into a temporary folder, which it removes. Exits 0 if everything is seen as stated
# here, 1 if it has changed, 2 if the package cannot be installed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @journeyapps/wa-sqlite@2.0.6 || exit 2

cat > run.mjs <<'END'
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import make_module from '@journeyapps/wa-sqlite/dist/wa-sqlite.mjs';
import * as SQLite from '@journeyapps/wa-sqlite';

const wasmBinary = readFileSync(createRequire(import.meta.url).resolve('@journeyapps/wa-sqlite/dist/wa-sqlite.wasm'));
const module = await make_module({ wasmBinary });
module.ccall('powersync_init_static', 'int', []);
const sqlite = SQLite.Factory(module);
const database = await sqlite.open_v2(':memory:');
const rows = async (sql) => {
    const found = [];
    await sqlite.exec(database, sql, (row) => found.push([...row]));
    return found;
};
const schema = JSON.stringify({
    tables: [{
        name: 'settings', view_name: null, local_only: false, insert_only: false, indexes: [],
        columns: [{ name: 'theme', type: 'TEXT' }, { name: 'volume', type: 'INTEGER' }],
    }],
});
await rows(`BEGIN; SELECT powersync_init(); SELECT powersync_replace_schema('${schema}'); COMMIT`);

const attempt = async (sql) => {
    await rows('DELETE FROM ps_crud');
    let outcome = 'ok';
    await rows('BEGIN');
    try { await rows(sql); } catch (error) { outcome = error.message; }
    await rows('COMMIT');
    console.log(`${sql}: ${outcome}`);
    console.log(`  row ${JSON.stringify(await rows('SELECT * FROM settings'))}`);
    console.log(`  to upload ${JSON.stringify((await rows('SELECT data FROM ps_crud ORDER BY id')).map(([data]) => JSON.parse(data)))}`);
};
console.log(`core ${(await rows('SELECT powersync_rs_version()'))[0][0].split('/')[0]}`);
await attempt("INSERT INTO settings (id, theme, volume) VALUES ('mine', 'dark', 7)");
await attempt("INSERT OR IGNORE INTO settings (id, theme, volume) VALUES ('mine', 'light', 5)");
await attempt("INSERT INTO settings (id, theme, volume) VALUES ('mine', 'light', 5)");
END

cat > stated <<'END'
core 0.5.3
INSERT INTO settings (id, theme, volume) VALUES ('mine', 'dark', 7): ok
  row [["mine","dark",7]]
  to upload [{"op":"PUT","id":"mine","type":"settings","data":{"theme":"dark","volume":7}}]
INSERT OR IGNORE INTO settings (id, theme, volume) VALUES ('mine', 'light', 5): ok
  row [["mine","dark",7]]
  to upload [{"op":"PUT","id":"mine","type":"settings","data":{"theme":"light","volume":5}}]
INSERT INTO settings (id, theme, volume) VALUES ('mine', 'light', 5): UNIQUE constraint failed: ps_data__settings.id
  row [["mine","dark",7]]
  to upload []
END

cat <<'END'
expected: the ignored insert changes no row and uploads nothing
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
