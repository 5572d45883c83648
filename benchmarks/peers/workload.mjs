// The data every peer is measured on: the rows the C++ workload writes, with the same tables, columns and sizes.

/** Tables in parent-first order: column name to "text", "integer", "real" or "time", and the columns that point elsewhere. */
export const tables = {
    exercises: { columns: { name: 'text', muscles: 'integer', notes: 'text' }, references: {} },
    workouts: { columns: { name: 'text', started_at: 'time', minutes: 'integer', body_kg: 'real', notes: 'text' }, references: {} },
    workout_exercises: {
        columns: { workout_id: 'text', exercise_id: 'text', position: 'integer', rest_seconds: 'integer', notes: 'text' },
        references: { workout_id: 'workouts', exercise_id: 'exercises' },
    },
    workout_sets: {
        columns: {
            workout_exercise_id: 'text',
            name: 'text',
            position: 'integer',
            reps: 'integer',
            rest_seconds: 'integer',
            weight_kg: 'real',
            done_at: 'time',
            notes: 'text',
        },
        references: { workout_exercise_id: 'workout_exercises' },
    },
};

export const table_names = Object.keys(tables);
export const exercise_count = 50;

const word = (1n << 64n) - 1n;

/** SplitMix64 (Steele, Lea, Flood 2014). */
function random_numbers(seed) {
    let state = BigInt(seed);
    return () => {
        let z = (state = (state + 0x9e3779b97f4a7c15n) & word);
        z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & word;
        z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & word;
        return z ^ (z >> 31n);
    };
}

/** Ids in the form of UUID version 7, one for each millisecond; the same seed gives the same ids as in the C++ workload. */
function id_source(seed) {
    const random = random_numbers(seed);
    let now_ms = 1_763_000_000_000n;
    return () => {
        const high = (++now_ms << 16n) | 0x7000n | (random() & 0x0fffn);
        const low = (random() >> 2n) | 0x8000000000000000n;
        const text = high.toString(16).padStart(16, '0') + low.toString(16);
        return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
    };
}

/** `start` and then `number`, zeros between them, in 20 characters. */
function twenty_characters(start, number) {
    const digits = String(number);
    return start + digits.padStart(20 - start.length, '0');
}

/**
 * Makes 50 exercises and `workouts` workouts of 26 rows each, parents before children.
 * Each row is {table, id, values}; times are milliseconds since 1970, as JavaScript has them.
 */
export function make_rows(workouts, seed = 20_261_123) {
    const next_id = id_source(seed);
    const rows = [];
    const add = (table, values) => {
        const id = next_id();
        rows.push({ table, id, values });
        return id;
    };
    const exercises = [];
    for (let i = 0; i < exercise_count; ++i)
        exercises.push(add('exercises', { name: twenty_characters('exercise ', i), muscles: i % 7, notes: 'keep your back level' }));
    for (let w = 0; w < workouts; ++w) {
        const second = 1_600_000_000 + 7_200 * w;
        const workout_id = add('workouts', {
            name: twenty_characters('workout ', w),
            started_at: second * 1000,
            minutes: 40 + (w % 50),
            body_kg: 70 + 0.25 * (w % 40),
            notes: 'slept well, felt ok.',
        });
        for (let e = 0; e < 5; ++e) {
            const workout_exercise_id = add('workout_exercises', {
                workout_id,
                exercise_id: exercises[(w + e) % exercise_count],
                position: e,
                rest_seconds: 120,
                notes: twenty_characters('station ', 10 * w + e),
            });
            for (let s = 0; s < 4; ++s)
                add('workout_sets', {
                    workout_exercise_id,
                    name: twenty_characters('working set ', s),
                    position: s,
                    reps: 5 + s,
                    rest_seconds: 90,
                    weight_kg: 60 + 2.5 * ((w + s) % 30),
                    done_at: (second + 60 * (10 * e + 2 * s)) * 1000,
                    notes: 'one of the good sets',
                });
        }
    }
    return rows;
}

/** New notes for every row below the exercises whose ordinal `every` divides: {table, id, values: only what changes}. */
export function edit_notes(rows, every = 1) {
    const edits = [];
    rows.slice(exercise_count).forEach(({ table, id }, ordinal) => {
        if (ordinal % every === 0) edits.push({ table, id, values: { notes: twenty_characters('edited ', ordinal) } });
    });
    return edits;
}

/** A new number for every row below the exercises: a field that edit_notes leaves alone. */
export function edit_numbers(rows) {
    return rows.slice(exercise_count).map(({ table, id }, ordinal) => {
        const number = 200 + (ordinal % 700);
        return { table, id, values: table === 'workouts' ? { minutes: number } : { rest_seconds: number } };
    });
}

/** The state after writing `rows` and then applying the edits: a map from id to {table, values}. */
export function expected_state(rows, ...edits) {
    const state = new Map(rows.map(({ table, id, values }) => [id, { table, values: { ...values } }]));
    for (const edit of edits.flat()) Object.assign(state.get(edit.id).values, edit.values);
    return state;
}

/** Picks the workload's columns out of whatever else a store keeps in a record. */
export function values_of(table, record) {
    const values = {};
    for (const column of Object.keys(tables[table].columns)) values[column] = record[column];
    return values;
}

/** Compares every row and field of `actual` (a map from id to {table, values}) with `expected`; throws with the first difference. */
export function check_same(expected, actual, whose) {
    if (actual.size !== expected.size) throw new Error(`${whose} holds ${actual.size} rows, expected ${expected.size}`);
    for (const [id, { table, values }] of expected) {
        const found = actual.get(id);
        if (!found || found.table !== table) throw new Error(`${whose} lacks the row ${id} of ${table}`);
        for (const column of Object.keys(tables[table].columns))
            if (found.values[column] !== values[column])
                throw new Error(`${whose} has ${table}.${column} = ${found.values[column]} in ${id}, expected ${values[column]}`);
    }
}
