// The call graph: graphviz's picture, or the plain drawing of layers.js.
import {el, shape} from './dom.js'
import {shareText, valueText} from './format.js'
import {candidates, hashOf, packageOf} from './names.js'
import {neighboursOfTable} from './tables.js'
import {arrange} from './layers.js'

const NODE_WIDTH = 190, NODE_HEIGHT = 46, GAP = 26, DROP = 46, MOST_DRAWN = 60

// Of a picture only shapes and texts are taken over, with the attributes that draw them.
const tags = new Set(['svg', 'g', 'path', 'polygon', 'polyline', 'ellipse', 'text', 'title'])
const attributes = new Set(['viewBox', 'd', 'points', 'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'transform',
  'x', 'y', 'cx', 'cy', 'rx', 'ry', 'text-anchor', 'font-size', 'font-family'])

/** What a link of the picture says: of a node its function and value, of an edge what it calls. */
const toldBy = link => link.getAttributeNS('http://www.w3.org/1999/xlink', 'title') || ''

function clean(from) {
  if (!tags.has(from.localName)) return [...from.children].flatMap(clean)
  const to = shape(from.localName, {})
  for (const a of from.attributes) if (attributes.has(a.name)) to.setAttribute(a.name, a.value)
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) to.append(child.textContent || '')
    else if (child.nodeType === Node.ELEMENT_NODE) to.append(...clean(/** @type {Element} */ (child)))
  }
  const link = from.localName === 'g' && from.querySelector(':scope > g > a, :scope > a'), title = to.querySelector(':scope > title')
  if (link && title) {
    title.textContent = toldBy(link)
    if (from.matches('.node') && /^N\d+$/.test(from.querySelector('title').textContent)) to.dataset.name = toldBy(link).replace(/ \([^()]*\)$/, '')
  }
  return [to]
}

/** Graphviz sized it in points for its whole; shapes of the viewer are not needed. */
function pictureOf(text) {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml')
  const source = parsed.querySelector('svg'), graph = parsed.querySelector('g.graph')
  if (!source || !graph) return null
  return shape('svg', {role: 'group', 'aria-label': 'Call graph'}, ...clean(graph))
}

function drawing(data) {
  const nodes = neighboursOfTable(data.tables.tree).slice(0, MOST_DRAWN), ids = new Map(nodes.map((node, i) => [node.name, i]))
  const edges = nodes.flatMap((node, from) => node.callees.filter(e => ids.has(e.name)).map(e => ({from, to: ids.get(e.name), calls: e.calls})))
  const rows = arrange(nodes.length, edges.map(e => [e.from, e.to]))
  const widest = Math.max(...rows.map(row => row.length), 1), place = []
  rows.forEach((row, level) => row.forEach((node, i) => place[node] = {
    x: (i + (widest - row.length) / 2) * (NODE_WIDTH + GAP), y: level * (NODE_HEIGHT + DROP),
  }))
  const picture = shape('svg', {role: 'group', 'aria-label': 'Call graph'}), largest = Math.max(...edges.map(e => Math.abs(e.calls)), 1)
  for (const e of edges) {
    const a = place[e.from], b = place[e.to], x1 = a.x + NODE_WIDTH / 2, y1 = a.y + NODE_HEIGHT, x2 = b.x + NODE_WIDTH / 2, y2 = b.y
    const line = e.from === e.to ? `M${a.x + NODE_WIDTH} ${a.y + 12}c24 0 24 22 0 22` : `M${x1} ${y1}C${x1} ${y1 + DROP * 0.6} ${x2} ${y2 - DROP * 0.6} ${x2} ${y2}`
    picture.append(shape('path', {d: line, class: 'edge', 'stroke-width': (0.8 + 5 * Math.abs(e.calls) / largest).toFixed(1)},
      shape('title', {}, `${nodes[e.from].name} → ${nodes[e.to].name}: ${valueText(e.calls, data.steps)}`)))
  }
  nodes.forEach((node, i) => {
    const {x, y} = place[i], names = candidates(node.name, null), short = names.find(name => name.length < 27) || names[names.length - 1].slice(0, 25) + '…'
    picture.append(shape('g', {transform: `translate(${x} ${y})`, 'data-name': node.name},
      shape('title', {}, `${node.name}: flat ${valueText(node.flat, data.steps)}, cum ${valueText(node.cum, data.steps)}`),
      shape('rect', {width: NODE_WIDTH, height: NODE_HEIGHT, rx: 5, class: 'node hue' + hashOf(packageOf(node.name)) % 8}),
      shape('text', {x: NODE_WIDTH / 2, y: 19, 'text-anchor': 'middle'}, short),
      shape('text', {x: NODE_WIDTH / 2, y: 36, 'text-anchor': 'middle', class: 'soft'},
        `${valueText(node.flat, data.steps)} of ${valueText(node.cum, data.steps)} (${shareText(node.cum, data.total)})`)))
  })
  return picture
}

/** Moved by a drag or the arrows; scaled by two fingers, by the wheel with ctrl, or by the keys + - 0. At first it can
    be read: its top, where it is wider than the room for it. */
function movable(picture, whole) {
  let x = whole.x, y = whole.y, width = whole.width
  const height = () => width * picture.clientHeight / Math.max(picture.clientWidth, 1)
  const show = () => picture.setAttribute('viewBox', `${x} ${y} ${width} ${height()}`)
  const scale = (factor, u = 0.5, v = 0.5) => {
    x += width * (1 - factor) * u
    y += height() * (1 - factor) * v
    width *= factor
    show()
  }
  const fit = () => {
    const shape = picture.clientWidth / Math.max(picture.clientHeight, 1)
    width = Math.max(whole.width, whole.height * shape)
    x = whole.x + (whole.width - width) / 2
    y = whole.y + (whole.height - height()) / 2
    show()
  }
  const begin = () => {
    fit()
    const area = picture.getBoundingClientRect(), nodes = [...picture.querySelectorAll('[data-name]')].map(node => node.getBoundingClientRect())
    if (width <= area.width || !nodes.length) return
    const first = nodes.reduce((a, b) => b.top < a.top ? b : a)
    x += (first.left + first.width / 2 - area.left) / area.width * width - area.width / 2
    y = whole.y
    width = area.width
    show()
  }
  const keys = {
    '+': () => scale(0.8), '-': () => scale(1.25), '0': fit,
    ArrowLeft: () => x -= width / 10, ArrowRight: () => x += width / 10, ArrowUp: () => y -= height() / 10, ArrowDown: () => y += height() / 10,
  }
  picture.addEventListener('keydown', event => {
    if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    keys[event.key]()
    show()
  })
  const scaleAt = (factor, clientX, clientY) => {
    const area = picture.getBoundingClientRect()
    scale(factor, (clientX - area.left) / area.width, (clientY - area.top) / area.height)
  }
  picture.addEventListener('wheel', event => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    scaleAt(Math.exp(event.deltaY / 300), event.clientX, event.clientY)
  }, {passive: false})
  const down = new Map(), apart = () => {
    const [a, b] = [...down.values()]
    return Math.hypot(a.x - b.x, a.y - b.y)
  }
  picture.addEventListener('pointerdown', event => down.set(event.pointerId, {x: event.clientX, y: event.clientY}))
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) picture.addEventListener(end, event => down.delete(event.pointerId))
  picture.addEventListener('pointermove', event => {
    const at = down.get(event.pointerId)
    if (!at) return
    const before = down.size === 2 && apart(), to = {x: event.clientX, y: event.clientY}
    down.set(event.pointerId, to)
    if (before) return scaleAt(before / Math.max(apart(), 1), to.x, to.y)
    x -= (to.x - at.x) * width / picture.clientWidth
    y -= (to.y - at.y) * width / picture.clientWidth
    show()
  })
  begin()
  return {larger: keys['+'], smaller: keys['-'], fit}
}

/** A click, Enter or a blank on a function selects it, for the menu Refine. */
function selectable(picture, page, said) {
  const nodes = [...picture.querySelectorAll('[data-name]')]
  const toggle = node => {
    const name = node.dataset.name
    page.selection = page.selection.includes(name) ? page.selection.filter(other => other !== name) : [...page.selection, name]
    for (const other of nodes) other.setAttribute('aria-pressed', String(page.selection.includes(other.dataset.name)))
    said.textContent = page.selection.length ? `selected, for the menu Refine: ${page.selection.join(', ')}` : HOW
  }
  for (const node of nodes) {
    for (const [name, value] of [['tabindex', '0'], ['role', 'button'], ['aria-pressed', 'false'], ['aria-label', node.querySelector('title').textContent]])
      node.setAttribute(name, value)
    node.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      toggle(node)
    })
    let from = {x: 0, y: 0}
    node.addEventListener('pointerdown', event => from = {x: event.clientX, y: event.clientY})
    node.addEventListener('click', event => Math.hypot(event.clientX - from.x, event.clientY - from.y) < 5 && toggle(node))
  }
}

const HOW = 'A drag moves it; ctrl and the wheel, two fingers, or + and -, scale it; 0 shows all. A click selects a function.'

export function showGraph(root, data, page) {
  const drawn = data.svg ? pictureOf(data.svg) : null, picture = drawn || drawing(data), said = el('p', {class: 'note', role: 'status'}, HOW)
  if (!picture.querySelector('[data-name]')) return root.append(el('p', {class: 'note'}, 'There is no function to draw.'))
  const buttons = el('div', {class: 'toolbar'})
  root.append(buttons)
  if (!drawn) root.append(el('p', {class: 'note'}, `A plain drawing of the ${MOST_DRAWN} heaviest functions`, data.no_svg ? `, since graphviz draws none here: ${data.no_svg}` : ''))
  root.append(el('div', {class: drawn ? 'graph paper' : 'graph'}, picture), said)
  const box = picture.getBBox(), view = movable(picture, {x: box.x - 10, y: box.y - 10, width: box.width + 20, height: box.height + 20})
  picture.setAttribute('tabindex', '0')
  selectable(picture, page, said)
  for (const [title, then] of Object.entries({Larger: view.larger, Smaller: view.smaller, 'Show all': view.fit}))
    buttons.append(el('button', {type: 'button', onclick: then}, title))
}
