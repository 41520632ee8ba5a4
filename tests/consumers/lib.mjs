// What the checks in JavaScript share: each is `CHECK.mjs PROGRAM`, run where node_modules is.
import {spawnSync} from 'node:child_process'
import fs from 'node:fs'
import {createRequire} from 'node:module'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

const program = process.argv[2]
const profiles = fileURLToPath(new URL('../../fixtures/profiles/', import.meta.url))
const failures = []

export const fail = (what, why) => failures.push(`${what}: ${why}`)

// The folder of a package that npm.sh installed; exits 77 without it.
export function packageFolder(name) {
  const folder = path.resolve('node_modules', name)
  if (fs.existsSync(folder)) return folder
  console.log(`skipped: npm's package ${name} is not installed (consumers_npm does)`)
  process.exit(77)
}

export const load = name => {
  packageFolder(name)
  return createRequire(path.resolve('package.json'))(name)
}

// What cpprof writes; null where the profile can't be shown that way.
export function cpprof(...words) {
  const env = {PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C', HOME: '/nonexistent'}
  const done = spawnSync(program, ['-symbolize=none', ...words], {cwd: profiles, env, maxBuffer: 1 << 30})
  if (done.status === 2 && !done.stdout.length) return null
  if (done.status !== 0) fail(words.join(' '), `exit ${done.status}: ${done.stderr}`)
  return done.stdout
}

export function fixtures() {
  return ['go', 'cpp', 'made'].flatMap(folder =>
    fs.readdirSync(path.join(profiles, folder)).sort().map(name => `${folder}/${name}`))
}

export function finish(seen) {
  console.log(`${seen}; ${failures.length} failures`)
  for (const failure of failures.slice(0, 30)) console.log('FAILED', failure)
  process.exit(failures.length ? 1 : 0)
}
