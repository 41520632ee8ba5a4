// Trend: what a history's runs cost, run after run, and where that changed.
import {el, expression, quoted, shape} from './dom.js'
import {changeText, shareText, valueText} from './format.js'
import {state} from './state.js'

const WIDTH = 600, HEIGHT = 60, AT_A_TIME = 100
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** What a change is, besides its size; only what stays is a matter of colour. */
const kinds = {stays: 'it stays so', back: 'it went back', moved: 'it moved from or to other functions of the package', blessed: 'it was meant', whole: 'all functions changed alike'}

const kindOf = change => change.state !== 'stays' ? 'quiet' : change.after > change.before ? 'rise' : 'fall'

/** The share of a change; from nothing there is none. */
const growth = change => change.before > 0 ? changeText(change.after - change.before, [['', change.before / 100]]) + '%' : 'new'

function runText(table, at) {
  const {commit, time} = table.runs
  return [`run ${at + 1} of ${commit.length}`, commit[at], time[at] && time[at].slice(0, 16).replace('T', ' ')].filter(Boolean).join(', ')
}

/** The functions that are drawn roughly: a point is the mean of some runs, one of 64 levels. */
function roughSeries({points, function: names, most, newest, course: digits}) {
  const value = (i, digit) => DIGITS.indexOf(digit) / (DIGITS.length - 1) * most[i]
  return names.map((name, i) => ({function: name, file: null, changes: [], points, newest: newest[i],
    get values() { return Array.from(digits[i], digit => value(i, digit)) }}))
}

/** The runs of a point, from 0; to is not among them. */
function runsOf(series, table, at) {
  const n = table.runs.commit.length, points = series.points || n
  return [Math.floor(at * n / points), Math.floor((at + 1) * n / points)]
}

function pointText(series, table, at) {
  const [from, to] = runsOf(series, table, at)
  if (to - from === 1) return runText(table, from)
  return `runs ${from + 1} to ${to} of ${table.runs.commit.length}` + (table.runs.commit[from] ? `, ${table.runs.commit[from]} to ${table.runs.commit[to - 1]}` : '')
}

/** The values as a line from 0 to the largest, the levels between changes, a mark where each begins. */
function picture(series, values) {
  const n = values.length, most = Math.max(...values, 0) || 1
  const x = at => n > 1 ? at / (n - 1) * WIDTH : WIDTH / 2, y = value => HEIGHT - 1 - Math.max(value, 0) / most * (HEIGHT - 4)
  const drawn = shape('svg', {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'})
  drawn.append(shape('polyline', {class: 'course-line', points: values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}))
  series.changes.forEach((change, i) => {
    const from = i ? series.changes[i - 1].at : 0, end = i + 1 < series.changes.length ? series.changes[i + 1].at : n - 1
    drawn.append(
      shape('path', {class: 'level', d: `M${x(from)} ${y(change.before)}H${x(change.at)}V${y(change.after)}H${x(end)}`}),
      shape('path', {class: 'begin ' + kindOf(change), d: `M${x(change.at)} 0V${HEIGHT}`}))
  })
  const cursor = shape('path', {class: 'cursor', d: ''})
  drawn.append(cursor)
  return {drawn, see: at => cursor.setAttribute('d', at < 0 ? '' : `M${x(at)} 0V${HEIGHT}`)}
}

/** The line, and a cursor over it: the pointer or the arrow keys choose a run, which is told. */
function chart(series, table, name) {
  const values = series.values, n = values.length, {drawn, see} = picture(series, values)
  const said = el('output', {class: 'told'})
  let at = n - 1
  const text = () => `${pointText(series, table, at)}: ${series.points ? 'about ' : ''}${valueText(values[at], table.steps)}`
  const box = el('div', {class: 'chart', tabindex: 0, role: 'slider', 'aria-label': `${name}, run after run`,
    'aria-valuemin': 1, 'aria-valuemax': n, 'aria-valuenow': n, 'aria-valuetext': text()}, drawn)
  const choose = to => {
    at = Math.min(Math.max(to, 0), n - 1)
    see(at)
    said.textContent = text()
    box.setAttribute('aria-valuenow', String(at + 1))
    box.setAttribute('aria-valuetext', text())
  }
  const leave = () => {
    see(-1)
    said.textContent = ''
  }
  box.addEventListener('pointermove', event => {
    const area = box.getBoundingClientRect()
    choose(Math.round((event.clientX - area.left) / area.width * (n - 1)))
  })
  box.addEventListener('pointerleave', leave)
  box.addEventListener('blur', leave)
  box.addEventListener('keydown', event => {
    const to = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: n - 1}[event.key]
    if (to === undefined) return
    event.preventDefault()
    choose(to)
  })
  return {box, said}
}

function changeLine(change, table) {
  return el('li', {class: kindOf(change)},
    el('strong', {}, `${change.after > change.before ? '▲' : '▼'} ${growth(change)}`),
    ` from ${valueText(change.before, table.steps)} to ${valueText(change.after, table.steps)}, since ${runText(table, change.at)}: ${kinds[change.state]}`,
    change.reason ? ` (${change.reason})` : '')
}

function course(series, table) {
  const isTotal = series === table.series[0], whole = table.series[0].values, newest = series.newest ?? series.values.at(-1)
  const share = isTotal ? '' : `, ${shareText(newest, whole.at(-1))} of the total`
  const {box, said} = chart(series, table, isTotal ? 'Total' : series.function)
  const sides = isTotal ? '' : state.address({p: `^${quoted(series.function)}$`, q: '', z: '', trend: ''}, 'flamegraph')
  return el('section', {class: isTotal ? 'course whole' : 'course'},
    el('h2', {}, isTotal ? 'Total' : series.function, series.file ? el('span', {class: 'at'}, ` ${series.file}`) : null),
    box,
    el('p', {class: 'at'}, `newest ${valueText(newest, table.steps)}${share}`,
      sides ? el('a', {href: sides, 'aria-label': `${series.function} in the flame graph`}, 'in the flame graph') : null, said),
    series.changes.length ? el('ul', {}, ...series.changes.map(change => changeLine(change, table))) : null)
}

/** What the courses are of, and what is left out. */
function facts(table) {
  const n = table.runs.commit.length, texts = [`${n} ${n === 1 ? 'run' : 'runs'} on ${table.machine}`]
  if (table.other_machines) texts.push(`${table.other_machines} runs of other machines are left out`)
  texts.push(`${table.cum ? 'functions with what they call' : 'functions by themselves'}: ${table.series.length - 1} run by run and ${table.rest.function.length} roughly, of the ${table.functions} that the history knows`)
  return texts.join('; ') + '. Changes are looked for in heavy functions. Filters of this page do not change what the history says.'
}

export function showTrend(root, data, page) {
  const table = data.tables.trend, list = el('div', {class: 'courses'}), count = el('p', {class: 'note', role: 'status'})
  const input = el('input', {type: 'text', name: 'trend', value: state.get('trend'), size: 40, spellcheck: 'false', autocomplete: 'off'})
  const onlyChanged = el('input', {type: 'checkbox', checked: state.get('changed') === 't',
    onchange: event => state.go({changed: event.target.checked ? 't' : ''})})
  root.append(el('p', {class: 'note'}, facts(table)), el('form', {class: 'toolbar', onsubmit: event => {
    event.preventDefault()
    state.go({trend: input.value})
  }}, el('label', {}, 'Functions that match ', input), el('button', {}, 'Show'), el('label', {}, onlyChanged, ' only what changed')), count, list)
  const all = [...table.series, ...roughSeries(table.rest)]
  function show(shown, from) {
    const next = shown.slice(from, from + AT_A_TIME).map(series => course(series, table)), left = shown.length - from - AT_A_TIME
    list.append(...next)
    if (from) next[0].querySelector('.chart').focus()
    if (left <= 0) return
    const more = el('button', {class: 'more', onclick: () => {
      more.remove()
      show(shown, from + AT_A_TIME)
    }}, `${Math.min(left, AT_A_TIME)} more of ${left}`)
    list.append(more)
  }
  function fill() {
    const wanted = state.get('trend') || state.get('q'), regex = wanted ? expression(wanted) : /(?:)/
    if (!regex) return void (count.textContent = `Not an expression: ${wanted}`)
    const own = series => series.changes.some(change => change.state !== 'whole')
    const shown = all.filter((series, i) => i === 0 || (regex.test(series.function) && (state.get('changed') !== 't' || own(series))))
    count.textContent = `${shown.length - 1} functions; ${shown.filter(series => series.changes.length).length} of these courses changed`
    list.replaceChildren()
    show(shown, 0)
  }
  fill()
  page.onSearch = fill
}
