// WatermelonDB on its LokiJS adapter, in memory.
import { run_peer } from './peer.mjs';
import { require, watermelondb_peer } from './watermelondb.mjs';

const { LokiMemoryAdapter } = require('lokijs');
const { default: LokiJSAdapter } = require('@nozbe/watermelondb/adapters/lokijs');

await run_peer(
    watermelondb_peer('WatermelonDB, LokiJS', 'LokiJS adapter, in memory', ({ schema, name }) =>
        new LokiJSAdapter({
            dbName: name,
            schema,
            useWebWorker: false,
            useIncrementalIndexedDB: true,
            // Node has no IndexedDB; this is the seam the adapter's own tests use to keep the data in memory.
            _testLokiAdapter: new LokiMemoryAdapter(),
        }),
    ),
);
