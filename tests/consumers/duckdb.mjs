// DuckDB reads -samples -ndjson: the sum of the column "value" is the profile's.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {cpprof, fail, finish, fixtures, load} from './lib.mjs'

const {DuckDBInstance} = load('@duckdb/node-api')
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cpprof-duckdb-'))
const file = path.join(scratch, 'samples.ndjson')
const one = async sql => (await (await connection.runAndReadAll(sql)).getRows())[0]
const source = `read_json('${file}', format = 'newline_delimited', columns = {type: 'VARCHAR', unit: 'VARCHAR',
  value: 'BIGINT', stack: 'VARCHAR[]', labels: 'MAP(VARCHAR, VARCHAR)',
  frames: 'STRUCT("function" VARCHAR, file VARCHAR, line BIGINT, mapping VARCHAR, inlined BOOLEAN)[]',
  time_ns: 'BIGINT', time: 'TIMESTAMPTZ', source: 'VARCHAR', build_id: 'VARCHAR'})`

let n = 0
for (const profile of fixtures()) {
  const whole = cpprof('-json', profile)
  if (!whole) continue
  const {samples, sample_types: types} = JSON.parse(whole)
  for (let i = 0; i < types.length; i++) {
    fs.writeFileSync(file, cpprof('-samples', '-ndjson', `-sample_index=${i}`, profile))
    const [rows, sum] = await one(`SELECT count(*), coalesce(sum(value), 0)::HUGEINT FROM ${source}`)
    // The numbers of the JSON as they stand: a double would round the large ones.
    const want = wholeSum(whole.toString(), i)
    if (Number(rows) !== samples.length || sum !== want)
      fail(`${profile} ${types[i].type}`, `${rows} rows with ${sum}, not ${samples.length} with ${want}`)
    n++
  }
  if (samples.length) await checkGuessed(profile)
}

function wholeSum(text, index) {
  let sum = 0n
  for (const found of text.matchAll(/^\{"location_ids":\[[0-9,]*\],"values":\[([-0-9,]*)\]/gm))
    sum += BigInt(found[1].split(',')[index])
  return sum
}

// Without being told the columns: as a person would type it.
async function checkGuessed(profile) {
  fs.writeFileSync(file, cpprof('-samples', '-ndjson', profile))
  const [leaf] = await one(`SELECT count(DISTINCT stack[-1]) FROM '${file}'`)
  if (leaf === null) fail(profile, 'no leaf')
}

fs.rmSync(scratch, {recursive: true})
finish(`${n} sample types`)
