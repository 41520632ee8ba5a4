// Boxes: a call tree as flat arrays, depth first; box 0 is the whole. From the boxes that the server cut,
// other trees are made here by adding up: filtered, leaf-up, callers and callees of a function.

/**
 * @typedef {object} Names
 * @property {string[]} names
 * @property {(string|null)[]} short
 * @property {string[]} places
 * @property {number[]} file
 * @property {number[]} mapping
 *
 * @typedef {object} Tree
 * @property {number} n
 * @property {Names} names
 * @property {Int32Array} name of a box; -1: the whole
 * @property {Int32Array} parent
 * @property {Int32Array} level the whole has 0
 * @property {Float64Array} total
 * @property {Float64Array} self
 * @property {Float64Array} rest what lies below the cut
 * @property {Float64Array|null} baseTotal
 * @property {Float64Array|null} baseSelf
 * @property {Uint8Array|null} sure by box: 1 where the change is no chance; null: not known
 * @property {Float64Array} x from 0 to 1
 * @property {Float64Array} width
 * @property {Int32Array[]} rows the boxes of each level, from the left
 */

function makeTree(names, n, hasBase) {
  return {
    n, names,
    name: new Int32Array(n), parent: new Int32Array(n), level: new Int32Array(n),
    total: new Float64Array(n), self: new Float64Array(n), rest: new Float64Array(n),
    baseTotal: hasBase ? new Float64Array(n) : null, baseSelf: hasBase ? new Float64Array(n) : null,
    sure: null, x: new Float64Array(n), width: new Float64Array(n), rows: [],
  }
}

// Where boxes stand: as wide as both sides together, so that nothing of either is lost.
function layOut(tree) {
  const weight = new Float64Array(tree.n), inside = new Float64Array(tree.n)
  for (let i = tree.n - 1; i >= 0; i--) {
    weight[i] = Math.abs(tree.total[i]) + (tree.baseTotal ? Math.abs(tree.baseTotal[i]) : 0)
    weight[i] = Math.max(weight[i], inside[i])
    if (i) inside[tree.parent[i]] += weight[i]
  }
  const scale = weight[0] ? 1 / weight[0] : 0, next = new Float64Array(tree.n)
  const counts = []
  for (let i = 0; i < tree.n; i++) {
    const parent = tree.parent[i]
    tree.x[i] = i ? next[parent] : 0
    tree.width[i] = weight[i] * scale
    next[i] = tree.x[i]
    if (i) next[parent] += tree.width[i]
    counts[tree.level[i]] = (counts[tree.level[i]] || 0) + 1
  }
  tree.rows = counts.map(count => new Int32Array(count))
  const filled = counts.map(() => 0)
  for (let i = 0; i < tree.n; i++) tree.rows[tree.level[i]][filled[tree.level[i]]++] = i
  return tree
}

/** Values of several runs come as sums; what is shown of a side is the mean of its runs. */
function divide(tree, [baseRuns, runs]) {
  for (const values of [tree.total, tree.self, tree.rest]) values.forEach((value, i) => values[i] = value / runs)
  for (const values of [tree.baseTotal, tree.baseSelf]) values.forEach((value, i) => values[i] = value / baseRuns)
}

/** @returns {Tree} */
export function treeOfBoxes(boxes) {
  const n = boxes.name.length + 1, hasBase = Boolean(boxes.base_root)
  const tree = makeTree(boxes, n, hasBase), path = [0]
  tree.name[0] = tree.parent[0] = -1
  for (let i = 1; i < n; i++) {
    const level = boxes.level[i - 1] + 1
    tree.name[i] = boxes.name[i - 1]
    tree.level[i] = level
    tree.parent[i] = path[level - 1]
    path[level] = i
    tree.total[i] = tree.self[i] = boxes.self[i - 1] * boxes.scale
    if (tree.baseTotal && tree.baseSelf) tree.baseTotal[i] = tree.baseSelf[i] = boxes.base_self[i - 1] * boxes.scale
  }
  for (const [at, , rest, baseRest] of boxes.cut) {
    tree.total[at + 1] += rest * boxes.scale
    if (tree.baseTotal) tree.baseTotal[at + 1] += baseRest * boxes.scale
  }
  for (let i = n - 1; i > 0; i--) {
    tree.total[tree.parent[i]] += tree.total[i]
    if (tree.baseTotal) tree.baseTotal[tree.parent[i]] += tree.baseTotal[i]
  }
  tree.total[0] = boxes.root[0]
  tree.self[0] = boxes.root[1]
  if (tree.baseTotal) tree.baseTotal[0] = boxes.base_root[0]
  if (tree.baseSelf) tree.baseSelf[0] = boxes.base_root[1]
  if (boxes.sure) {
    tree.sure = new Uint8Array(n)
    for (const at of boxes.sure) tree.sure[at + 1] = 1
  }
  for (let i = 0; i < n; i++) tree.rest[i] += tree.total[i] - tree.self[i]
  for (let i = 1; i < n; i++) tree.rest[tree.parent[i]] -= tree.total[i]
  if (boxes.runs) divide(tree, boxes.runs)
  return layOut(tree)
}

/** Adds paths up. Amounts: own, own of the base, below the cut. */
class Builder {
  constructor(names, hasBase) {
    this.names = names
    this.hasBase = hasBase
    this.name = [-1]
    this.parent = [-1]
    this.self = [0]
    this.base = [0]
    this.rest = [0]
    this.ids = new Map()
    this.stride = names.names.length + 1
  }

  add(path, length, self, base, rest) {
    let node = 0
    for (let i = 0; i < length; i++) {
      const key = node * this.stride + path[i]
      let child = this.ids.get(key)
      if (child === undefined) {
        child = this.name.length
        this.ids.set(key, child)
        this.name.push(path[i])
        this.parent.push(node)
        this.self.push(0)
        this.base.push(0)
        this.rest.push(0)
      }
      node = child
    }
    this.self[node] += self
    this.base[node] += base
    this.rest[node] += rest
  }

  /** The heaviest callees first. @returns {Tree} */
  finish() {
    const n = this.name.length, total = new Float64Array(n), base = new Float64Array(n)
    for (let i = n - 1; i >= 0; i--) {
      total[i] += this.self[i] + this.rest[i]
      base[i] += this.base[i]
      if (!i) continue
      total[this.parent[i]] += total[i]
      base[this.parent[i]] += base[i]
    }
    const children = Array.from({length: n}, () => /** @type {number[]} */ ([]))
    for (let i = 1; i < n; i++) children[this.parent[i]].push(i)
    const weight = i => Math.abs(total[i]) + Math.abs(base[i])
    const tree = makeTree(this.names, n, this.hasBase), stack = [[0, -1, 0]]
    for (let at = 0; stack.length; at++) {
      const [i, parent, level] = /** @type {number[]} */ (stack.pop())
      tree.name[at] = this.name[i]
      tree.parent[at] = parent
      tree.level[at] = level
      tree.total[at] = total[i]
      tree.self[at] = this.self[i]
      tree.rest[at] = this.rest[i]
      if (tree.baseTotal) tree.baseTotal[at] = base[i]
      if (tree.baseSelf) tree.baseSelf[at] = this.base[i]
      const below = children[i].sort((a, b) => weight(a) - weight(b) || this.name[b] - this.name[a])
      for (const child of below) stack.push([child, at, level + 1])
    }
    return layOut(tree)
  }
}

// Each box with the names on its way from the root.
function eachPath(tree, see) {
  const path = []
  for (let i = 0; i < tree.n; i++) {
    const level = tree.level[i]
    if (i) path[level - 1] = tree.name[i]
    see(i, path, level)
  }
}

/** By name: whether its function or its file matches. */
export function matchesOf(names, regex) {
  const matches = new Uint8Array(names.names.length)
  if (!regex) return matches
  for (let i = 0; i < matches.length; i++)
    matches[i] = regex.test(names.names[i]) || regex.test(names.places[names.file[i]] || '') ? 1 : 0
  return matches
}

/**
 * The filters of pprof, on boxes.
 * @param {Tree} tree
 * @param {{f?: RegExp|null, i?: RegExp|null, h?: RegExp|null, s?: RegExp|null, sf?: RegExp|null}} filters
 */
export function filtered(tree, filters) {
  const by = {}
  for (const [name, regex] of Object.entries(filters)) if (regex) by[name] = matchesOf(tree.names, regex)
  if (!Object.keys(by).length) return tree
  const builder = new Builder(tree.names, tree.baseTotal !== null), kept = []
  const any = (matches, path, length) => {
    for (let i = 0; i < length; i++) if (matches[path[i]]) return true
    return false
  }
  eachPath(tree, (i, path, length) => {
    const base = tree.baseSelf ? tree.baseSelf[i] : 0
    if (!tree.self[i] && !base && !tree.rest[i]) return
    if (by.f && !any(by.f, path, length)) return
    if (by.i && any(by.i, path, length)) return
    if (by.sf && !any(by.sf, path, length)) return
    let n = 0, from = !by.sf
    for (let at = 0; at < length; at++) {
      const name = path[at]
      from = from || Boolean(by.sf[name])
      if (from && !(by.h && by.h[name]) && !(by.s && !by.s[name])) kept[n++] = name
    }
    builder.add(kept, n, tree.self[i], base, tree.rest[i])
  })
  return builder.finish()
}

/** What is below the cut has no leaf that is known: it gets a name of its own. */
function withCut(names) {
  return {
    ...names, names: [...names.names, '(below the cut)'], short: [...names.short, null],
    file: [...names.file, 0], mapping: [...names.mapping, 0],
  }
}

/** Leaves first, callers below them. @param {Tree} tree */
export function leafUp(tree) {
  const names = withCut(tree.names), cut = names.names.length - 1
  const builder = new Builder(names, tree.baseTotal !== null), up = []
  eachPath(tree, (i, path, length) => {
    const base = tree.baseSelf ? tree.baseSelf[i] : 0
    for (let at = 0; at < length; at++) up[at] = path[length - 1 - at]
    if (tree.self[i] || base) builder.add(up, length, tree.self[i], base, 0)
    if (Math.abs(tree.rest[i]) > 1e-9 * Math.abs(tree.total[0])) builder.add([cut, ...up.slice(0, length)], length + 1, tree.rest[i], 0, 0)
  })
  return builder.finish()
}

/** Both sides of the functions that match: their callers, nearest first, and what they call. */
export function around(tree, matches) {
  const hasBase = tree.baseTotal !== null
  const callers = new Builder(tree.names, hasBase), callees = new Builder(tree.names, hasBase)
  const outermost = []
  eachPath(tree, (i, path, length) => {
    if (!i) return
    const above = outermost[length - 1]
    outermost[length] = above !== undefined && length > 1 ? above : matches[tree.name[i]] ? length : undefined
    const from = outermost[length]
    if (from === undefined) return
    callees.add(path.slice(from - 1, length), length - from + 1, tree.self[i], tree.baseSelf ? tree.baseSelf[i] : 0, tree.rest[i])
    if (from !== length) return
    const up = []
    for (let at = length - 1; at >= 0; at--) up.push(path[at])
    callers.add(up, up.length, tree.total[i], tree.baseTotal ? tree.baseTotal[i] : 0, 0)
  })
  return {callers: callers.finish(), callees: callees.finish()}
}

/** Boxes without cost of their own that call one other become one with it: the lowest is kept. */
export function collapsed(tree) {
  const callees = new Int32Array(tree.n)
  for (let i = 1; i < tree.n; i++) callees[tree.parent[i]]++
  const builder = new Builder(tree.names, tree.baseTotal !== null), path = [], depth = new Int32Array(tree.n)
  for (let i = 0; i < tree.n; i++) {
    const above = i ? depth[tree.parent[i]] : 0
    const own = tree.self[i] || tree.rest[i] || (tree.baseSelf && tree.baseSelf[i])
    const wraps = i > 0 && callees[i] === 1 && !own
    if (i && !wraps) path[above] = tree.name[i]
    depth[i] = i && !wraps ? above + 1 : above
    if (own) builder.add(path, depth[i], tree.self[i], tree.baseSelf ? tree.baseSelf[i] : 0, tree.rest[i])
  }
  return builder.finish()
}

/** How much passes through names that match: each box counts once. */
export function matching(tree, matches) {
  let sum = 0
  const inside = new Uint8Array(tree.n)
  for (let i = 1; i < tree.n; i++) {
    inside[i] = inside[tree.parent[i]]
    if (inside[i] || !matches[tree.name[i]]) continue
    inside[i] = 1
    sum += tree.total[i]
  }
  return sum
}
