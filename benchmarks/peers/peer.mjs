// The command line and the works shared by all peers: set up, warm up, time one round, check every row, print one JSON line.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { check_same, edit_notes, edit_numbers, exercise_count, expected_state, make_rows } from './workload.mjs';

const idle_syncs = 15;

/** The version of an installed package, from its package.json. */
export function installed_version(name) {
    const from_here = createRequire(import.meta.url);
    for (const folder of from_here.resolve.paths(name)) {
        try {
            return JSON.parse(readFileSync(path.join(folder, name, 'package.json'), 'utf8')).version;
        } catch {
            continue;
        }
    }
    throw new Error(`${name} is not installed; run npm ci in this folder`);
}

/** Counts the bytes of JSON text that crosses between a client and its in-process server. */
export class json_wire {
    bytes = 0;
    /** What the other side sees of `value`: encoded, counted and decoded again. */
    pass(value) {
        const text = JSON.stringify(value);
        this.bytes += Buffer.byteLength(text);
        return JSON.parse(text);
    }
}

async function timed(wire, step) {
    const bytes_before = wire?.bytes ?? 0;
    const cpu_before = process.cpuUsage();
    const start = process.hrtime.bigint();
    await step();
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    const cpu = process.cpuUsage(cpu_before);
    return { ms, cpu_ms: (cpu.user + cpu.system) / 1000, wire_bytes: wire ? wire.bytes - bytes_before : null };
}

// The second sync lets a peer note that what it has just pulled needs no push, so that a later one is measured at rest.
async function settle(client) {
    await client.sync();
    await client.sync();
}

/*
 * A peer offers open_server() and open_client(server); a server offers write(rows), edit(edits), read(), wire and close(); a client
 * offers write(rows), write_each(rows), edit(edits), sync(), read() and close(), and where they differ push(), sync_and_merge() and
 * unsent() (how much still waits to be sent). write and edit are one transaction, write_each is one transaction a row; read() gives
 * a map from id to {table, values}.
 */
const works = {
    async W1(peer, workouts, opened) {
        const rows = make_rows(workouts);
        const server = await opened(peer.open_server());
        const client = await opened(peer.open_client(server));
        await client.write(rows);
        const result = await timed(server.wire, () => (client.push ?? client.sync).call(client));
        const unsent = (await client.unsent?.()) ?? 0;
        if (unsent > 0) throw new Error(`${unsent} rows are still marked as unsent after the push`);
        const expected = expected_state(rows);
        check_same(expected, await server.read(), 'the server');
        await client.sync();
        check_same(expected, await client.read(), 'the client');
        return { ...result, rows: rows.length };
    },

    async W2(peer, workouts, opened) {
        const rows = make_rows(workouts);
        const server = await opened(peer.open_server());
        await server.write(rows);
        const client = await opened(peer.open_client(server));
        const result = await timed(server.wire, () => client.sync());
        check_same(expected_state(rows), await client.read(), 'the client');
        return { ...result, rows: rows.length };
    },

    async W3(peer, workouts, opened) {
        const rows = make_rows(workouts);
        const changes = edit_notes(rows, 100);
        const server = await opened(peer.open_server());
        await server.write(rows);
        const client = await opened(peer.open_client(server));
        await settle(client);
        await server.edit(changes);
        const result = await timed(server.wire, () => client.sync());
        const expected = expected_state(rows, changes);
        check_same(expected, await server.read(), 'the server');
        check_same(expected, await client.read(), 'the client');
        return { ...result, rows: changes.length };
    },

    async W4(peer, workouts, opened) {
        const rows = make_rows(workouts);
        const server = await opened(peer.open_server());
        await server.write(rows);
        const client = await opened(peer.open_client(server));
        await settle(client);
        const results = [];
        for (let i = 0; i < idle_syncs; ++i) results.push(await timed(server.wire, () => client.sync()));
        results.sort((left, right) => left.ms - right.ms);
        check_same(expected_state(rows), await client.read(), 'the client');
        return { ...results[idle_syncs >> 1], rows: 0 };
    },

    async W5(peer, workouts, opened) {
        const rows = make_rows(workouts);
        const first_edits = edit_notes(rows);
        const second_edits = edit_numbers(rows);
        const server = await opened(peer.open_server());
        await server.write(rows);
        const first = await opened(peer.open_client(server));
        const second = await opened(peer.open_client(server));
        await settle(first);
        await settle(second);
        await first.edit(first_edits);
        await second.edit(second_edits);
        const result = await timed(server.wire, async () => {
            await first.sync();
            await (second.sync_and_merge ?? second.sync).call(second);
            await first.sync();
        });
        const expected = expected_state(rows, first_edits, second_edits);
        check_same(expected, await server.read(), 'the server');
        check_same(expected, await first.read(), 'the first client');
        check_same(expected, await second.read(), 'the second client');
        return { ...result, rows: first_edits.length };
    },

    async W6a(peer, workouts, opened) {
        const rows = make_rows(workouts);
        const server = await opened(peer.open_server());
        const client = await opened(peer.open_client(server));
        await client.write(rows.slice(0, exercise_count));
        const logged = rows.slice(exercise_count);
        const result = await timed(null, () => client.write_each(logged));
        check_same(expected_state(rows), await client.read(), 'the client');
        return { ...result, rows: logged.length };
    },

    async W6b(peer, workouts, opened) {
        const rows = make_rows(workouts);
        const server = await opened(peer.open_server());
        const client = await opened(peer.open_client(server));
        await client.write(rows.slice(0, exercise_count));
        const logged = rows.slice(exercise_count);
        const result = await timed(null, () => client.write(logged));
        check_same(expected_state(rows), await client.read(), 'the client');
        return { ...result, rows: logged.length };
    },
};

export const work_names = Object.keys(works);

async function run_round(peer, work, workouts) {
    const open = [];
    try {
        return await works[work](peer, workouts, async (promise) => {
            const value = await promise;
            open.push(value);
            return value;
        });
    } finally {
        for (const value of open.reverse()) await value.close();
    }
}

/** Runs the command line of one peer: `--about`, or `--work W1 --workouts N` for one round. Ends the process. */
export async function run_peer(peer) {
    try {
        const { values: options } = parseArgs({
            options: {
                about: { type: 'boolean', default: false },
                work: { type: 'string' },
                workouts: { type: 'string', default: '400' },
                'warm-up': { type: 'string', default: '10' },
            },
        });
        if (options.about) {
            console.log(JSON.stringify(peer.about));
            process.exit(0);
        }
        if (!works[options.work]) throw new Error(`--work must be one of ${work_names.join(', ')}`);
        const workouts = Number(options.workouts);
        const warm_up = Number(options['warm-up']);
        if (!Number.isInteger(workouts) || workouts < 1) throw new Error('--workouts must be a positive whole number');
        if (!Number.isInteger(warm_up) || warm_up < 0) throw new Error('--warm-up must be a whole number, 0 for none');
        if (warm_up > 0) await run_round(peer, options.work, warm_up);
        const { ms, cpu_ms, rows, wire_bytes } = await run_round(peer, options.work, workouts);
        const peak_kib = process.resourceUsage().maxRSS;
        console.log(JSON.stringify({ ms: Number(ms.toFixed(3)), cpu_ms: Number(cpu_ms.toFixed(3)), rows, wire_bytes, peak_kib }));
        process.exit(0);
    } catch (error) {
        console.error(`${peer.about.name}: ${error.message}`);
        process.exit(1);
    }
}
