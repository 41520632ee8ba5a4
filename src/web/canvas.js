// Boxes on a canvas: only those that can be seen are looked at, so the frame's cost follows its pixels.
import {candidates, hashOf, packageOf} from './names.js'

const LEAST_TEXT = 24, MARGIN = 4

/** Colours that the style sheet has for light and dark. */
function palette() {
  const style = getComputedStyle(document.documentElement), get = name => style.getPropertyValue(name).trim()
  return {
    text: get('--box-text'), line: get('--box-line'), mark: get('--mark'), mark_text: get('--mark-text'),
    paper: get('--paper'), pick: get('--pick'), rest: get('--box-rest'), same: get('--box-same'),
    light: get('--box-light'), rich: get('--box-rich'), change: get('--change-light'),
  }
}

/** By name or box: a hue. */
function hueColors(tree, keyOf, colors) {
  const known = new Map()
  return i => {
    const key = keyOf(i)
    let color = known.get(key)
    if (!color) known.set(key, color = `hsl(${hashOf(key) % 360} ${colors.rich} ${colors.light})`)
    return color
  }
}

/** Blue: less; orange: more; the stronger, the larger the change. Told apart by the colour-blind. Grey: the same,
    or what may be chance. */
function changeColors(tree, absolute, colors) {
  const whole = Math.max(Math.abs(tree.total[0]), Math.abs(tree.baseTotal ? tree.baseTotal[0] : 0)) || 1
  let largest = 0
  const changeOf = i => tree.total[i] - (tree.baseTotal ? tree.baseTotal[i] : 0)
  for (let i = 1; i < tree.n; i++) largest = Math.max(largest, Math.abs(changeOf(i)))
  return i => {
    const change = changeOf(i)
    if (!change || (tree.sure && !tree.sure[i])) return colors.same
    const of = absolute ? largest : Math.max(Math.abs(tree.total[i]), Math.abs(tree.baseTotal[i]))
    if (Math.abs(change) < whole * 1e-4) return colors.same
    const strength = Math.round(Math.sqrt(Math.abs(change) / (of || 1)) * 8) / 8
    return `hsl(${change > 0 ? 28 : 212} ${Math.round(15 + 75 * strength)}% ${colors.change})`
  }
}

/** A box keeps its colour, in the form that is read fastest: making it takes longer than drawing the box. */
function remembered(colorOf, n, context) {
  const colors = new Array(n).fill('')
  return i => {
    if (colors[i]) return colors[i]
    context.fillStyle = colorOf(i)
    return colors[i] = context.fillStyle
  }
}

function colorsOf(tree, mode, absolute, colors) {
  if (mode === 'change' && tree.baseTotal) return changeColors(tree, absolute, colors)
  if (mode === 'binary') return hueColors(tree, i => tree.names.places[tree.names.mapping[tree.name[i]]] || '', colors)
  if (mode === 'root') {
    const root = new Int32Array(tree.n)
    for (let i = 1; i < tree.n; i++) root[i] = tree.level[i] === 1 ? tree.name[i] : root[tree.parent[i]]
    return hueColors(tree, i => tree.names.names[root[i]] || '', colors)
  }
  const packages = tree.names.names.map(packageOf)
  return hueColors(tree, i => packages[tree.name[i]], colors)
}

export class BoxCanvas {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{up?: boolean, onPick: (box: number) => void, onEnter: (box: number) => void,
   *   onHover: (box: number) => void, onMove: () => void}} options `up`: the root is at the bottom
   */
  constructor(canvas, options) {
    this.canvas = canvas
    this.options = options
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    const large = matchMedia('(min-width: 2400px)').matches
    this.font = `${large ? 15 : 12}px system-ui, sans-serif`
    this.row = matchMedia('(pointer: coarse)').matches ? 26 : large ? 25 : 20
    this.from = 0
    this.to = 1
    this.top = 0
    this.picked = this.hovered = -1
    this.matches = null
    this.pending = false
    this.version = 0 // rises when other boxes or colours are drawn
    this.fill = ''
    this.scroller = this.filler = /** @type {HTMLElement|null} */ (null) // what it is scrolled by
    this.texts = new Map()
    this.letters = new Map()
    this.forms = new Map()
    this.texted = /** @type {number[]} */ ([]) // of the row that is drawn
    this.listen()
  }

  show(tree, mode, absolute) {
    this.tree = tree
    this.mode = mode
    this.absolute = absolute
    this.picked = this.hovered = -1
    this.texts.clear()
    this.forms.clear()
    this.recolor()
  }

  recolor() {
    if (!this.tree) return
    this.colors = palette()
    this.colorOf = remembered(colorsOf(this.tree, this.mode, this.absolute, this.colors), this.tree.n, this.context)
    this.version++
    this.draw()
  }

  get height() {
    return this.tree ? this.tree.rows.length * this.row : 0
  }

  /** Soon, once. */
  draw() {
    if (this.pending) return
    this.pending = true
    requestAnimationFrame(() => {
      this.pending = false
      this.drawNow()
    })
  }

  fit() {
    const ratio = devicePixelRatio || 1, canvas = this.canvas
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio)
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    return [canvas.clientWidth, canvas.clientHeight]
  }

  yOf(level) {
    return this.options.up ? this.height - (level + 1) * this.row - this.top : level * this.row - this.top
  }

  drawNow() {
    if (!this.tree) return
    const [width, height] = this.fit(), c = this.context
    c.clearRect(0, 0, width, height)
    this.fill = ''
    c.font = this.font
    c.textBaseline = 'middle'
    for (let level = 0; level < this.tree.rows.length; level++) {
      const y = this.yOf(level)
      if (y < height && y + this.row > 0) this.drawRow(level, y, width)
    }
  }

  // The first box of a row that ends beyond x.
  search(row, x, low = 0) {
    let high = row.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.tree.x[row[middle]] + this.tree.width[row[middle]] > x) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Boxes, then what stands in them: so the colour changes less often, which takes longer than a box. */
  drawRow(level, y, width) {
    const tree = this.tree, row = tree.rows[level], scale = width / (this.to - this.from)
    let n = 0, run = -1, end = -1 // from where to where boxes narrower than a pixel were seen
    for (let at = this.search(row, this.from); at < row.length;) {
      const i = row[at], x = (tree.x[i] - this.from) * scale, w = tree.width[i] * scale
      if (x >= width) break
      if (w >= 1) {
        const left = Math.max(x, -1), shown = Math.min(x + w, width + 1) - left
        this.drawBox(i, left, y, shown)
        if (shown >= LEAST_TEXT) this.texted[n++] = at
        at++
        continue
      }
      if (x > end + 1) {
        this.drawRest(run, end, y)
        run = x
      }
      end = x + 1
      at = Math.max(at + 1, this.search(row, this.from + end / scale, at))
    }
    this.drawRest(run, end, y)
    for (let k = 0; k < n; k++) this.drawText(row[this.texted[k]], y, width, scale)
  }

  /** Boxes that are narrower than a pixel, side by side: one. */
  drawRest(from, to, y) {
    if (to <= from) return
    this.fillWith(this.colors.rest)
    this.context.fillRect(from, y, to - from, this.row - 1)
  }

  /** A colour is read by the browser only when it is another. */
  fillWith(color) {
    if (color !== this.fill) this.context.fillStyle = this.fill = color
  }

  drawBox(i, x, y, w) {
    const c = this.context, tree = this.tree, colors = this.colors
    const name = tree.name[i], matched = this.matches && name >= 0 && this.matches[name]
    const faint = this.matches && !matched && i
    if (faint) c.globalAlpha = 0.35
    this.fillWith(matched ? colors.mark : i ? this.colorOf(i) : colors.same)
    c.fillRect(x, y, Math.max(w - 1, 0.5), this.row - 1)
    if (faint) c.globalAlpha = 1
    const hovers = this.hovered > 0 && tree.name[this.hovered] === name
    if (i === this.picked || hovers) {
      c.strokeStyle = colors.pick
      c.lineWidth = i === this.picked ? 2 : 1
      c.strokeRect(x + 1, y + 1, Math.max(w - 3, 0.5), this.row - 3)
    }
  }

  drawText(i, y, width, scale) {
    const tree = this.tree, name = tree.name[i], x = Math.max((tree.x[i] - this.from) * scale, -1)
    const text = this.textFor(name, Math.min((tree.x[i] + tree.width[i] - this.from) * scale, width + 1) - x - 2 * MARGIN)
    if (!text) return
    this.fillWith(this.matches && name >= 0 && this.matches[name] ? this.colors.mark_text : this.colors.text)
    this.context.fillText(text, x + MARGIN, y + this.row / 2)
  }

  letterWidth(letter) {
    let width = this.letters.get(letter)
    if (width === undefined) this.letters.set(letter, width = this.context.measureText(letter).width)
    return width
  }

  /** The sum of its letters: asking for each text would take longer than drawing it. */
  widthOf(text) {
    let width = this.texts.get(text)
    if (width !== undefined) return width
    width = 0
    for (const letter of text) width += this.letterWidth(letter)
    this.texts.set(text, width)
    return width
  }

  /** As much of it as fits; nothing where that is a letter or two. */
  cutText(text, room) {
    let width = this.letterWidth('…'), n = 0
    for (; n < text.length; n++) {
      width += this.letterWidth(text[n])
      if (width > room) break
    }
    return n >= 2 ? text.slice(0, n) + '…' : ''
  }

  formsOf(name) {
    const names = this.tree.names
    let forms = this.forms.get(name)
    if (!forms) this.forms.set(name, forms = name < 0 ? ['all'] : candidates(names.names[name], names.short[name]))
    return forms
  }

  /** The longest form of the name that fits; cut off where none does. */
  textFor(name, room) {
    const forms = this.formsOf(name)
    for (const form of forms) {
      if (form.length < 300 && this.widthOf(form) <= room) return form
    }
    return this.cutText(forms[forms.length - 1], room)
  }

  // ---- where one points ----

  boxAt(event) {
    const area = this.canvas.getBoundingClientRect(), y = event.clientY - area.top
    const level = Math.floor((this.options.up ? this.height - this.top - y : y + this.top) / this.row)
    const row = this.tree && this.tree.rows[level]
    if (!row) return -1
    const x = this.from + (event.clientX - area.left) / area.width * (this.to - this.from)
    const i = row[this.search(row, x)]
    return i !== undefined && this.tree.x[i] <= x ? i : -1
  }

  zoom(from, to) {
    const least = 1e-9, size = Math.min(Math.max(to - from, least), 1)
    this.from = Math.min(Math.max(from, 0), 1 - size)
    this.to = this.from + size
    this.draw()
    this.options.onMove()
  }

  zoomTo(i) {
    this.zoom(this.tree.x[i], this.tree.x[i] + Math.max(this.tree.width[i], 1e-9))
  }

  zoomBy(factor, at = 0.5) {
    const size = this.to - this.from, middle = this.from + size * at
    this.zoom(middle - size * factor * at, middle + size * factor * (1 - at))
  }

  pick(i) {
    this.picked = i
    this.draw()
    this.options.onPick(i)
  }

  /** What another canvas did. */
  pick_quietly(i) {
    this.picked = i
    this.draw()
  }

  hover(i) {
    if (i === this.hovered) return
    this.hovered = i
    this.draw()
    this.options.onHover(i)
  }

  listen() {
    const canvas = this.canvas
    let down = null
    canvas.addEventListener('pointerdown', event => {
      if (event.button) return
      down = {x: event.clientX, from: this.from, moved: false, id: event.pointerId}
    })
    canvas.addEventListener('pointermove', event => {
      if (!down) return this.hover(this.boxAt(event))
      const moved = event.clientX - down.x
      if (Math.abs(moved) > 4 && !down.moved) {
        down.moved = true
        canvas.setPointerCapture(down.id)
      }
      if (down.moved && this.to - this.from < 1) {
        const size = this.to - this.from, from = down.from - moved / canvas.clientWidth * size
        this.zoom(from, from + size)
      }
    })
    canvas.addEventListener('pointerup', event => {
      const clicked = down && !down.moved
      down = null
      if (!clicked) return
      const i = this.boxAt(event)
      if (i >= 0) this.pick(i)
    })
    canvas.addEventListener('pointercancel', () => down = null)
    canvas.addEventListener('pointerleave', () => this.hover(-1))
    canvas.addEventListener('dblclick', event => {
      const i = this.boxAt(event)
      if (i >= 0) this.options.onEnter(i)
    })
    canvas.addEventListener('wheel', event => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      this.zoomBy(Math.exp(event.deltaY / 200), event.offsetX / canvas.clientWidth)
    }, {passive: false})
  }

  /** Arrow keys go to the caller, the callees, and what stands beside. Returns whether it was one. */
  move(key) {
    const tree = this.tree, i = Math.max(this.picked, 0)
    const down = this.options.up ? 'ArrowUp' : 'ArrowDown', up = this.options.up ? 'ArrowDown' : 'ArrowUp'
    let to = -1
    if (key === up) to = tree.parent[i]
    else if (key === down) {
      const row = tree.rows[tree.level[i] + 1] || [], first = row[this.search(row, tree.x[i])]
      if (first !== undefined && tree.parent[first] === i) to = first
    } else if (key === 'ArrowRight' || key === 'ArrowLeft') {
      const row = tree.rows[tree.level[i]], at = row.indexOf(i) + (key === 'ArrowRight' ? 1 : -1)
      if (row[at] !== undefined) to = row[at]
    } else return false
    if (to >= 0) {
      this.pick(to)
      const end = tree.x[to] + tree.width[to]
      if (end <= this.from || tree.x[to] >= this.to) this.zoomTo(to)
    }
    return true
  }
}
