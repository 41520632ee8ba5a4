// The statements that docs/fleet.md shows for DuckDB, run one after the other over real exports.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {cpprof, fail, finish, load} from './lib.mjs'

const {DuckDBInstance} = load('@duckdb/node-api')
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const page = fs.readFileSync(fileURLToPath(new URL('../../docs/fleet.md', import.meta.url)), 'utf8')
const statements = [...page.matchAll(/```sql\n([^]*?)```/g)].map(found => found[1])
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cpprof-fleet-'))
const [base, now] = ['made/base_run.pb.gz', 'made/new_run.pb.gz']

fs.mkdirSync(path.join(scratch, 'samples'))
for (const [profile, commit] of [[base, 'a1'], [now, 'b2']])
  fs.writeFileSync(path.join(scratch, 'samples', `${commit}.ndjson`),
    cpprof('-samples', '-ndjson', '-sample_index=all', '-label=service=shop', `-label=commit=${commit}`, profile))
const history = `-history=${path.join(scratch, 'perf.db')}`
cpprof('-record', history, base, now)
fs.writeFileSync(path.join(scratch, 'trend.ndjson'), cpprof('-trend=.', '-ndjson', history) ?? '')
process.chdir(scratch)

const results = {}
for (const sql of statements) {
  const name = /^-- ([a-z ]+)/.exec(sql)?.[1] ?? 'load'
  try {
    const rows = (await connection.runAndReadAll(sql)).getRows()
    ;(results[name] ??= []).push(rows)
  } catch (e) {
    fail(name, e.message)
  }
}

const costs = JSON.parse(cpprof('-top', '-json', base, now)).rows
for (const [at, column] of ['flat', 'cum'].entries()) {
  const wanted = costs.filter(row => row[column]).map(row => `${row.function} ${row[column]}`).sort()
  const got = results.top[at].filter(row => Number(row[1])).map(row => `${row[0]} ${row[1]}`).sort()
  if (wanted.join() !== got.join()) fail(`top by ${column}`, `${got}, not ${wanted}`)
}
const changes = JSON.parse(cpprof('-diff', '-json', `-diff_base=${base}`, now)).rows
for (const row of results.diff[0]) {
  const wanted = changes.find(change => change.function === row[0])
  if (BigInt(wanted.delta_flat) !== row[3]) fail('diff', `${row}, not ${wanted.delta_flat}`)
}
const roots = results['flame graph'][0].filter(row => Number(row[0]) === 1)
if (roots.length !== 1 || Number(roots[0][2]) !== 240000000) fail('flame graph', roots)
const trend = results['trend of a function'][0].map(row => `${row[1]} ${row[3]}`)
if (trend.join() !== 'a1 30000000,b2 60000000') fail('trend', trend)
if (!fs.existsSync(path.join(scratch, 'lake', 'day=2023-11-14', 'service=shop'))) fail('lake', 'no partition')

fs.rmSync(scratch, {recursive: true})
finish(`${statements.length} statements`)
