// frames.mjs: what a frame costs while a flame graph of 100,000 boxes is zoomed and panned in Chromium.
import fs from 'node:fs'
import path from 'node:path'
import {pathToFileURL} from 'node:url'

const BOXES = 100000, STEPS = 90, LEVELS = 80

/** Boxes as the server sends them: few that are wide, many that are narrow, on all levels. */
function makeBoxes() {
  let seed = 7
  const random = () => (seed = seed * 48271 % 2147483647) / 2147483647
  const level = [], name = [], self = [], names = Array.from({length: 5000}, (_, i) => `example.org/service/part${i % 40}.(*Worker).method${i}`)
  const path = []
  while (level.length < BOXES) {
    const depth = path.length ? Math.min(1 + Math.floor(random() * (path.length + 1)), LEVELS) : 0
    path.length = depth
    for (let at = depth; at < LEVELS && level.length < BOXES && (at < 6 || random() > 0.08); at++) {
      path.push(at)
      level.push(at)
      name.push(Math.floor(random() * random() * names.length))
      self.push(1 + Math.floor(random() ** 4 * 1000))
    }
  }
  const sum = self.reduce((a, b) => a + b, 0)
  return {schema: 'cpprof/boxes/3', whole: BOXES, cutoff: 0, lightest: null, root: [sum, 0], scale: 1, names, short: names.map(() => null),
    file: names.map(() => 0), mapping: names.map(() => 0), places: [''], level, name, self, cut: []}
}

/** The file that -html writes, with these boxes in it. */
export function fileOfBoxes(html, folder) {
  const [before, rest] = html.split('<script type="application/json" id="data">'), end = rest.indexOf('</script>')
  const data = JSON.parse(rest.slice(0, end)), made = makeBoxes()
  const boxes = {...data.boxes, ...made}
  for (const key of Object.keys(boxes)) if (!(key in made)) delete boxes[key]
  const name = path.join(folder, 'boxes.html')
  fs.writeFileSync(name, `${before}<script type="application/json" id="data">${JSON.stringify({...data, total: made.root[0], boxes}).replaceAll('<', '\\u003c')}${rest.slice(end)}`)
  return pathToFileURL(name).href
}

const actions = {
  'zoom in and out': step => ['wheel', {deltaY: step % 60 < 30 ? -40 : 40, ctrlKey: true, x: 0.3}],
  'pan': step => ['drag', {x: step % 60 < 30 ? 0.3 + step % 60 / 60 : 1.3 - step % 60 / 60}],
  'scroll': step => ['scroll', {by: step % 60 < 30 ? 40 : -40}],
  'point at boxes': step => ['move', {x: step % 90 / 90, y: step % 7 / 10 + 0.1}],
}

/** In the page: one step a frame. */
async function drive(steps) {
  const canvas = document.querySelector('.scroller canvas'), area = canvas.getBoundingClientRect()
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
  const at = (x, y = 0.4) => ({clientX: area.left + x * area.width, clientY: area.top + y * area.height, bubbles: true, cancelable: true, pointerId: 1, buttons: 1})
  const drag = steps.some(([kind]) => kind === 'drag')
  canvas.setPointerCapture = () => {}
  if (drag) canvas.dispatchEvent(new PointerEvent('pointerdown', at(steps[0][1].x)))
  const times = []
  for (const [kind, option] of steps) {
    if (kind === 'wheel') canvas.dispatchEvent(new WheelEvent('wheel', {...option, ...at(option.x)}))
    else if (kind === 'scroll') canvas.parentElement.scrollTop += option.by
    else canvas.dispatchEvent(new PointerEvent('pointermove', at(option.x, option.y)))
    times.push(await frame())
  }
  if (drag) canvas.dispatchEvent(new PointerEvent('pointercancel', at(0.5)))
  return times.slice(1).map((time, i) => time - times[i])
}

/** Tasks of the page's main thread in Chromium's trace from the first frame to the last, in ms: by the clock, and what
    they computed. */
function tasksOf(trace) {
  const events = JSON.parse(Buffer.from(trace).toString()).traceEvents
  const mains = new Set(events.filter(e => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map(e => `${e.pid} ${e.tid}`))
  const frames = events.filter(e => e.name === 'FireAnimationFrame').map(e => e.ts), first = Math.min(...frames), last = Math.max(...frames)
  const tasks = events.filter(e => e.ph === 'X' && /RunTask$/.test(e.name) && mains.has(`${e.pid} ${e.tid}`) && e.ts + e.dur >= first && e.ts <= last)
  return {wall: tasks.map(e => e.dur / 1000), cpu: tasks.map(e => (e.tdur || 0) / 1000)}
}

const most = list => list.reduce((a, b) => Math.max(a, b), 0)
const at99 = list => [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.99)]

/** A row an action: {action, task_cpu, task_wall, interval, interval99}, the largest in ms. */
export async function measureFrames(browser, url) {
  const page = await browser.newPage(), rows = []
  await page.setViewport({width: 1440, height: 900})
  await page.goto(url)
  await page.waitForSelector('body[data-ready]')
  const boxes = await page.evaluate(() => document.querySelector('.filler') && 1)
  if (!boxes) throw new Error('no flame graph is drawn')
  for (const [action, stepOf] of Object.entries(actions)) {
    const steps = Array.from({length: STEPS}, (_, i) => stepOf(i))
    if (action === 'pan') // inside of what is zoomed
      await page.evaluate(drive, Array.from({length: 20}, () => ['wheel', {deltaY: -40, ctrlKey: true, x: 0.3}]))
    await page.evaluate(drive, steps.slice(0, 10))
    await page.tracing.start({categories: ['toplevel', 'devtools.timeline']})
    const intervals = await page.evaluate(drive, steps)
    const {wall, cpu} = tasksOf(await page.tracing.stop())
    rows.push({action, task_cpu: most(cpu), task_wall: most(wall), interval: most(intervals), interval99: at99(intervals)})
  }
  await page.close()
  return rows
}
