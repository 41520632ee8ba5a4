// A layered drawing of a call graph: callers above callees, few crossings. For where there is no graphviz.

/**
 * @param {number} n nodes
 * @param {[number, number][]} edges
 * @returns {number[]} the layer of each node; an edge that closes a circle leads up
 */
export function layersOf(n, edges) {
  const out = Array.from({length: n}, () => /** @type {number[]} */ ([]))
  for (const [from, to] of edges) if (from !== to) out[from].push(to)
  const mark = new Uint8Array(n), order = [], back = new Set()
  for (let root = 0; root < n; root++) {
    const stack = mark[root] ? [] : [[root, 0]]
    if (stack.length) mark[root] = 1
    while (stack.length) {
      const top = stack[stack.length - 1], next = out[top[0]][top[1]++]
      if (next === undefined) {
        mark[top[0]] = 2
        order.push(top[0])
        stack.pop()
      } else if (mark[next] === 1) back.add(top[0] * n + next)
      else if (!mark[next]) {
        mark[next] = 1
        stack.push([next, 0])
      }
    }
  }
  const layer = new Array(n).fill(0)
  for (const node of order.reverse())
    for (const to of out[node]) if (!back.has(node * n + to)) layer[to] = Math.max(layer[to], layer[node] + 1)
  return layer
}

/** Rows of nodes, sorted by where their neighbours stand. */
export function arrange(n, edges) {
  const layer = layersOf(n, edges), rows = [], at = new Array(n).fill(0)
  for (let i = 0; i < n; i++) (rows[layer[i]] = rows[layer[i]] || []).push(i)
  const near = Array.from({length: n}, () => /** @type {number[]} */ ([]))
  for (const [from, to] of edges) {
    near[from].push(to)
    near[to].push(from)
  }
  rows.forEach(row => row.forEach((node, i) => at[node] = i))
  for (let pass = 0; pass < 8; pass++)
    for (const row of pass % 2 ? [...rows].reverse() : rows) {
      const middle = node => near[node].length ? near[node].reduce((sum, other) => sum + at[other], 0) / near[node].length : at[node]
      const place = new Map(row.map(node => [node, middle(node)]))
      row.sort((a, b) => place.get(a) - place.get(b) || a - b)
      row.forEach((node, i) => at[node] = i)
    }
  return rows
}
