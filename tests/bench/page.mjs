// page.mjs --cpprof=PROGRAM [--pprof=PROGRAM] [--requests=N] --modules=FOLDER PROFILE...: the page beside pprof's of the same file, in one
// run: how long until it is complete in Chromium, at the start and after a refinement, made in the page as users do and by its address;
// the server's memory, and whether it grows; weights; frames. FOLDER: where tests/page/package.json's packages are.
import {spawn, spawnSync} from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import {createRequire} from 'node:module'
import os from 'node:os'
import path from 'node:path'
import {fileOfBoxes, measureFrames} from './frames.mjs'

const options = Object.fromEntries(process.argv.slice(2).filter(word => word.startsWith('--')).map(word => word.slice(2).split('=')))
const files = process.argv.slice(2).filter(word => !word.startsWith('--'))
const puppeteer = createRequire(path.resolve(options.modules, 'package.json'))('puppeteer-core')
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(file => fs.existsSync(file))
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cpprof-bench-'))
const env = {...process.env, HOME: scratch, XDG_CONFIG_HOME: scratch, PPROF_TMPDIR: scratch}
const LONGEST = 120000, REQUESTS = Number(options.requests || 1000), MOST_MEMORY = 16 << 20 // kB of a server's addresses: pprof's can take all of a machine

const now = () => performance.now()
const say = (what, value, goal = '') => console.log(`  ${what.padEnd(58)} ${value.padStart(12)}  ${goal}`)
const seconds = ms => ms === null ? `> ${LONGEST / 1000} s` : `${(ms / 1000).toFixed(3)} s`
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1]

/** What only one of the two shows when it is complete. */
const complete = {cpprof: 'body[data-ready=flamegraph] .scroller canvas', pprof: '#stack-chart .boxbg, #stack-chart div'}

/** Notes in the page when that is there and the frame with it has been drawn: this program learns of it some time later. */
function watch(selector) {
  const look = () => {
    if (!document.querySelector(selector)) return
    watcher.disconnect()
    requestAnimationFrame(() => setTimeout(() => Object.assign(window, {completeAt: performance.timeOrigin + performance.now()})))
  }
  const watcher = new MutationObserver(look)
  watcher.observe(document, {subtree: true, childList: true, attributes: true})
}

async function newPage(browser, kind) {
  const page = await browser.newPage()
  await page.evaluateOnNewDocument(watch, complete[kind])
  await page.bringToFront() // one behind another draws no frames
  return page
}

/** Starts the server at a free port. */
async function serve(kind, program, file) {
  const port = 20000 + Math.floor(Math.random() * 20000)
  const words = [program, `-http=localhost:${port}`, '-no_browser', '-symbolize=none', file]
  const server = spawn('bash', ['-c', `ulimit -v ${MOST_MEMORY}; exec "$@"`, 'bash', ...words], {env, stdio: 'ignore'})
  return {kind, url: `http://localhost:${port}`, pid: server.pid, stop: () => server.kill('SIGKILL')}
}

/** Until the flame graph stands, from then on; asked again while the server does not listen yet. */
async function untilComplete(page, server, query = '', from = now()) {
  while (now() - from < LONGEST)
    try {
      await page.goto(`${server.url}/ui/flamegraph${query}`, {timeout: LONGEST})
      const seen = await page.waitForFunction(() => window.completeAt, {timeout: Math.max(LONGEST - (now() - from), 1)})
      return await seen.jsonValue() - performance.timeOrigin - from
    } catch (error) {
      if (!/ERR_CONNECTION_REFUSED/.test(String(error))) return null
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  return null
}

const megabytes = (pid, field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

const refinements = [['focus', 'f', 'Method7'], ['another granularity', 'g', 'functions'], ['ignore', 'i', 'Method7']], REPEATED = 5

/** By the address: the browser loads all anew. */
async function reload(page, server, param, value) {
  const times = []
  for (let i = 0; i < REPEATED; i++) {
    const time = await untilComplete(page, server, `?${param}=${value}${i % 2 ? '&trim=t' : ''}`)
    if (time === null) return null
    times.push(time)
  }
  return median(times)
}

/** As a user of our page does it, by its row of filters; until what is drawn is on the screen. */
async function refine(page, server, param, value) {
  const times = []
  for (let i = 0; i < REPEATED; i++) {
    await untilComplete(page, server)
    times.push(await page.evaluate(async (param, value) => {
      const form = document.querySelector('form.filters'), from = performance.now()
      delete document.body.dataset.ready
      form.querySelector('select').value = param
      form.querySelector('input').value = value
      form.requestSubmit()
      await new Promise(resolve => new MutationObserver(resolve).observe(document.body, {attributeFilter: ['data-ready']}))
      await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))
      return performance.now() - from
    }, param, value))
  }
  return median(times)
}

/** The server alone, where its page is too much for the browser. */
async function answer(server, param, value) {
  const from = now()
  await fetch(`${server.url}/ui/flamegraph?${param}=${value}`, {signal: AbortSignal.timeout(LONGEST)}).then(answer => answer.arrayBuffer())
  return now() - from
}

/** From the moment when the server is started. */
async function start(browser, kind, program, file) {
  const page = await newPage(browser, kind), from = now(), server = await serve(kind, program, file)
  return {page, server, time: await untilComplete(page, server, '', from)}
}

/** That of several servers; beside each of them `-top`. */
async function measureStarts(browser, program, file) {
  const starts = [], tops = []
  for (let i = 0; i < REPEATED; i++) {
    tops.push(measureTop(program, file))
    const {page, server, time} = await start(browser, 'cpprof', program, file)
    starts.push(time)
    server.stop()
    await page.close()
  }
  return {start: median(starts), top: {ms: median(tops.map(top => top.ms)), mb: median(tops.map(top => top.mb))}}
}

async function measureServer(browser, kind, program, file) {
  const {page, server, time} = await start(browser, kind, program, file)
  const result = {start: time, reloaded: [], refined: []}
  for (const [, param, value] of refinements) {
    result.reloaded.push(result.start === null ? null : await reload(page, server, param, value))
    if (kind === 'cpprof') result.refined.push(await refine(page, server, param, value))
    else if (result.start === null) result.answers = [...result.answers || [], await answer(server, param, value).catch(() => null)]
  }
  result.peak = megabytes(server.pid, 'VmHWM')
  if (kind === 'cpprof') Object.assign(result, await measureRequests(server))
  await page.close()
  server.stop()
  return result
}

/** Bytes of an answer on its way. */
const transferred = address => new Promise((resolve, reject) => http.get(address, {headers: {'Accept-Encoding': 'gzip'}}, answer => {
  let sum = 0
  answer.on('data', part => sum += part.length).on('end', () => resolve(sum)).on('error', reject)
}).on('error', reject))

/** Memory before and after many requests, and how much a flame graph weighs on its way. */
async function measureRequests(server) {
  const ask = n => fetch(`${server.url}/ui/data/${['flamegraph', 'top'][n % 2]}?f=Method${n % 9}`).then(answer => answer.arrayBuffer())
  for (let i = 0; i < 50; i++) await ask(i)
  const before = megabytes(server.pid, 'VmRSS')
  for (let i = 0; i < REQUESTS; i++) await ask(i)
  let page = 0
  for (const name of ['flamegraph', 'page.js', 'page.css']) page += (await (await fetch(`${server.url}/ui/${name}`)).arrayBuffer()).byteLength
  return {before, after: megabytes(server.pid, 'VmRSS'), data: await transferred(`${server.url}/ui/data/flamegraph`), page}
}

/** `-top` of the same file: seconds, and its peak. */
function measureTop(program, file) {
  const measure = path.join(path.dirname(file), 'measure')
  const done = spawnSync(measure, ['1', program, '-symbolize=none', '-top', file], {env}).stdout.toString().trim().split('\n').map(line => line.split(/\s+/).map(Number))
  return {ms: median(done.map(run => run[2])) * 1000, mb: median(done.map(run => run[4])) / 1024}
}

/** The browser itself, which loads much when it first shows a page of a server, is not measured. */
async function warmUp(browser, program) {
  const file = path.join(scratch, 'small.folded')
  fs.writeFileSync(file, 'main;small 1\n')
  for (let i = 0; i < 2; i++) {
    const {page, server} = await start(browser, 'cpprof', program, file)
    server.stop()
    await page.close()
  }
}

function tell(top, mine, theirs) {
  const beside = value => theirs ? `pprof ${seconds(value)}` : '', answers = theirs && theirs.answers
  say('-top', seconds(top.ms))
  say('start until the flame graph is complete', seconds(mine.start), `${(mine.start / top.ms).toFixed(2)} x -top, 2 wanted; ${beside(theirs?.start)}`)
  refinements.forEach(([name], i) => {
    say(`refined: ${name}`, seconds(mine.refined[i]), `150 ms wanted${answers ? `; pprof's server alone ${seconds(answers[i])}` : ''}`)
    say('  by its address', seconds(mine.reloaded[i]), beside(theirs?.reloaded[i] ?? null))
  })
  say('memory of the server', `${mine.peak.toFixed(1)} MB`, `${(mine.peak / top.mb).toFixed(2)} x -top, 1.5 wanted${theirs ? `; pprof ${theirs.peak.toFixed(1)} MB` : ''}`)
  say(`memory before and after ${REQUESTS} requests`, `${mine.before.toFixed(1)} MB`, `${mine.after.toFixed(1)} MB`)
  say('page without data', `${(mine.page / 1000).toFixed(1)} kB`, '100 kB wanted')
  say('data of the flame graph, compressed', `${(mine.data / 1000).toFixed(1)} kB`, '1 MB wanted')
}

const browser = await puppeteer.launch({executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'], headless: true, protocolTimeout: 2 * LONGEST})
try {
  await warmUp(browser, options.cpprof)
  for (const file of files) {
    console.log(`\npage: ${path.basename(file)}`)
    const {top, start} = await measureStarts(browser, options.cpprof, file)
    const mine = {...await measureServer(browser, 'cpprof', options.cpprof, file), start}
    const theirs = options.pprof ? await measureServer(browser, 'pprof', options.pprof, file) : null
    tell(top, mine, theirs)
  }
  console.log('\npage: frames of 100,000 boxes, 1440 x 900; 33 ms wanted')
  const html = spawnSync(options.cpprof, ['-symbolize=none', '-html', files[0]], {env, maxBuffer: 1 << 28}).stdout.toString()
  for (const row of await measureFrames(browser, fileOfBoxes(html, scratch)))
    say(row.action, `${row.interval.toFixed(1)} ms`, `between frames; main thread ${row.task_wall.toFixed(1)} ms, of it computing ${row.task_cpu.toFixed(1)} ms`)
} finally {
  await browser.close()
  fs.rmSync(scratch, {recursive: true, force: true})
}
