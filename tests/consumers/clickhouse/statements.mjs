// The statements that docs/fleet.md shows for ClickHouse, and the queries of its dashboard, by ClickHouse's own engine
// (chdb) over real exports.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {cpprof, fail, finish, load} from '../lib.mjs'

const {Session} = load('chdb')
const docs = fileURLToPath(new URL('../../../docs/', import.meta.url))
const page = fs.readFileSync(path.join(docs, 'fleet.md'), 'utf8')
const {panels} = JSON.parse(fs.readFileSync(path.join(docs, 'dashboards', 'clickhouse.json')))
const [base, now] = ['made/base_run.pb.gz', 'made/new_run.pb.gz']
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cpprof-clickhouse-'))
const write = (name, out) => fs.writeFileSync(path.join(scratch, name), out)

fs.mkdirSync(path.join(scratch, 'samples'))
for (const [profile, commit] of [[base, 'a1'], [now, 'b2']])
  write(`samples/${commit}.ndjson`,
    cpprof('-samples', '-ndjson', '-sample_index=all', '-label=service=shop', `-label=commit=${commit}`, profile))
const history = `-history=${path.join(scratch, 'perf.db')}`
cpprof('-record', history, '-label=service=shop', base, now)
write('trend.ndjson', cpprof('-trend=.', '-ndjson', history) ?? '')
process.chdir(scratch)

const session = new Session()
function ask(sql) {
  try {
    return session.query(sql, 'JSONCompactEachRow').split('\n').filter(Boolean).map(line => JSON.parse(line))
  } catch (e) {
    fail(sql.slice(0, 80), e.message.slice(0, 500))
    return []
  }
}

const block = page.slice(page.indexOf('\nClickHouse takes')).match(/```\n([^]*?)```/)[1]
const results = block.split(/;\n/).map(sql => sql.trim()).filter(Boolean).map(sql => [sql, ask(sql)])
const result = word => results.find(([sql]) => sql.includes(word))[1]

const costs = JSON.parse(cpprof('-top', '-json', base, now)).rows
for (const [word, column] of [['AS flat', 'flat'], ['AS cum', 'cum']]) {
  const wanted = costs.filter(row => row[column]).map(row => `${row.function} ${row[column]}`).sort()
  const got = result(word).filter(row => Number(row[1])).map(row => row.join(' ')).sort()
  if (wanted.join() !== got.join()) fail(word, `${got}, not ${wanted}`)
}
const changes = JSON.parse(cpprof('-diff', '-json', `-diff_base=${base}`, now)).rows
for (const [name, delta] of result('AS delta'))
  if (Number(delta) !== changes.find(change => change.function === name).delta_flat) fail('delta', `${name} ${delta}`)
const roots = result('AS depth').filter(row => Number(row[0]) === 1)
if (roots.length !== 1 || Number(roots[0][2]) !== 240000000) fail('flame graph', JSON.stringify(roots))
const trend = result('AS cost').map(row => `${row[1]} ${row[3]}`).join()
if (trend !== 'a1 30000000,b2 60000000') fail('trend', trend)

for (const {title, targets: [{rawSql}]} of panels) {
  const rows = ask(rawSql.replaceAll('$type', 'cpu').replaceAll('$function', 'hash')
    .replace(/\$__timeFilter\(([a-z.]+)\)/g, "$1 BETWEEN '2023-11-14' AND '2023-11-16'"))
  if (!rows.length && !rawSql.includes('FROM trend')) fail(title, 'no rows')
}
if (Number(ask('SELECT count() FROM trend')[0]?.[0]) !== fs.readFileSync('trend.ndjson', 'utf8').split('\n').length - 1)
  fail('trend', 'rows are missing')

session.cleanup()
fs.rmSync(scratch, {recursive: true})
finish(`${results.length} statements, ${panels.length} panels`)
