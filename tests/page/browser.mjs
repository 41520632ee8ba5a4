// browser.mjs CPPROF [PICTURES] [-only=REGEX]: the page in Chromium, from a file and from a server; run where
// node_modules is. -only: the parts of that name. A console error, a breach of the policy or a request to elsewhere fails, and so does what axe-core finds
// serious. With a folder, writes the pictures of docs/page.md there.
import {spawn, spawnSync} from 'node:child_process'
import fs from 'node:fs'
import {createRequire} from 'node:module'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

const words = process.argv.slice(2), [program, pictures] = words.filter(word => !word.startsWith('-'))
const only = new RegExp(words.find(word => word.startsWith('-only='))?.slice(6) || '')
const profiles = fileURLToPath(new URL('../../fixtures/profiles/', import.meta.url))
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(file => fs.existsSync(file))
if (!chromium || !fs.existsSync('node_modules/puppeteer-core')) {
  console.log(chromium ? 'skipped: npm has not installed puppeteer-core (page_npm does)' : 'skipped: no chromium here')
  process.exit(77)
}
const require = createRequire(path.resolve('package.json'))
const puppeteer = require('puppeteer-core'), axe = fs.readFileSync(require.resolve('axe-core'), 'utf8')
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cpprof-page-'))
const env = {PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C', HOME: scratch, XDG_CONFIG_HOME: scratch}
const failures = []
let checks = 0

function check(what, ok, got = '') {
  checks++
  if (!ok) failures.push(`${what}: ${JSON.stringify(got)}`)
}

function write(name, ...words) {
  const file = path.join(scratch, name)
  const done = spawnSync(program, ['-symbolize=none', '-html', `-output=${file}`, ...words], {cwd: profiles, env})
  if (done.status !== 0) throw new Error(done.stderr.toString())
  return pathToFileURL(file).href
}

function serve(...words) {
  return serveIn(env, ...words)
}

function serveIn(environment, ...words) {
  const server = spawn(program, ['-http=localhost:0', '-no_browser', '-symbolize=none', ...words], {cwd: profiles, env: environment})
  return new Promise((resolve, reject) => {
    server.stderr.on('data', text => {
      const match = /Serving web UI on (\S+)/.exec(String(text))
      if (match) resolve({url: match[1], stop: () => server.kill()})
      else if (String(text).includes('libmicrohttpd')) reject(new Error(String(text)))
    })
  })
}

/** A profile and a base of it: what passes through regexp got dearer, allocation cheaper, the rest wavers. */
function makePair() {
  const done = spawnSync(program, ['-folded', '-sample_index=samples', 'go/cpu.pb.gz'], {cwd: profiles, env})
  const lines = done.stdout.toString().trim().split('\n').map(line => line.match(/^(.*) (\d+)$/))
  const write = (name, times) => fs.writeFileSync(path.join(scratch, name), lines.map(([, stack, n], i) => `${stack} ${n * times(stack, i)}\n`).join(''))
  write('old.folded', () => 4)
  write('new.folded', (stack, i) => /tryBacktrack/.test(stack) ? 9 : /mallocgc/.test(stack) ? 1 : i % 3 ? 4 : 5)
  fs.writeFileSync(path.join(scratch, 'rules'), 'total grows at most 5%\nany function self grows at most 10% floor 1%\nruntime.mallocgc cum at most 20%\n')
  return ['-rules', path.join(scratch, 'rules'), '-diff_base', path.join(scratch, 'old.folded'), path.join(scratch, 'new.folded')]
}

/** Forty runs of one machine: tryBacktrack gets dearer at the 25th, allocation for ten runs; the rest wavers. */
function makeHistory() {
  const done = spawnSync(program, ['-protojson', path.join(scratch, 'old.folded')], {cwd: profiles, env})
  const run = JSON.parse(done.stdout.toString()), names = id => run.stringTable[Number(run.function[Number(id) - 1].name)]
  const calls = new Map(run.location.map(place => [place.id, (place.line || []).map(line => names(line.functionId)).join()]))
  const values = run.sample.map(sample => Number(sample.value[0])), history = path.join(scratch, 'history.db')
  let seed = 1
  const noise = () => (seed = seed * 48271 % 2147483647) / 2147483647 - 0.5
  for (let at = 0; at < 40; at++) {
    const slow = at >= 25 ? 1.6 : 1, busy = at >= 8 && at < 18 ? 1.5 : 1
    run.timeNanos = String(1700000000000000000n + BigInt(at) * 86400000000000n)
    run.sample.forEach((sample, i) => {
      const stack = sample.locationId.map(id => calls.get(id)).join()
      const factor = /tryBacktrack/.test(stack) ? slow : /mallocgc/.test(stack) ? busy : 1
      sample.value = [String(Math.round(values[i] * 100 * factor * (1 + noise() * 0.2)))]
    })
    fs.writeFileSync(path.join(scratch, 'run.json'), JSON.stringify(run))
    const recorded = spawnSync(program, ['-record', `-history=${history}`, '-machine=ci', `-commit=c${at}`, path.join(scratch, 'run.json')], {cwd: profiles, env})
    if (recorded.status !== 0) throw new Error(recorded.stderr.toString())
  }
  return `-history=${history}`
}

const browser = await puppeteer.launch({executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'], headless: true})

async function open(url, {width = 1280, height = 800, scheme = 'light'} = {}) {
  const page = await browser.newPage(), origin = new URL(url).origin
  page.on('console', message => ['error', 'warn'].includes(message.type()) && !/status of 40/.test(message.text()) && failures.push(`${url}: ${message.text()}`))
  page.on('pageerror', error => failures.push(`${url}: ${error.message}`))
  page.on('request', request => {
    const to = request.url()
    if (!to.startsWith('data:') && to.split('#')[0] !== url.split('#')[0] && new URL(to).origin !== origin) failures.push(`${url} asks ${to}`)
  })
  await page.evaluateOnNewDocument(() => addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI)))
  await page.setViewport({width, height})
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}])
  await page.goto(url)
  await page.waitForSelector('body[data-ready]')
  return page
}

/** Does something that leads to another address, and waits until that is drawn. */
async function act(page, then) {
  await page.evaluate(() => delete document.body.dataset.ready)
  await then()
  await page.waitForSelector('body[data-ready]')
}

const text = (page, selector) => page.$eval(selector, node => node.textContent)
const rows = page => page.$$eval('tbody tr', list => list.map(row => [...row.cells].map(cell => cell.textContent)))
const clickText = (page, selector, label) => page.$$eval(selector, (list, wanted) => list.find(node => node.textContent.trim() === wanted).click(), label)

async function accessible(page, what) {
  await page.evaluate(axe)
  const found = await page.evaluate(async () => (await window.axe.run()).violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => `${v.id}: ${v.nodes[0].html.slice(0, 150)}`))
  check(`${what} is accessible`, !found.length, found)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  check(`${what} fits`, wide <= 0, wide)
}

async function picture(page, name) {
  if (pictures) await page.screenshot({path: path.join(pictures, name)})
}

const boxMiddle = (page, which = 0) => page.$$eval('.scroller canvas', (list, i) => {
  const area = list[i].getBoundingClientRect()
  return [area.x + area.width / 4, area.y + 50]
}, which)

// ---- what works in a file and on a server alike ----

async function flame(url, view) {
  const page = await open(view('flamegraph'))
  await page.mouse.click(...await boxMiddle(page))
  const name = await text(page, '.details .what')
  check('a click says what a box is', /main\.main/.test(name), name)
  check('and its cost', /\d+(\.\d+)?m?s \(/.test(await text(page, '.details .how')), await text(page, '.details .how'))
  await page.focus('.scroller canvas')
  await page.keyboard.press('ArrowDown')
  check('arrows go to callees', /main\.write/.test(await text(page, '.details .what')), await text(page, '.details .what'))
  await act(page, () => page.keyboard.press('Enter'))
  check('Enter zooms', /[?&]z=/.test(page.url()), page.url())
  check('an overview is shown', await page.$eval('.overview', node => !node.hidden))
  await act(page, () => page.goBack())
  check('back', !/[?&]z=/.test(page.url()), page.url())
  await act(page, () => page.goForward())
  check('forward', /[?&]z=/.test(page.url()), page.url())
  await page.focus('.scroller canvas')
  await act(page, () => page.keyboard.press('Escape'))
  await page.keyboard.press('/')
  await page.keyboard.type('fibonacci')
  await page.waitForFunction(() => /matches 300ms \(12\.55%\)/.test(document.querySelector('.matching').textContent))
  await picture(page, 'flame.png')
  await act(page, () => page.keyboard.press('Enter'))
  check('both sides', (await page.$$('.scroller')).length === 2 && /[?&]p=fibonacci/.test(page.url()), page.url())
  await page.mouse.click(...await boxMiddle(page, 1))
  check('of the function', /fibonacci/.test(await text(page, '.details .what')), await text(page, '.details .what'))
  await picture(page, 'sides.png')
  await page.close()
  for (const param of ['up=t', 'wrap=t', 'color=binary', 'color=root', 'f=regexp', 'i=regexp', 'h=regexp', 's=regexp', 'sf=regexp', 'p=%5B', 'z=0.0.0', 'z=99.x', 'f=nothing_matches']) {
    const other = await open(view('flamegraph', param))
    check(param, (await other.$$('.scroller, .note')).length > 0)
    await other.close()
  }
}

async function filters(view) {
  const page = await open(view('top'))
  check('top', (await rows(page))[0].join() === '250ms,10.46%,300ms,12.55%,example.org/workload/jobs.fibonacci', (await rows(page))[0])
  await clickText(page, 'th button', 'cum')
  check('top sorts', (await rows(page))[0][2] === '2.05s', (await rows(page))[0])
  await page.type('#search', 'tryBacktrack')
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1)
  await page.click('tbody tr td')
  await act(page, () => clickText(page, '.menu button', 'Focus'))
  const got = await rows(page)
  check('focus', /[?&]f=/.test(page.url()) && got.some(row => row[2] === '630ms') && !got.some(row => /fibonacci/.test(row[4])), got.slice(0, 3))
  await act(page, () => page.click('.chip button'))
  check('a filter goes', !/[?&]f=/.test(page.url()), page.url())
  await act(page, () => page.$$eval('tbody a', list => list[0].click()))
  check('to peek', (await text(page, '.peek h2')) !== '' && /peek/.test(page.url()), page.url())
  await page.close()
}

async function everyView(view, names) {
  for (const name of names)
    for (const look of [{}, {scheme: 'dark'}, {width: 400, height: 700}, {width: 3840, height: 2160, scheme: 'dark'}]) {
      const page = await open(view(name), look)
      await accessible(page, `${name} ${JSON.stringify(look)}`)
      await page.close()
    }
}

async function compared(view) {
  const page = await open(view('flamegraph'), {height: 620})
  await picture(page, 'change.png')
  const told = async key => {
    await page.focus('.scroller canvas')
    await page.keyboard.press(key)
    return text(page, '.details .how')
  }
  check('the colours are explained', /grey: the same, or a change that may be chance/.test(await text(page, 'main .note')), await text(page, 'main .note'))
  check('more', /\+\d+ 1\.\d+x$/.test(await told('ArrowDown')), await text(page, '.details .how'))
  await told('ArrowRight')
  check('that may be chance', /may be chance$/.test(await text(page, '.details .how')), await text(page, '.details .how'))
  await page.close()
  const sides = await open(view('flamegraph', 'p=.'))
  check('of other boxes nothing is said', /where no filter/.test(await text(sides, 'main .note')), await text(sides, 'main .note'))
  await sides.close()
  const gate = await open(view('gate'))
  await picture(gate, 'gate.png')
  check('the verdict', /gate broken: 1 of 3 rules/.test(await text(gate, '.verdict.broken')), await text(gate, '.verdict'))
  check('its findings', (await gate.$$('.findings .broken')).length === 3 && (await gate.$$('.findings .improved')).length >= 1)
  await act(gate, () => clickText(gate, '.findings .broken a', 'in the flame graph'))
  check('a finding leads to its function', (await gate.$$('.scroller')).length === 2 && /tryBacktrack/.test(gate.url()), gate.url())
  await gate.close()
}

async function trend(view) {
  const page = await open(view('trend'))
  await picture(page, 'trend.png')
  const heads = await page.$$eval('.course h2', list => list.map(node => node.textContent))
  check('courses', heads[0] === 'Total' && heads.length > 5, heads)
  const rise = await page.$$eval('.course', list => list.filter(node => /tryBacktrack/.test(node.querySelector('h2').textContent)).map(node => node.querySelector('ul').textContent))
  check('a rise, since its commit', rise.length === 1 && /^▲ \+(5[5-9]|6[0-4])[.0-9]*% from .* since run 26 of 40, c25, 2023-12-09 22:13: it stays so$/.test(rise[0]), rise)
  check('what went back', (await page.$$eval('.course li.quiet', list => list.map(node => node.textContent))).some(line => /went back/.test(line)))
  await page.focus('.course .chart')
  await page.keyboard.press('Home')
  check('the arrows tell a run', /^run 1 of 40, c0, 2023-11-14 22:13: \d+/.test(await text(page, '.told')), await text(page, '.told'))
  await page.keyboard.press('ArrowRight')
  check('and the next', /^run 2 of 40, c1/.test(await text(page, '.told')) && await page.$eval('.chart', node => node.getAttribute('aria-valuetext').startsWith('run 2')))
  await act(page, () => page.click('.toolbar input[type=checkbox]'))
  const changed = await page.$$eval('.course', list => list.filter(node => !node.querySelector('li')).length)
  check('only what changed', /[?&]changed=t/.test(page.url()) && changed <= 1, changed)
  await page.type('.toolbar input[name=trend]', 'mallocgc')
  await act(page, () => page.keyboard.press('Enter'))
  check('functions that match', (await page.$$('.course')).length === 2 && /trend=mallocgc/.test(page.url()), page.url())
  await act(page, () => page.click('.course a'))
  check('to its callers and callees', (await page.$$('.scroller')).length === 2 && /flamegraph/.test(page.url()), page.url())
  await page.close()
}

/** Two profiles: each may become the base. */
async function picks(view) {
  const page = await open(view('flamegraph'), {width: 400, height: 700})
  await act(page, () => page.$$eval('.menu a', list => list.find(node => /against .*old\.folded$/.test(node.textContent)).click()))
  check('a base is picked', /[?&]base=1/.test(page.url()) && /grey/.test(await text(page, 'main .note')), page.url())
  await act(page, () => clickText(page, 'nav a', 'Diff'))
  check('and keeps', /[?&]base=1/.test(page.url()) && /^with .*old\.folded: from 956 to \d+/.test(await text(page, '.sum')), await text(page, '.sum'))
  await act(page, () => clickText(page, '.menu a', 'All together'))
  check('and is let go', !/base=/.test(page.url()) && /flamegraph/.test(page.url()), page.url())
  await page.close()
}

async function sourceInFile() {
  const url = write('source.html', '-html_source', `-source_path=${profiles}../src/go`, '-trim_path=example.org/workload', 'go/cpu.pb.gz')
  await everyView(name => `${url}#${name}`, ['source'])
  const page = await open(`${url}#source?f=fibonacci`)
  check('source lines', /func fibonacci/.test(await text(page, '.listing')), await text(page, 'main'))
  await page.close()
}

async function hostile() {
  for (const name of ['made/hostile_names.pb.gz', 'made/odd_names.pb.gz', 'made/negative.pb.gz', 'made/extremes.pb.gz', 'made/no_samples.pb.gz'].filter(file => fs.existsSync(profiles + file))) {
    let url
    try {
      url = write('hostile.html', name)
    } catch {
      continue
    }
    for (const view of ['flamegraph', 'top', 'peek', 'labels', 'flamegraph?up=t', 'flamegraph?p=.', 'top?f=.']) {
      const page = await open(`${url}#${view}`)
      check(`${name}: no name is markup`, (await page.$$('main img, main script, main iframe, main a[href^=javascript]')).length === 0)
      await page.close()
    }
  }
}

async function served(url) {
  const page = await open(`${url}/ui/top`)
  const menus = await page.$$eval('summary', list => list.map(node => node.textContent))
  check('menus', menus.join() === 'Sample,Refine,Config,Profile,Help', menus)
  await act(page, () => clickText(page, '.menu a', 'samples'))
  check('another sample type', /si=samples/.test(page.url()) && (await rows(page))[0][0] === '25', (await rows(page))[0])
  await page.$eval('.save input', node => node.value = 'mine')
  await act(page, () => page.$eval('.save button', node => node.click()))
  check('saved', (await page.$$eval('.config a', list => list.map(node => node.textContent))).join() === 'mine')
  await act(page, () => page.$eval('.config button', node => node.click()))
  check('deleted', (await page.$$('.config')).length === 0)
  await page.goto(`${url}/ui/top?f=(`)
  await page.waitForSelector('body[data-ready=error]')
  check('a bad expression is told', /missing \)/.test(await text(page, '.errors')), await text(page, '.errors'))
  check('with the views around', (await page.$$('nav a')).length > 5 && (await text(page, '.chip')).startsWith('Focus: ('))
  await act(page, () => page.click('.chip button'))
  check('and goes', !/[?&]f=/.test(page.url()) && (await rows(page)).length > 20, page.url())
  await page.close()
  const graph = await open(`${url}/ui/graph`)
  check('graph', (await graph.$$('.graph svg g')).length > 10)
  await picture(graph, 'graph.png')
  await graph.close()
}

/** The Tab key reaches all that can be used, in the order in which it stands, and one sees where it is. */
async function keyboard(view, names) {
  for (const name of names)
    for (const scheme of ['light', 'dark']) {
      const page = await open(view(name), {scheme})
      const wanted = await page.evaluate(() => {
        const all = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')].filter(node =>
          !node.disabled && node.tabIndex >= 0 && (node.closest('details') === null || node.tagName === 'SUMMARY') && node.getClientRects().length)
        all.forEach((node, i) => node.dataset.stop = String(i))
        return all.length
      })
      const seen = [], unseen = []
      for (let i = 0; i < Math.min(wanted, 60); i++) {
        await page.keyboard.press('Tab')
        const [stop, visible] = await page.evaluate(() => {
          const at = document.activeElement, style = getComputedStyle(at), part = at.querySelector(':scope > rect, :scope polygon')
          const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
          return [at.dataset.stop, outlined || Boolean(part && getComputedStyle(part).strokeWidth === '4px')]
        })
        seen.push(Number(stop))
        if (!visible) unseen.push(stop)
      }
      check(`${name} ${scheme}: Tab goes from one to the next`, seen.every((stop, i) => stop === i), seen)
      check(`${name} ${scheme}: the focus is seen`, !unseen.length, unseen)
      await page.close()
    }
  const page = await open(view('flamegraph'))
  await page.focus('.menu summary')
  await page.keyboard.press('Enter')
  check('Enter opens a menu', (await page.$$('.menu[open]')).length === 1)
  await page.keyboard.press('Tab')
  check('Tab goes into it', await page.evaluate(() => Boolean(document.activeElement.closest('.items'))))
  await page.keyboard.press('Escape')
  check('Escape closes it', (await page.$$('.menu[open]')).length === 0)
  check('and goes back to it', await page.evaluate(() => document.activeElement.tagName === 'SUMMARY'))
  await page.focus('.scroller canvas')
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key)
  check('arrows select', (await text(page, '.details .what')) !== '' && !(await page.$eval('.actions button', node => node.disabled)))
  check('what is selected is said', /(main|runtime)\./.test(await text(page, '[aria-live]')), await text(page, '[aria-live]'))
  await act(page, () => page.keyboard.press('s'))
  check('s shows both sides', /[?&]p=/.test(page.url()), page.url())
  await page.focus('.scroller canvas')
  await act(page, () => page.keyboard.press('Escape'))
  check('Escape goes back to all', !/[?&]p=/.test(page.url()), page.url())
  await page.close()
}

/** A binary goes by a click: what is left has nothing of it. */
async function binaries(view) {
  const page = await open(view('flamegraph', 'color=binary'))
  await page.focus('.scroller canvas')
  await page.keyboard.press('ArrowDown')
  const data = await (await fetch(page.url().replace('/ui/flamegraph', '/ui/data/flamegraph'))).json()
  const first = data.boxes.name[0], binary = data.boxes.places[data.boxes.mapping[first]], name = data.boxes.names[first]
  check('a box is selected', (await text(page, '.details .what')).startsWith(name), await text(page, '.details .what'))
  check('of several binaries', new Set(data.boxes.mapping).size > 1 && binary !== '', binary)
  await act(page, () => clickText(page, '.actions button', 'Hide its binary'))
  check('its binary is hidden', new URL(page.url()).searchParams.get('h') === `^${binary.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`, page.url())
  const rest = await (await fetch(page.url().replace('/ui/flamegraph', '/ui/data/flamegraph'))).json()
  const left = new Set(rest.boxes.name.map(at => rest.boxes.places[rest.boxes.mapping[at]]))
  check('nothing of it is left', left.size > 0 && !left.has(binary), [...left])
  check('it is said', /^Hide: /.test(await text(page, '.chip')), await text(page, '.chip'))
  await act(page, () => page.click('.chip button'))
  check('and shown again', !/[?&]h=/.test(page.url()), page.url())
  await page.close()
}

/** Labels group the flame graph, and lead to the samples that carry one. */
async function labels(view) {
  const page = await open(view('labels'))
  await act(page, () => clickText(page, 'main .button', 'tenant'))
  check('grouped by a label', /tagroot=tenant/.test(page.url()) && /color=root/.test(page.url()), page.url())
  await page.focus('.scroller canvas')
  await page.keyboard.press('ArrowDown')
  const found = [await text(page, '.details .what')]
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('ArrowRight')
    found.push(await text(page, '.details .what'))
  }
  check('its values are the outermost boxes', ['acme', 'globex', 'initech'].every(value => found.some(box => box.startsWith(value))), found)
  await act(page, () => page.click('.chip button'))
  await act(page, () => clickText(page, 'nav a', 'Labels'))
  await act(page, () => clickText(page, 'td a', 'globex'))
  check('a value leads to its samples', new URL(page.url()).searchParams.get('tf') === 'tenant=^globex$', page.url())
  await page.focus('.scroller canvas')
  check('with their cost', /^710ms/.test(await page.evaluate(() => {
    document.querySelector('.scroller canvas').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown'}))
    return document.querySelector('.details .how').textContent
  })), await text(page, '.details .how'))
  await page.close()
}

/** The call graph by graphviz, or drawn by the page: functions are selected, by a click and by keys, and refined. */
async function graphs(server, isPlain) {
  const page = await open(`${server.url}/ui/graph`)
  check('who drew it', isPlain === /plain drawing of the 60 heaviest/.test(await text(page, 'main')), await text(page, 'main'))
  const nodes = await page.$$eval('.graph [data-name]', list => list.map(node => node.dataset.name))
  check('functions', nodes.length > 20 && nodes.includes('runtime.main') && new Set(nodes).size === nodes.length, nodes.slice(0, 5))
  const known = new Set((await (await fetch(`${server.url}/ui/data/flamegraph`)).json()).boxes.names)
  check('that the profile has', nodes.every(name => known.has(name)), nodes.filter(name => !known.has(name)))
  if (isPlain) {
    check('edges', (await page.$$('.graph path.edge')).length > 20)
    const apart = await page.$$eval('.graph rect.node', list => {
      const areas = list.map(node => node.getBoundingClientRect())
      return areas.every((a, i) => areas.every((b, j) => i >= j || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top))
    })
    check('boxes do not overlap', apart)
    check('no graphviz is said', /graphviz|dot/i.test(await text(page, 'main .note')), await text(page, 'main .note'))
  }
  const size = () => page.$eval('.graph [data-name] :is(rect, polygon)', node => node.getBoundingClientRect().width)
  check('at first it can be read', await size() > 60, await size())
  const before = await size()
  await clickText(page, 'main button', 'Larger')
  check('larger', await size() > before)
  await clickText(page, 'main button', 'Show all')
  const inside = await page.$eval('.graph svg', svg => {
    const area = svg.getBoundingClientRect()
    return [...svg.querySelectorAll('[data-name]')].every(node => {
      const box = node.getBoundingClientRect()
      return box.left >= area.left && box.right <= area.right && box.top >= area.top && box.bottom <= area.bottom
    })
  })
  check('all is shown', inside)
  await page.$eval('.graph [data-name="runtime.main"]', node => node.focus())
  await page.keyboard.press('Enter')
  check('selected', await page.$eval('.graph [data-name="runtime.main"]', node => node.getAttribute('aria-pressed') === 'true'))
  await act(page, () => clickText(page, '.menu button', 'Ignore'))
  check('and ignored', new URL(page.url()).searchParams.get('i') === '^runtime\\.main$', page.url())
  check('is gone', !(await page.$('.graph [data-name="runtime.main"]')))
  await page.close()
}

/** What has nothing to show says so. */
async function nothing(view) {
  for (const [name, words] of [['flamegraph', /nothing to draw/], ['graph', /no function to draw/]]) {
    const page = await open(view(name))
    check(`${name} of nothing`, words.test(await text(page, 'main')), await text(page, 'main'))
    await page.close()
  }
}

/** Leaves first in a file that could not hold all boxes: the innermost calls; of a part that it makes, as far as it knows. */
async function leavesFirst() {
  const lines = Array.from({length: 60000}, (_, i) => `root;a${i % 300};b${i};leaf${i % 300 === 1 ? 1 : 0} 1\n`)
  fs.writeFileSync(path.join(scratch, 'wide.folded'), lines.join(''))
  const view = inFile(write('wide.html', path.join(scratch, 'wide.folded')))
  for (const [query, name, cost] of [['up=t', /^leaf0/, /^59800 /], ['up=t&f=%5Ea1%24', /^.below the cut/, /^200 /]]) {
    const page = await open(view('flamegraph', query))
    await page.focus('.scroller canvas')
    await page.keyboard.press('ArrowDown')
    const [what, how] = [await text(page, '.details .what'), await text(page, '.details .how')]
    check(`leaves first: ${query}`, name.test(what) && cost.test(how), [what, how])
    await page.close()
  }
}

const inFile = of => (name, query = '') => `${of}#${name}${query && '?' + query}`
const onServer = server => (name, query = '') => `${server.url}/ui/${name}${query && '?' + query}`
const old = path.join(scratch, 'old.folded'), newest = path.join(scratch, 'new.folded'), pair = makePair()

/** Of a server for these words, which then ends. */
async function withServer(words, then) {
  const server = await serve(...words)
  try {
    await then(server)
  } finally {
    server.stop()
  }
}

const parts = {
  async file() {
    const file = write('cpu.html', 'go/cpu.pb.gz')
    await flame(file, inFile(file))
    await filters(inFile(file))
    await everyView(inFile(file), ['flamegraph', 'top', 'peek', 'labels'])
    await leavesFirst()
  },
  async 'comparison in a file'() {
    const both = write('both.html', ...pair)
    await everyView(inFile(both), ['flamegraph', 'top', 'diff', 'gate'])
    await compared(inFile(both))
    await picks(inFile(write('several.html', old, newest)))
  },
  async trend() {
    const history = makeHistory(), courses = inFile(write('trend.html', history, newest))
    await everyView(courses, ['trend'])
    await trend(courses)
    await withServer([history, newest], async server => {
      await everyView(onServer(server), ['trend'])
      await trend(onServer(server))
    })
  },
  'source in a file': sourceInFile,
  hostile,
  server: () => withServer(['go/cpu.pb.gz'], async server => {
    await flame(server.url, onServer(server))
    await filters(onServer(server))
    await served(server.url)
    if (!pictures) return
    const top = await open(onServer(server)('top'), {height: 420})
    await picture(top, 'top.png')
  }),
  'views of a server': () => withServer(['go/cpu.pb.gz'], server =>
    everyView(onServer(server), ['flamegraph', 'graph', 'top', 'peek', 'source?f=fibonacci', 'labels', 'symbols'])),
  comparison: () => withServer(pair, async server => {
    await everyView(onServer(server), ['flamegraph', 'diff', 'top', 'gate'])
    await compared(onServer(server))
  }),
  'picked base': () => withServer([old, newest], server => picks(onServer(server))),
  keyboard: () => withServer(['go/cpu.pb.gz'], server =>
    keyboard(onServer(server), ['flamegraph', 'graph', 'top', 'peek', 'source', 'labels', 'symbols'])),
  'keyboard in a comparison': () => withServer(pair, server => keyboard(onServer(server), ['diff', 'gate'])),
  binaries: () => withServer(['cpp/cpu.pb.gz'], server => binaries(onServer(server))),
  labels: () => withServer(['go/labels.pb.gz'], server => labels(onServer(server))),
  graph: () => withServer(['go/cpu.pb.gz'], server => graphs(server, false)),
  async 'graph without graphviz'() {
    const server = await serveIn({...env, PATH: '/nonexistent'}, 'go/cpu.pb.gz')
    await graphs(server, true)
    await everyView(onServer(server), ['graph'])
    server.stop()
  },
  nothing: () => withServer(['made/no_samples.pb.gz'], server => nothing(onServer(server))),
}

for (const [name, run] of Object.entries(parts)) {
  if (!only.test(name)) continue
  try {
    await run()
  } catch (error) {
    failures.push(`${name}: ${error.stack || error}`)
  }
}
await browser.close()
fs.rmSync(scratch, {recursive: true, force: true})
console.log(`${checks} checks, ${failures.length} failures`)
for (const failure of failures.slice(0, 30)) console.log('FAILED', failure)
process.exit(failures.length ? 1 : 0)
