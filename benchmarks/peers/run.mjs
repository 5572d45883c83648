// Measures every peer at every work in interleaved rounds, a fresh process each, and prints one table of medians.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const folder = path.dirname(fileURLToPath(import.meta.url));
const peer_files = ['pouchdb.mjs', 'rxdb.mjs', 'watermelondb-lokijs.mjs', 'watermelondb-sqlite.mjs', 'powersync.mjs'];
const workouts_of = { W1: 400, W2: 4000, W3: 4000, W4: 4000, W5: 400, W6a: 400, W6b: 400 };
const meanings = {
    W1: 'push: rows created offline reach an empty server',
    W2: 'first sync: a new client pulls all rows',
    W3: 'incremental: one row in a hundred changed elsewhere is pulled',
    W4: 'idle: both hold all rows, nothing is new (median of 15 syncs in a round)',
    W5: 'conflict: two clients edit different fields of the same rows, both sync until equal',
    W6a: 'local: tracked inserts, one transaction each',
    W6b: 'local: tracked inserts, one transaction for all',
};
const round_limit_ms = 15 * 60 * 1000;

const usage = `Usage: node run.mjs [--rounds N] [--quick] [--works W1,W2,...] [--peers pouchdb,rxdb,...] [--json FILE]

Measures other sync libraries on the data of this project's own benchmark, workouts of 26 rows each. A round is a fresh
process that warms up on 10 workouts, does one work once and checks every row.

  --rounds N      rounds of every peer and work, interleaved; the median counts (3)
  --quick         a tenth of the rows
  --works LIST    some of the works, separated by commas (all)
  --peers LIST    some of the peers, by the name of their file (all)
  --json FILE     writes the figures as JSON too
  --help          this text

${Object.entries(meanings).map(([work, meaning]) => `  ${work.padEnd(4)} ${meaning}; ${workouts_of[work]} workouts`).join('\n')}
`;

function parse_command_line() {
    const { values } = parseArgs({
        options: {
            rounds: { type: 'string', default: '3' },
            quick: { type: 'boolean', default: false },
            works: { type: 'string', default: Object.keys(workouts_of).join(',') },
            peers: { type: 'string', default: peer_files.map((file) => path.parse(file).name).join(',') },
            json: { type: 'string' },
            help: { type: 'boolean', default: false },
        },
    });
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a positive whole number');
    const works = values.works.split(',');
    for (const work of works) if (!(work in workouts_of)) throw new Error(`there is no work ${work}`);
    const files = values.peers.split(',').map((name) => `${name}.mjs`);
    for (const file of files) if (!peer_files.includes(file)) throw new Error(`there is no peer ${path.parse(file).name}`);
    return { ...values, rounds, works, files };
}

/** Runs one peer with these arguments and gives the JSON it prints; throws with the reason it gives, in one line. */
function ask(file, ...words) {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, ['--no-warnings', path.join(folder, file), ...words], {
            env: { ...process.env, NODE_ENV: 'production' },
            stdio: ['ignore', 'pipe', 'pipe'],
            timeout: round_limit_ms,
        });
        let output = '';
        let errors = '';
        child.stdout.on('data', (chunk) => (output += chunk));
        child.stderr.on('data', (chunk) => (errors += chunk));
        child.on('error', reject);
        child.on('close', (code, signal) => {
            if (code === 0) return resolve(JSON.parse(output.trim().split('\n').pop()));
            const lines = errors.split('\n').filter((line) => line.trim());
            const reason = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.pop();
            reject(new Error(reason?.trim() ?? (signal ? `ended by ${signal}` : `ended with code ${code}`)));
        });
    });
}

function median(values) {
    const sorted = [...values].sort((left, right) => left - right);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function summary(results) {
    const times = results.map((result) => result.ms);
    return {
        ms: median(times),
        min_ms: Math.min(...times),
        max_ms: Math.max(...times),
        cpu_ms: median(results.map((result) => result.cpu_ms)),
        rounds: results.length,
        rows: results[0].rows,
        wire_bytes: results[0].wire_bytes,
        peak_kib: median(results.map((result) => result.peak_kib)),
    };
}

const milliseconds = (ms) => (ms < 1 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US'));

function print_table(header, lines) {
    const rows = [header, ...lines];
    const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    const text = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd();
    console.log(text(header));
    console.log(widths.map((width) => '-'.repeat(width)).join('  '));
    for (const line of lines) console.log(text(line));
}

/** The cell of one peer and work: the median and, with several rounds, how far the rounds lie apart. */
function cell(work) {
    if (!work) return '-';
    if (work.error) return 'failed';
    const spread = work.rounds > 1 ? ` (${milliseconds(work.min_ms)}..${milliseconds(work.max_ms)})` : '';
    return milliseconds(work.ms) + spread;
}

async function main() {
    const options = parse_command_line();
    if (options.help) return console.log(usage);

    const peers = [];
    const missing = [];
    for (const file of options.files) {
        try {
            peers.push({ file, ...(await ask(file, '--about')), results: {}, errors: {} });
        } catch (error) {
            missing.push({ name: path.parse(file).name, reason: error.message });
        }
    }

    for (let round = 1; round <= options.rounds; ++round)
        for (const work of options.works)
            for (const peer of peers) {
                if (peer.errors[work]) continue;
                const workouts = workouts_of[work] / (options.quick ? 10 : 1);
                process.stderr.write(`round ${round} of ${options.rounds}: ${work}, ${peer.name}\n`);
                try {
                    (peer.results[work] ??= []).push(await ask(peer.file, '--work', work, '--workouts', String(workouts)));
                } catch (error) {
                    peer.errors[work] = error.message;
                }
            }

    for (const peer of peers) {
        peer.works = {};
        for (const work of options.works)
            peer.works[work] = peer.errors[work] ? { error: peer.errors[work] } : summary(peer.results[work]);
    }

    const processor = os.cpus()[0]?.model ?? 'unknown processor';
    const machine = `${os.cpus().length} x ${processor}, ${os.type()} ${os.arch()}, node ${process.versions.node}`;
    report(options, machine, peers, missing);
    if (options.json) {
        const about = ({ name, version, store, lacks, works }) => [name, { version, store, lacks, works }];
        const document = { machine, rounds: options.rounds, quick: options.quick, peers: Object.fromEntries(peers.map(about)), not_measured: missing };
        writeFileSync(options.json, `${JSON.stringify(document, null, 2)}\n`);
    }
}

function report(options, machine, peers, missing) {
    const size = options.quick ? 'a tenth of the rows' : 'all rows';
    console.log(`\nPeers: milliseconds, median of ${options.rounds} interleaved round${options.rounds > 1 ? 's' : ''}, ${size}`);
    console.log(`${machine}\n`);
    const has = (work) => options.works.includes(work);
    const extra = [...(has('W1') ? ['W1 bytes/row'] : []), ...(has('W2') ? ['W2 peak MiB'] : [])];
    print_table(
        ['peer', ...options.works, ...extra],
        peers.map(({ name, works }) => {
            const bytes = works.W1?.wire_bytes ? Math.round(works.W1.wire_bytes / works.W1.rows).toString() : '-';
            const peak = works.W2?.peak_kib ? Math.round(works.W2.peak_kib / 1024).toString() : '-';
            return [name, ...options.works.map((work) => cell(works[work])), ...(has('W1') ? [bytes] : []), ...(has('W2') ? [peak] : [])];
        }),
    );
    console.log('');
    for (const work of options.works) console.log(`${work}: ${meanings[work]}`);
    if (extra.length > 0) console.log('bytes: JSON both ways; peak: the whole process with its in-process server');
    console.log('\nWhat each is, and what it does not do:');
    for (const { name, version, store, lacks } of peers) console.log(`- ${name} ${version} (${store}): ${lacks}.`);
    for (const { name, reason } of missing) console.log(`- ${name}: not measured: ${reason}`);
    for (const { name, errors } of peers)
        for (const [work, reason] of Object.entries(errors)) console.log(`- ${name}, ${work}: failed: ${reason}`);
}

try {
    await main();
} catch (error) {
    console.error(`peers: ${error.message}`);
    process.exitCode = 2;
}
