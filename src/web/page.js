// The page: what stands around the views, and the table of views.
import {closeMenus, el, menu, quoted} from './dom.js'
import {state} from './state.js'
import {dataOf, forget} from './data.js'
import {showFlame} from './flame.js'
import {showTop} from './top.js'
import {showPeek} from './peek.js'
import {showDiff} from './diff.js'
import {showLabels} from './labels.js'
import {showGate} from './gate.js'
import {showTrend} from './trend.js'
import {showSymbols} from './symbols.js'
import {showDisasm, showSource} from './code.js'
import {showGraph} from './graph.js'

/**
 * @typedef {object} View
 * @property {string} id the last part of its address
 * @property {string} title
 * @property {string} [table] what it takes, if it is not boxes; a file may lack it
 * @property {boolean} [served] only a server can show it
 * @property {(root: HTMLElement, data: any, page: any) => void} show
 */

/** @type {View[]} */
const views = [
  {id: 'flamegraph', title: 'Flame graph', show: showFlame},
  {id: 'graph', title: 'Graph', table: 'tree', served: true, show: showGraph},
  {id: 'top', title: 'Top', table: 'top', show: showTop},
  {id: 'peek', title: 'Peek', table: 'tree', show: showPeek},
  {id: 'source', title: 'Source', table: 'list', show: showSource},
  {id: 'disasm', title: 'Disassemble', table: 'disasm', served: true, show: showDisasm},
  {id: 'diff', title: 'Diff', table: 'diff', show: showDiff},
  {id: 'labels', title: 'Labels', table: 'tags', show: showLabels},
  {id: 'symbols', title: 'Symbols', table: 'symbols', show: showSymbols},
  {id: 'gate', title: 'Gate', table: 'gate', show: showGate},
  {id: 'trend', title: 'Trend', table: 'trend', show: showTrend},
]

/** The filters that the page offers: parameter, title, what it does. */
const filters = [
  ['f', 'Focus', 'only samples that pass through a match'],
  ['i', 'Ignore', 'no samples that pass through a match'],
  ['h', 'Hide', 'takes matching functions out of the stacks'],
  ['s', 'Show', 'keeps only matching functions'],
  ['sf', 'Show from', 'cuts what is above the highest match'],
]

/** Those that only a server can apply. */
const servedFilters = [
  ['tf', 'Label focus', 'only samples with a matching label: KEY=REGEXP, or a range'],
  ['ti', 'Label ignore', 'no samples with a matching label'],
  ['prunefrom', 'Prune from', 'cuts what is below the lowest match'],
  ['tagroot', 'Group by label', 'values of this label become frames at the root'],
  ['tagleaf', 'Label at the leaf', 'values of this label become frames at the leaf'],
  ['g', 'Granularity', 'functions, filefunctions, files, lines, addresses'],
  ['unit', 'Unit', 'to show values in: ms, MB'],
]

const offered = () => state.offline ? filters : [...filters, ...servedFilters]

const page = {
  /** @type {string[]} names */ selection: [],
  onSearch: () => {},
  boxes: () => [],
  leaving: /** @type {(() => void)[]} */ ([]),
  onLeave(then) {
    page.leaving.push(then)
  },
  /** As pprof does: i and h add to what is there, the others replace it. */
  refine(param, names) {
    let text = names.map(name => `^${quoted(name)}$`).join('|')
    const old = state.get(param)
    if ((param === 'i' || param === 'h') && old) text += '|' + old
    state.go({[param]: text, q: '', z: ''})
  },
}

const main = el('main', {id: 'main', tabindex: -1})
const frame = /** @type {HTMLElement} */ (document.getElementById('page'))

function has(view, data) {
  if (view.served && state.offline) return false
  if (!data.tables || data.views) return !data.views || data.views.includes(view.id)
  return !view.table || Boolean(data.tables[view.table])
}

function refineMenu() {
  return menu('Refine', ...filters.map(([param, title, help]) => el('button', {type: 'button', title: help, onclick: () => {
    const search = state.get('q')
    if (page.selection.length) page.refine(param, page.selection)
    else if (search) state.go({[param]: search, q: '', z: ''})
    else document.getElementById('filter-kind')?.focus()
  }}, title)), el('button', {type: 'button', onclick: () => state.go(Object.fromEntries(offered().map(([param]) => [param, ''])))}, 'Reset'))
}

function filterBar() {
  const kind = el('select', {id: 'filter-kind', 'aria-label': 'Kind of filter'}, ...offered().map(([param, title]) => el('option', {value: param}, title)))
  const text = el('input', {type: 'text', placeholder: 'regular expression', 'aria-label': 'Filter', spellcheck: 'false', autocomplete: 'off'})
  const active = offered().filter(([param]) => state.get(param))
  return el('form', {class: 'filters', role: 'search', 'aria-label': 'Filters', onsubmit: event => {
    event.preventDefault()
    if (text.value) state.go({[kind.value]: text.value, z: ''})
  }}, kind, text, el('button', {}, 'Apply'),
  ...active.map(([param, title]) => el('span', {class: 'chip'}, `${title}: ${state.get(param)}`,
    el('button', {type: 'button', 'aria-label': `Remove the filter ${title}`, onclick: () => state.go({[param]: '', z: ''})}, '×'))))
}

function searchBox() {
  const input = el('input', {type: 'search', id: 'search', value: state.get('q'), placeholder: 'Search (regexp)  /', 'aria-label': 'Search', spellcheck: 'false', autocomplete: 'off'})
  let timer = 0
  const apply = () => {
    const to = state.address({q: input.value})
    history.replaceState(null, '', to)
    page.onSearch()
  }
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = window.setTimeout(apply, 200)
  })
  input.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return
    clearTimeout(timer)
    if (state.view() === 'flamegraph') state.go({p: input.value, q: '', z: ''})
    else if (input.value) state.go({f: input.value, q: '', z: ''})
  })
  return input
}

function sampleMenu(data) {
  if (state.offline || data.types.length < 2) return null
  return menu('Sample', ...data.types.map(type => el('a', {
    href: state.address({si: type, z: ''}), 'aria-current': type === data.type ? 'true' : null,
  }, (type === data.type ? '✓ ' : '') + type)))
}

/** The profiles that were given: one of them may be what the others are compared with. */
function compareMenu(data) {
  if (!data.sources || data.sources.length < 2) return null
  const item = (title, base, view) => el('a', {
    href: state.address({base, z: '', order: ''}, view), 'aria-current': base === (data.base || '') ? 'true' : null,
  }, (base === (data.base || '') ? '✓ ' : '') + title)
  const whole = state.view() === 'diff' ? 'flamegraph' : state.view()
  return menu('Compare', item('All together', '', whole), ...data.sources.map((name, i) => item(`The others against ${name}`, i + 1, state.view())))
}

const download = () => state.offline ? null : el('a', {class: 'button', href: './download', download: true}, 'Download')

/** A change on the server: with the token that only a page of this server knows. */
async function change(action, data, query) {
  const answer = await fetch(`./${action}?${query}`, {method: 'POST', headers: {'X-Cpprof-Token': data.token}})
  if (!answer.ok) return alertIn((await answer.text()).trim())
  forget()
  render()
}

function alertIn(text) {
  main.prepend(el('div', {class: 'errors', role: 'alert'}, text))
}

function configMenu(data) {
  if (state.offline || !data.can_save) return null
  const name = el('input', {type: 'text', 'aria-label': 'Name of the configuration', placeholder: 'name', size: 14})
  const form = el('form', {class: 'save', onsubmit: event => {
    event.preventDefault()
    const query = state.params()
    query.set('config', name.value)
    if (name.value) change('saveconfig', data, query)
  }}, name, el('button', {}, 'Save as'))
  form.addEventListener('click', event => event.stopPropagation())
  const kept = Object.fromEntries([...state.params()].filter(([param]) => ['si', 'p', 'color', 'base'].includes(param)))
  const to = params => './' + state.view() + '?' + new URLSearchParams({...kept, ...params})
  return menu('Config', form, el('a', {href: to({})}, 'Default'), ...data.configs.map(config => el('div', {class: 'config'},
    el('a', {href: to(config.params)}, config.name),
    el('button', {type: 'button', 'aria-label': `Delete ${config.name}`,
      onclick: () => change('deleteconfig', data, new URLSearchParams({config: config.name}))}, '×'))))
}

function helpMenu(data) {
  return menu('Help',
    el('p', {}, 'Click selects a box, a double click or Enter zooms in, Escape shows all. Arrow keys go from box to box, s shows callers and callees, + and - zoom, ctrl and the wheel too. / searches; Enter in the search shows both sides of what matches.'),
    data.doc_url && /^https?:/.test(data.doc_url) ? el('a', {href: data.doc_url, rel: 'noreferrer', target: '_blank'}, 'About this profile') : null,
    el('p', {class: 'note'}, data.program))
}

function header(data, view) {
  return el('header', {},
    el('a', {class: 'skip', href: '#main', onclick: event => {
      event.preventDefault()
      main.focus()
    }}, 'Skip to the view'),
    el('h1', {}, data.file, ' ', el('span', {class: 'type'}, data.type)),
    el('nav', {'aria-label': 'Views'}, ...views.filter(v => has(v, data)).map(v =>
      el('a', {href: state.address({z: '', order: ''}, v.id), 'aria-current': v === view ? 'page' : null}, v.title))),
    el('div', {class: 'bar'}, filterBar(), el('div', {class: 'menus'}, sampleMenu(data), compareMenu(data), refineMenu(), configMenu(data), download(),
      menu('Profile', ...data.legend.map(line => el('div', {}, line)), data.comparison ? el('div', {}, `Compared: ${data.comparison}`) : null),
      helpMenu(data), searchBox())))
}

function follow(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return
  const link = event.target.closest && event.target.closest('a[href]')
  const href = link && link.getAttribute('href')
  if (state.offline || !href || !href.startsWith('./') || link.hasAttribute('download')) return
  event.preventDefault()
  history.pushState(null, '', href)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

let turn = 0

async function render() {
  const mine = ++turn, view = views.find(v => v.id === state.view()) || views[0]
  const waiting = setTimeout(() => {
    if (main.isConnected) main.setAttribute('aria-busy', 'true')
    else frame.replaceChildren(el('p', {class: 'note', role: 'status'}, 'Reading the profile ...'))
  }, 300)
  let data
  try {
    data = await dataOf(view.id, state.params())
  } catch (error) {
    if (mine === turn) await fail(error, view)
    return
  } finally {
    clearTimeout(waiting)
    if (mine === turn) main.removeAttribute('aria-busy')
  }
  if (mine !== turn) return
  const active = document.activeElement, wasCanvas = active && active.tagName === 'CANVAS', wasSearch = active && active.id === 'search'
  for (const leave of page.leaving.splice(0)) leave()
  page.onSearch = () => {}
  page.boxes = () => []
  page.selection = []
  document.title = `${data.file} ${data.type}: ${view.title}`
  main.replaceChildren()
  frame.replaceChildren(header(data, view), ...problems(data), main)
  if (has(view, data)) view.show(main, data, page)
  else main.append(el('p', {class: 'note'}, `${view.title} is not in this file.`))
  frame.querySelector('nav [aria-current]')?.scrollIntoView({block: 'nearest', inline: 'center'})
  if (wasCanvas) main.querySelector('canvas:not(.overview)')?.focus()
  if (wasSearch) document.getElementById('search')?.focus()
  document.body.dataset.ready = view.id
}

function problems(data) {
  return data.errors && data.errors.length ? [el('div', {class: 'errors', role: 'alert'}, ...data.errors.map(text => el('div', {}, text)))] : []
}

/** What can't be shown is told; where nothing was shown before, with the menus around, so that filters can go. */
async function fail(error, view) {
  const mine = turn, data = !frame.querySelector('header') && !state.offline && await dataOf('symbols', new URLSearchParams()).catch(() => null)
  if (mine !== turn) return
  if (data) frame.replaceChildren(header(data, view), main)
  main.replaceChildren(el('div', {class: 'errors', role: 'alert'}, String(error.message || error)),
    el('p', {}, el('a', {href: state.offline ? '#flamegraph' : './flamegraph'}, 'Show the whole profile')))
  if (!main.isConnected) frame.replaceChildren(main)
  for (const link of frame.querySelectorAll('nav a')) {
    if (link.textContent === view.title) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  document.body.dataset.ready = 'error'
}

document.addEventListener('click', event => {
  closeMenus(event.target instanceof Element ? event.target.closest('details.menu') : null)
  follow(event)
})
document.addEventListener('keydown', event => {
  const target = /** @type {Element} */ (event.target)
  if (event.key !== '/' || target.matches('input, select, textarea')) return
  event.preventDefault()
  document.getElementById('search')?.focus()
})
state.onChange(render)
render()
