// WatermelonDB on its SQLite adapter for Node (better-sqlite3), in memory.
import { run_peer } from './peer.mjs';
import { require, watermelondb_peer } from './watermelondb.mjs';

const { default: SQLiteAdapter } = require('@nozbe/watermelondb/adapters/sqlite');

await run_peer(
    watermelondb_peer('WatermelonDB, SQLite', 'SQLite adapter (better-sqlite3), in memory', ({ schema, name }) =>
        new SQLiteAdapter({ dbName: `file:${name}?mode=memory&cache=shared`, schema }),
    ),
);
