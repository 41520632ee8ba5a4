// The flame graph: callers above what they call, or leaves first; with p=, both sides of a function.
import {el, expression, quoted} from './dom.js'
import {changeText, ratioText, shareText, valueText} from './format.js'
import {state} from './state.js'
import {around, collapsed, filtered, leafUp, matchesOf, matching, treeOfBoxes} from './tree.js'
import {BoxCanvas} from './canvas.js'
import {boxesUnder, isLeafUp} from './data.js'

/** The filters of the address, for a file; a server has applied them already. */
export function ownFilters() {
  if (!state.offline) return {}
  return Object.fromEntries(['f', 'i', 'h', 's', 'sf'].map(name => [name, state.get(name) ? expression(state.get(name)) : null]))
}

export function treeOf(boxes) {
  return filtered(treeOfBoxes(boxes), ownFilters())
}

/**
 * The boxes that are drawn. Leaves first a server turns the tree round, and a file has boxes for that if some were cut;
 * which of those its own filters leave is not known, so then what was cut is one box.
 */
function drawnOf(data, up) {
  const boxes = up && !Object.values(ownFilters()).some(Boolean) && data.boxes_up || data.boxes
  const tree = treeOf(boxes)
  return {boxes, tree: up && state.offline && boxes === data.boxes ? leafUp(tree) : tree}
}

/** What a box says: name, value, share, both sides. */
function describe(tree, i, data) {
  if (i < 0) return ['', '']
  const names = tree.names, name = tree.name[i] < 0 ? 'all' : names.names[tree.name[i]]
  const parts = [`${valueText(tree.total[i], data.steps)} (${shareText(tree.total[i], data.total)})`]
  if (tree.self[i]) parts.push(`self ${valueText(tree.self[i], data.steps)}`)
  if (tree.baseTotal) {
    const base = tree.baseTotal[i], change = tree.total[i] - base
    parts.push(`base ${valueText(base, data.steps)}`, `${changeText(change, data.steps)} ${ratioText(tree.total[i], base)}`.trim())
    if (i && change && tree.sure && !tree.sure[i]) parts.push('may be chance')
  }
  const file = tree.name[i] < 0 ? '' : names.places[names.file[tree.name[i]]]
  return [name + (file ? `  ${file}` : ''), parts.join(' │ ')]
}

// The way to a box, as positions among callees: the same box in the same data, whatever was cut.
function pathOf(tree, box) {
  const steps = []
  for (let i = box; i > 0; i = tree.parent[i]) {
    let before = 0
    for (let other = i - 1; other > tree.parent[i]; other--) if (tree.parent[other] === tree.parent[i]) before++
    steps.unshift(before)
  }
  return steps.join('.')
}

function boxOfPath(tree, path) {
  let box = 0
  for (const step of path ? path.split('.') : []) {
    const row = tree.rows[tree.level[box] + 1] || []
    const below = Array.from(row).filter(i => tree.parent[i] === box)
    if (below[Number(step)] === undefined) return box
    box = below[Number(step)]
  }
  return box
}

export function showFlame(root, data, page) {
  if (!data.boxes) return root.append(el('p', {class: 'note'}, data.note || 'There is no flame graph of this.'))
  const pivot = state.get('p'), up = isLeafUp('flamegraph', state.params()), canvases = []
  const {boxes, tree: whole} = drawnOf(data, up)
  if (whole.n === 1) return root.append(el('p', {class: 'note'}, 'There is nothing to draw: no sample of this profile', [...state.params().keys()].length ? ', as it is filtered,' : '', ' has a stack and a value.'))
  const details = el('div', {class: 'details'}), left = el('span', {class: 'what'}), right = el('span', {class: 'how'})
  details.append(left, right)
  const said = el('p', {class: 'hidden', 'aria-live': 'polite'})
  const search = el('output', {class: 'matching'})
  let current = null // the canvas with the box that was picked

  const tell = (canvas, i) => {
    [left.textContent, right.textContent] = describe(canvas.tree, i, data)
    left.classList.toggle('hint', i < 0)
    if (i < 0) left.textContent = 'Point at a box to read what it is; a click selects it, a double click zooms in.'
  }
  const picked = () => current && current.picked > 0 ? current.tree.names.names[current.tree.name[current.picked]] : ''
  const enter = (canvas, i) => {
    if (canvas === canvases[0] && !pivot) state.go({z: pathOf(canvas.tree, i)})
    else canvas.zoomTo(i)
  }

  const actions = el('div', {class: 'actions', role: 'group', 'aria-label': 'The selected function'},
    .../** @type {[string, () => void][]} */ ([
      ['Zoom in', () => current && enter(current, current.picked)],
      ['Callers and callees', () => state.go({p: `^${quoted(picked())}$`, z: '', q: ''})],
      ['Focus', () => page.refine('f', [picked()])],
      ['Ignore', () => page.refine('i', [picked()])],
      ['Hide', () => page.refine('h', [picked()])],
      ['Show from', () => page.refine('sf', [picked()])],
      ['Peek', () => state.go({peek: `^${quoted(picked())}$`}, 'peek')],
      (!state.offline || data.tables.list) && ['Source', () => state.go({f: `^${quoted(picked())}$`}, 'source')],
      !state.offline && ['Hide its binary', () => page.refine('h', [binaryOf(current)])],
    ].filter(Boolean)).map(([title, then]) => el('button', {type: 'button', disabled: true, onclick: then}, title)))
  const binaryOf = canvas => {
    const names = canvas.tree.names
    return names.places[names.mapping[canvas.tree.name[canvas.picked]]] || picked()
  }

  const add = (title, tree, up) => {
    const element = el('canvas', {
      tabindex: 0, role: 'application', 'aria-roledescription': 'flame graph',
      'aria-label': `${title}. Arrow keys go to callers and callees, Enter zooms in, Escape zooms out.`,
    })
    const filler = el('div', {class: 'filler'})
    const scroller = el('div', {class: 'scroller'}, element, filler)
    const canvas = new BoxCanvas(element, {
      up,
      onPick(i) {
        for (const other of canvases) if (other !== canvas) other.pick_quietly(-1)
        current = canvas
        for (const button of actions.children) button.disabled = i <= 0
        tell(canvas, i)
        page.selection = i > 0 ? [picked()] : []
        said.textContent = `${left.textContent}, ${right.textContent}`
        const y = canvas.yOf(canvas.tree.level[i])
        if (y < 0 || y + canvas.row > scroller.clientHeight) scroller.scrollTop += y - scroller.clientHeight / 2
      },
      onEnter: i => enter(canvas, i),
      onHover(i) {
        tell(canvas, i >= 0 ? i : canvas.picked)
        element.title = i > 0 ? `${left.textContent}\n${right.textContent}` : ''
      },
      onMove: () => overview.draw(canvas),
    })
    scroller.addEventListener('scroll', () => {
      canvas.top = scroller.scrollTop
      canvas.draw()
    })
    element.addEventListener('keydown', event => onKey(canvas, event))
    canvas.scroller = scroller
    canvas.filler = filler
    canvases.push(canvas)
    canvas.show(tree, mode(), state.get('abs') === 't')
    return scroller
  }

  const onKey = (canvas, event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const key = event.key
    if (canvas.move(key)) event.preventDefault()
    else if (key === 'Enter' && canvas.picked >= 0) enter(canvas, canvas.picked)
    else if (key === 'Escape') state.go({z: '', p: '', q: ''})
    else if (key === '+') canvas.zoomBy(0.5)
    else if (key === '-') canvas.zoomBy(2)
    else if (key === 's' && picked()) state.go({p: `^${quoted(picked())}$`, z: ''})
  }

  const mode = () => state.get('color') || (whole.baseTotal ? 'change' : 'package')
  const overview = makeOverview(() => canvases[0])

  // ---- what stands around ----

  const colors = [['package', 'package'], ['binary', 'binary'], ['root', 'outermost call (or label)']]
  if (whole.baseTotal) colors.unshift(['change', 'change against the base'])
  const toolbar = el('div', {class: 'toolbar'},
    el('label', {}, 'Colour by ', el('select', {onchange: event => state.go({color: event.target.value})},
      ...colors.map(([value, title]) => el('option', {value, selected: mode() === value}, title)))),
    whole.baseTotal && mode() === 'change' && toggle('absolute change', 'abs'),
    !pivot && toggle('leaves first', 'up'), toggle('one box for wrappers', 'wrap'),
    (state.get('z') || pivot) && el('button', {type: 'button', onclick: () => state.go({z: '', p: ''})}, 'Show all'),
    search)
  const note = el('p', {class: 'note'})
  root.append(toolbar, note)

  const prepare = tree => state.get('wrap') === 't' ? collapsed(tree) : tree
  const frame = el('div', {class: 'flames'})
  root.append(frame, details, actions, said)
  const sides = pivot && expression(pivot)
  if (pivot) {
    if (!sides) return frame.replaceWith(el('p', {class: 'note'}, `Not an expression: ${pivot}`))
    const {callers, callees} = around(whole, matchesOf(whole.names, sides))
    if (callees.n === 1) frame.append(el('p', {class: 'note'}, `No function matches ${pivot}.`))
    frame.append(el('h2', {}, 'Callers'), add('Callers', prepare(callers), true),
      el('h2', {}, `${pivot.replace(/^\^|\$$/g, '').replace(/\\(.)/g, '$1')} and what it calls`), add('Callees', prepare(callees), false))
  } else {
    const tree = prepare(whole)
    frame.append(overview.element, add(up ? 'Flame graph, leaves first' : 'Flame graph', tree, false))
    const zoomed = boxOfPath(tree, state.get('z'))
    if (zoomed) {
      canvases[0].zoomTo(zoomed)
      canvases[0].picked = zoomed
      if (tree === whole) showBelow(canvases[0], zoomed)
    }
  }

  // What was cut below the box that fills the view is fetched.
  async function showBelow(canvas, box) {
    const cut = !state.offline && boxes.cut.find(([position]) => position === box - 1)
    const more = cut && await boxesUnder(cut[1], whole.level[box])
    if (!more || !canvas.canvas.isConnected) return
    const tree = treeOf(more.boxes), [same] = tree.rows[whole.level[box]]
    canvas.show(tree, mode(), state.get('abs') === 't')
    canvas.zoomTo(same)
    canvas.picked = same
    find()
    resize()
  }

  const find = () => {
    const text = state.get('q'), regex = text ? expression(text) : null
    for (const canvas of canvases) {
      canvas.matches = regex ? matchesOf(canvas.tree.names, regex) : null
      canvas.draw()
    }
    const sum = regex ? matching(whole, matchesOf(whole.names, regex)) : 0
    search.textContent = regex ? `matches ${valueText(sum, data.steps)} (${shareText(sum, data.total)})` : ''
  }
  find()
  note.textContent = notes(data, boxes, whole, canvases[0].tree, mode() === 'change')
  const resize = () => {
    const room = Math.max(innerHeight - frame.getBoundingClientRect().top - scrollY - 120, 240)
    for (const canvas of canvases) {
      const most = pivot ? room / 2 - 40 : room
      canvas.scroller.style.height = Math.min(canvas.height + 2, most) + 'px'
      canvas.canvas.style.height = canvas.scroller.clientHeight + 'px'
      canvas.filler.style.height = Math.max(canvas.height - canvas.scroller.clientHeight, 0) + 'px'
      if (canvas.options.up) canvas.scroller.scrollTop = canvas.height
      canvas.top = canvas.scroller.scrollTop
      canvas.draw()
    }
    overview.draw(canvases[0])
  }
  resize()
  tell(canvases[0], canvases[0].picked)
  const dark = matchMedia('(prefers-color-scheme: dark)'), recolor = () => canvases.forEach(canvas => canvas.recolor())
  addEventListener('resize', resize)
  dark.addEventListener('change', recolor)
  page.onLeave(() => {
    removeEventListener('resize', resize)
    dark.removeEventListener('change', recolor)
  })
  page.onSearch = find
  page.boxes = () => canvases.map(canvas => canvas.tree)
}

function toggle(title, param) {
  const on = state.get(param) === 't'
  return el('label', {}, el('input', {type: 'checkbox', checked: on, onchange: () => state.go({[param]: on ? '' : 't', z: ''})}), ' ', title)
}

/** What the colours of a change say. */
function changeNote(boxes, tree) {
  if (tree.sure) return 'orange: more, blue: less, grey: the same, or a change that may be chance'
  return 'orange: more, blue: less' + (boxes.sure ? '; whether that may be chance is told where no filter, order or side changes the boxes' : '')
}

/** What is not shown is said: of the whole, of the tree that is drawn. */
function notes(data, boxes, whole, tree, isChange) {
  const texts = []
  if (boxes.lightest !== null)
    texts.push(`the heaviest ${boxes.name.length} calls are drawn, down to ${valueText(boxes.lightest, data.steps)}` +
      (data.budget ? `: what fits into ${Math.round(data.budget / (1 << 20))} MB` : ''))
  if (whole.baseTotal) texts.push('boxes are as wide as base and new together')
  if (whole.baseTotal && isChange) texts.push(changeNote(boxes, tree))
  return texts.join('; ')
}

function drawWhole(canvas, to) {
  const tree = canvas.tree, c = to.getContext('2d'), row = Math.max(to.height / tree.rows.length, 1)
  for (let level = 0; level * row < to.height && level < tree.rows.length; level++)
    for (const i of tree.rows[level]) {
      if (tree.width[i] * to.width < 1) continue
      c.fillStyle = i ? canvas.colorOf(i) : canvas.colors.same
      c.fillRect(tree.x[i] * to.width, level * row, tree.width[i] * to.width, Math.max(row - 0.3, 1))
    }
}

/** The whole in small, with what is seen of it marked; a click or a drag moves there. */
function makeOverview(canvasOf) {
  const element = el('canvas', {class: 'overview', role: 'img', 'aria-label': 'Overview: the part that is shown is marked'})
  const whole = document.createElement('canvas') // drawn once; the mark moves over it
  let drawn = -1
  const move = event => {
    const canvas = canvasOf(), size = canvas.to - canvas.from
    const middle = event.offsetX / element.clientWidth
    canvas.zoom(middle - size / 2, middle + size / 2)
  }
  element.addEventListener('pointerdown', event => {
    element.setPointerCapture(event.pointerId)
    move(event)
  })
  element.addEventListener('pointermove', event => event.buttons & 1 && move(event))
  return {
    element,
    draw(canvas) {
      if (!canvas || !canvas.tree || !canvas.colorOf) return
      element.hidden = canvas.to - canvas.from >= 1
      if (element.hidden) return
      const width = element.clientWidth || 300, height = 40, c = element.getContext('2d')
      if (drawn !== canvas.version || element.width !== width) {
        whole.width = element.width = width
        whole.height = element.height = height
        drawWhole(canvas, whole)
        drawn = canvas.version
      }
      c.clearRect(0, 0, width, height)
      c.drawImage(whole, 0, 0)
      c.strokeStyle = canvas.colors.pick
      c.lineWidth = 2
      c.strokeRect(canvas.from * width + 1, 1, Math.max((canvas.to - canvas.from) * width - 2, 2), height - 2)
    },
  }
}
