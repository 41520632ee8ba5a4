// docs/dashboards: each is a dashboard by the types of @grafana/schema, asks one data source only, and its
// queries are about what cpprof writes: metrics and labels of -openmetrics; SQL that DuckDB runs.
import {spawnSync} from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {cpprof, fail, finish, load, packageFolder} from './lib.mjs'

const {DuckDBInstance} = load('@duckdb/node-api')
packageFolder('@grafana/schema')
const tsc = path.join(packageFolder('typescript'), 'bin', 'tsc')
const folder = fileURLToPath(new URL('../../docs/dashboards/', import.meta.url))
const files = fs.readdirSync(folder).filter(name => name.endsWith('.json')).sort()
const dashboards = Object.fromEntries(files.map(name => [name, JSON.parse(fs.readFileSync(path.join(folder, name)))]))
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cpprof-dashboards-'))

// A literal of the type Dashboard: unknown members and wrong values are errors. Targets are the data source's own.
function checkTypes(name, dashboard) {
  const program = path.resolve(`dashboard-${path.parse(name).name}.ts`)
  const typed = text => `import type * as g from './node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen'\n` +
    `type Plain<T> = T extends string ? \`\${T}\` : T extends number ? T : T extends (infer E)[] ? Plain<E>[] : ` +
    `T extends object ? {[K in keyof T]: Plain<T[K]>} : T\nexport const dashboard: Plain<g.Dashboard> = ${text}\n`
  const run = text => {
    fs.writeFileSync(program, typed(text))
    return spawnSync(process.execPath, [tsc, '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'es2022',
      '--moduleResolution', 'bundler', program], {encoding: 'utf8'})
  }
  const good = run(JSON.stringify(dashboard))
  if (good.status !== 0) fail(name, `tsc: ${good.stdout}`.slice(0, 1500))
  if (run(JSON.stringify({...dashboard, schemaVersion: 'x'})).status === 0) fail(name, 'tsc would take a wrong one')
  fs.rmSync(program)
}

function checkShape(name, dashboard) {
  const [source] = dashboard.templating.list.filter(variable => variable.type === 'datasource')
  const ids = dashboard.panels.map(panel => panel.id)
  if (new Set(ids).size !== ids.length) fail(name, `ids ${ids}`)
  for (const panel of dashboard.panels) {
    const used = [panel, ...panel.targets].map(it => it.datasource)
    if (used.some(it => it.uid !== '${datasource}' || it.type !== source.query)) fail(name, `${panel.title}: ${JSON.stringify(used)}`)
    const {x, y, w, h} = panel.gridPos
    const over = dashboard.panels.find(({gridPos: o, id}) => id !== panel.id && x < o.x + o.w && o.x < x + w && y < o.y + o.h && o.y < y + h)
    if (x + w > 24 || over) fail(name, `${panel.title} lies over ${over?.title ?? 'the edge'}`)
  }
}

// Every metric and label that an expression names is one that cpprof writes.
function checkPrometheus(name, dashboard) {
  const written = ['-sample_index=cpu', '-sample_index=samples'].map(index =>
    cpprof('-top', '-openmetrics', index, '-label=service=shop', 'made/new_run.pb.gz').toString()).join('') +
    cpprof('-top', '-openmetrics', '-sample_index=inuse_space', '-label=service=shop', 'go/heap.pb.gz') +
    cpprof('-gate=total grows at most 90%', '-openmetrics', '-label=service=shop', '-base=made/base_run.pb.gz', 'made/new_run.pb.gz')
  const labels = new Set([...written.matchAll(/([a-z_]+)="/g)].map(found => found[1]))
  let n = 0
  for (const text of JSON.stringify(dashboard).match(/cpprof_[a-z_]+/g)) {
    if (!new RegExp(`^${text}[{ ]`, 'm').test(written)) fail(name, `no metric ${text}`)
    n++
  }
  for (const {expr} of dashboard.panels.flatMap(panel => panel.targets))
    for (const [, list, inner] of expr.matchAll(/by \(([^)]*)\)|\{([^}]*)\}/g))
      for (const label of (list ?? inner).match(/(?<!["$~.*])\b[a-z_]+\b(?!")/g) ?? [])
        if (!labels.has(label)) fail(name, `no label ${label} in ${expr}`)
  return n
}

const isSql = dashboard => dashboard.panels.some(panel => panel.targets.some(target => target.rawSql))
const statements = dashboard => dashboard.panels.flatMap(panel => panel.targets.map(target => target.rawSql
  .replaceAll('$type', 'cpu').replaceAll('$function', 'hash')
  .replace(/\$__timeFilter\(([a-z.]+)\)/g, "$1 BETWEEN '2023-11-14' AND '2023-11-16'")))

// Tables as docs/fleet.md makes them.
async function checkDuckdb(name, dashboard) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const page = fs.readFileSync(fileURLToPath(new URL('../../docs/fleet.md', import.meta.url)), 'utf8')
  process.chdir(scratch)
  for (const [sql] of page.matchAll(/(?<=```sql\n)CREATE TABLE[^]*?(?=```)/g)) await connection.run(sql)
  for (const sql of statements(dashboard)) {
    const result = await connection.runAndReadAll(sql).catch(e => fail(name, `${sql}: ${e.message}`))
    if (result && !sql.includes('FROM trend') && !result.getRows().length) fail(name, `${sql}: no rows`)
    if (result && /^SELECT time|AS time/.test(sql) && !result.columnNames().includes('time')) fail(name, `${sql}: no time`)
  }
  return statements(dashboard).length
}

const here = process.cwd()
for (const [name, dashboard] of Object.entries(dashboards)) {
  checkTypes(name, dashboard)
  checkShape(name, dashboard)
}
fs.mkdirSync(path.join(scratch, 'samples'))
for (const [profile, commit] of [['made/base_run.pb.gz', 'a'], ['made/new_run.pb.gz', 'b']])
  fs.writeFileSync(path.join(scratch, 'samples', `${commit}.ndjson`),
    cpprof('-samples', '-ndjson', '-sample_index=all', '-label=service=shop', `-label=commit=${commit}`, profile))
cpprof('-record', `-history=${path.join(scratch, 'perf.db')}`, 'made/base_run.pb.gz', 'made/new_run.pb.gz')
fs.writeFileSync(path.join(scratch, 'trend.ndjson'), cpprof('-trend=.', '-ndjson', `-history=${path.join(scratch, 'perf.db')}`) ?? '')
const metrics = checkPrometheus('prometheus.json', dashboards['prometheus.json'])
const queries = await checkDuckdb('duckdb.json', dashboards['duckdb.json'])
process.chdir(here)
fs.rmSync(scratch, {recursive: true})
finish(`${files.length} dashboards, ${metrics} names of metrics, ${queries} statements`)
