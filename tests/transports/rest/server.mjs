// A small backend of its own: node's http module, rows in memory, and conventions that no line of syncline knows.
// usage: node server.mjs [--feed] [--tombstones] [--no-client-ids]
// Prints its port. Ends when its standard input does.
import { createServer } from 'node:http'

const habits = new Set(process.argv.slice(2))
const tokens = { 'secret-of-alice': 'alice', 'secret-of-bob': 'bob' }

// What a row of each collection holds: a type, or the collection it points at; a trailing ? allows null.
const collections = {
  exercises: { name: 'string', muscles: 'number', notes: 'string' },
  templates: { name: 'string' },
  template_items: { template_id: '@templates', exercise_id: '@exercises', position: 'number', target_sets: 'number' },
  workouts: { template_id: '@templates?', title: 'string', started_at: 'moment', notes: 'string' },
  workout_exercises: { workout_id: '@workouts', exercise_id: '@exercises', position: 'number' },
  sets: { workout_exercise_id: '@workout_exercises', position: 'number', reps: 'number', weight_kg: 'number', rpe: 'number?', notes: 'string' },
}

const owners = { alice: {}, bob: {} }
for (const rows of Object.values(owners)) for (const name of Object.keys(collections)) rows[name] = new Map()
let nextId = 1

const isLive = (row) => row && !row.deleted_at
const now = () => new Date().toISOString()

function problemWith(rows, type, value) {
  if (type.endsWith('?')) {
    if (value === null) return null
    type = type.slice(0, -1)
  }
  if (type.startsWith('@')) {
    if (typeof value !== 'number') return 'a reference is the number of a row'
    return isLive(rows[type.slice(1)].get(value)) ? null : 'points at nothing'
  }
  if (type === 'moment') return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? null : 'a moment is ISO 8601'
  return typeof value === type ? null : `should be a ${type}`
}

function write(rows, name, row, body, isNew) {
  const fields = collections[name]
  for (const [key, value] of Object.entries(body)) {
    if (key === 'client_ref' && isNew && !habits.has('--no-client-ids')) continue
    if (!fields[key]) return [422, { message: `${key} is not a field` }]
    const problem = problemWith(rows, fields[key], value)
    if (problem) return [422, { message: `${key} ${problem}` }]
  }
  for (const key of Object.keys(fields)) if (isNew && !(key in body)) return [422, { message: `${key} is missing` }]
  Object.assign(row, body, { updated_at: now() })
  rows[name].set(row.id, row)
  return [isNew ? 201 : 200, { item: row }]
}

function create(rows, name, body) {
  for (const row of rows[name].values())
    if (body.client_ref && row.client_ref === body.client_ref && isLive(row)) {
      const { client_ref: _, ...rest } = body
      return write(rows, name, row, rest, false)
    }
  return write(rows, name, { id: nextId++, client_ref: null, deleted_at: null }, body, true)
}

function remove(rows, name, row) {
  for (const [other, fields] of Object.entries(collections))
    for (const [key, type] of Object.entries(fields))
      if (type.replace('?', '') === `@${name}`)
        for (const child of rows[other].values())
          if (isLive(child) && child[key] === row.id) return [409, { message: `${other} ${child.id} still needs it` }]
  if (habits.has('--tombstones')) row.updated_at = row.deleted_at = now()
  else rows[name].delete(row.id)
  return [204, null]
}

function visible(row) {
  const { client_ref, deleted_at, ...rest } = row
  if (!habits.has('--no-client-ids')) rest.client_ref = client_ref
  if (habits.has('--tombstones')) rest.deleted_at = deleted_at
  return rest
}

function list(rows, name, since) {
  return [...rows[name].values()].filter((row) => !since || row.updated_at >= since).map(visible)
}

function answer(method, url, owner, body) {
  const rows = owners[owner]
  const [, version, name, id] = url.pathname.split('/')
  const since = url.searchParams.get('updated_since')
  if (version !== 'v2') return [404, { message: 'nothing here' }]
  if (name === 'changes' && habits.has('--feed') && method === 'GET') {
    const all = Object.keys(collections).flatMap((one) => list(rows, one, since).map((row) => ({ collection: one, ...row })))
    return [200, { records: all, at: now() }]
  }
  if (!collections[name]) return [404, { message: 'nothing here' }]
  if (!id) {
    if (method === 'GET') {
      const size = Number(url.searchParams.get('limit') ?? 1000)
      const from = Number(url.searchParams.get('offset') ?? 0)
      const all = list(rows, name, since)
      return [200, { items: all.slice(from, from + size), total: all.length }]
    }
    return method === 'POST' ? create(rows, name, body) : [405, { message: 'GET or POST' }]
  }
  const row = rows[name].get(Number(id))
  if (!isLive(row)) return [404, { message: 'no such row' }]
  if (method === 'PATCH') return write(rows, name, row, body, false)
  if (method === 'DELETE') return remove(rows, name, row)
  return method === 'GET' ? [200, { item: visible(row) }] : [405, { message: 'GET, PATCH or DELETE' }]
}

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (part) => (text += part))
  request.on('end', () => {
    let status, body
    try {
      const owner = tokens[(request.headers.authorization ?? '').replace('Bearer ', '')]
      ;[status, body] = owner
        ? answer(request.method, new URL(request.url, 'http://localhost'), owner, text ? JSON.parse(text).item : {})
        : [401, { message: 'who are you?' }]
      if (body?.item) body = { item: visible(body.item) }
    } catch (problem) {
      ;[status, body] = [400, { message: String(problem) }]
    }
    response.writeHead(status, body ? { 'content-type': 'application/json; charset=utf-8' } : {})
    response.end(body ? JSON.stringify(body) : undefined)
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit(0)).resume()
