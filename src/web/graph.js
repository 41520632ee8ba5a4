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
  'x', 'y', 'cx', 'cy', 'rx', 'ry', 'text-anchor', 'font-size', 'font-family', 'class'])

function clean(from) {
  if (!tags.has(from.localName)) return [...from.children].flatMap(clean)
  const to = shape(from.localName, {})
  for (const a of from.attributes) if (attributes.has(a.name)) to.setAttribute(a.name, a.value)
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) to.append(child.textContent || '')
    else if (child.nodeType === Node.ELEMENT_NODE) to.append(...clean(/** @type {Element} */ (child)))
  }
  return [to]
}

/** Graphviz sized it in points for its whole; shapes of the viewer are not needed. */
function pictureOf(text) {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml')
  const source = parsed.querySelector('svg'), graph = parsed.querySelector('g.graph')
  if (!source || !graph) return null
  const picture = shape('svg', {role: 'img', 'aria-label': 'Call graph'}, ...clean(graph))
  return picture
}

function drawing(data) {
  const nodes = neighboursOfTable(data.tables.tree).slice(0, MOST_DRAWN), ids = new Map(nodes.map((node, i) => [node.name, i]))
  const edges = nodes.flatMap((node, from) => node.callees.filter(e => ids.has(e.name)).map(e => ({from, to: ids.get(e.name), calls: e.calls})))
  const rows = arrange(nodes.length, edges.map(e => [e.from, e.to]))
  const widest = Math.max(...rows.map(row => row.length), 1), place = []
  rows.forEach((row, level) => row.forEach((node, i) => place[node] = {
    x: (i + (widest - row.length) / 2) * (NODE_WIDTH + GAP), y: level * (NODE_HEIGHT + DROP),
  }))
  const picture = shape('svg', {role: 'img', 'aria-label': 'Call graph'}), largest = Math.max(...edges.map(e => Math.abs(e.calls)), 1)
  for (const e of edges) {
    const a = place[e.from], b = place[e.to], x1 = a.x + NODE_WIDTH / 2, y1 = a.y + NODE_HEIGHT, x2 = b.x + NODE_WIDTH / 2, y2 = b.y
    const line = e.from === e.to ? `M${a.x + NODE_WIDTH} ${a.y + 12}c24 0 24 22 0 22` : `M${x1} ${y1}C${x1} ${y1 + DROP * 0.6} ${x2} ${y2 - DROP * 0.6} ${x2} ${y2}`
    picture.append(shape('path', {d: line, class: 'edge', 'stroke-width': (0.8 + 5 * Math.abs(e.calls) / largest).toFixed(1)},
      shape('title', {}, `${nodes[e.from].name} → ${nodes[e.to].name}: ${valueText(e.calls, data.steps)}`)))
  }
  nodes.forEach((node, i) => {
    const {x, y} = place[i], names = candidates(node.name, null), short = names.find(name => name.length < 27) || names[names.length - 1].slice(0, 25) + '…'
    picture.append(shape('g', {transform: `translate(${x} ${y})`},
      shape('title', {}, `${node.name}: flat ${valueText(node.flat, data.steps)}, cum ${valueText(node.cum, data.steps)}`),
      shape('rect', {width: NODE_WIDTH, height: NODE_HEIGHT, rx: 5, class: 'node hue' + hashOf(packageOf(node.name)) % 8}),
      shape('text', {x: NODE_WIDTH / 2, y: 19, 'text-anchor': 'middle'}, short),
      shape('text', {x: NODE_WIDTH / 2, y: 36, 'text-anchor': 'middle', class: 'soft'},
        `${valueText(node.flat, data.steps)} of ${valueText(node.cum, data.steps)} (${shareText(node.cum, data.total)})`)))
  })
  return picture
}

/** Fits, then is moved by a drag and scaled by the wheel with ctrl, or by the keys + - 0 and the arrows. */
function movable(picture, box) {
  let {x, y, width, height} = box
  const whole = {...box}
  const show = () => picture.setAttribute('viewBox', `${x} ${y} ${width} ${height}`)
  const scale = (factor, u = 0.5, v = 0.5) => {
    x += width * (1 - factor) * u
    y += height * (1 - factor) * v
    width *= factor
    height *= factor
    show()
  }
  const keys = {
    '+': () => scale(0.8), '-': () => scale(1.25), '0': () => ({x, y, width, height} = whole),
    ArrowLeft: () => x -= width / 10, ArrowRight: () => x += width / 10, ArrowUp: () => y -= height / 10, ArrowDown: () => y += height / 10,
  }
  picture.setAttribute('tabindex', '0')
  picture.addEventListener('keydown', event => {
    if (!keys[event.key]) return
    event.preventDefault()
    keys[event.key]()
    show()
  })
  picture.addEventListener('wheel', event => {
    if (!event.ctrlKey) return
    event.preventDefault()
    const area = picture.getBoundingClientRect()
    scale(event.deltaY > 0 ? 1.1 : 1 / 1.1, (event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height)
  }, {passive: false})
  picture.addEventListener('pointermove', event => {
    if (!(event.buttons & 1)) return
    x -= event.movementX * width / picture.clientWidth
    y -= event.movementY * width / picture.clientWidth
    show()
  })
  show()
}

export function showGraph(root, data) {
  const drawn = data.svg ? pictureOf(data.svg) : null, picture = drawn || drawing(data)
  if (!drawn) root.append(el('p', {class: 'note'}, data.no_svg ? `${data.no_svg}. ` : '', `A plain drawing of the ${MOST_DRAWN} heaviest functions.`))
  root.append(el('div', {class: drawn ? 'graph paper' : 'graph'}, picture),
    el('p', {class: 'note'}, 'A drag moves it; ctrl and the wheel, or + and -, scale it; 0 shows all.'))
  const box = picture.getBBox()
  movable(picture, {x: box.x - 10, y: box.y - 10, width: box.width + 20, height: box.height + 20})
}
