// Tables that are made of boxes, where a file's own can't be used since filters apply.

/** The rows of a table as objects. */
export function rowsOf(table) {
  return table.rows.map(row => Object.fromEntries(table.columns.map((name, i) => [name, row[i]])))
}

/** A row a function: its cost by itself and with what it calls, each stack once. */
export function functionsOf(tree) {
  const names = tree.names, list = []
  const flat = new Map(), cum = new Map(), baseFlat = new Map(), baseCum = new Map(), onPath = new Map()
  const add = (map, name, value) => map.set(name, (map.get(name) || 0) + value)
  const path = []
  for (let i = 1; i < tree.n; i++) {
    while (path.length >= tree.level[i]) {
      const left = path.pop()
      onPath.set(left, onPath.get(left) - 1)
    }
    const name = tree.name[i]
    const outermost = !onPath.get(name)
    path.push(name)
    onPath.set(name, (onPath.get(name) || 0) + 1)
    add(flat, name, tree.self[i])
    if (tree.baseSelf) add(baseFlat, name, tree.baseSelf[i])
    if (!outermost) continue
    add(cum, name, tree.total[i])
    if (tree.baseTotal) add(baseCum, name, tree.baseTotal[i])
  }
  for (const [name, value] of cum)
    list.push({
      function: names.names[name], file: names.places[names.file[name]] || null,
      mapping: names.places[names.mapping[name]] || null,
      flat: flat.get(name) || 0, cum: value, base_flat: baseFlat.get(name) || 0, base_cum: baseCum.get(name) || 0,
    })
  return list.sort((a, b) => Math.abs(b.flat) - Math.abs(a.flat) || Math.abs(b.cum) - Math.abs(a.cum))
}

/** Each function with its callers and callees: [{name, flat, cum, callers, callees}]. */
export function neighboursOf(tree) {
  const nodes = new Map(functionsOf(tree).map(row => [row.function, {name: row.function, flat: row.flat, cum: row.cum, callers: [], callees: []}]))
  const edges = new Map(), names = tree.names.names
  for (let i = 1; i < tree.n; i++) {
    const parent = tree.parent[i]
    if (!parent) continue
    let again = false // a recursive call counts once
    for (let up = parent; tree.parent[up] > 0 && !again; up = tree.parent[up])
      again = tree.name[up] === tree.name[i] && tree.name[tree.parent[up]] === tree.name[parent]
    const key = tree.name[parent] * names.length + tree.name[i]
    if (!again) edges.set(key, (edges.get(key) || 0) + tree.total[i])
  }
  for (const [key, calls] of edges) {
    const from = names[Math.floor(key / names.length)], to = names[key % names.length]
    nodes.get(from).callees.push({name: to, calls})
    nodes.get(to).callers.push({name: from, calls})
  }
  const list = [...nodes.values()]
  for (const node of list)
    for (const side of [node.callers, node.callees]) side.sort((a, b) => Math.abs(b.calls) - Math.abs(a.calls))
  return list
}

/** The same from the report's rows: a node comes before its callers and callees. */
export function neighboursOfTable(table) {
  const list = []
  for (const row of rowsOf(table)) {
    if (row.role === 'node') list.push({name: row.name, flat: row.flat, cum: row.cum, callers: [], callees: []})
    else list[list.length - 1][row.role + 's'].push({name: row.name, calls: row.calls})
  }
  return list
}
