// Diff: what changed most against the base.
import {el} from './dom.js'
import {changeText, ratioText, valueText} from './format.js'
import {rowsOf} from './tables.js'
import {grid} from './grid.js'
import {NO_CHANGE, changeColumns, nameLink, placeOf} from './top.js'

export function showDiff(root, data, page) {
  const table = data.tables.diff, now = table.now_total, base = table.base_total
  root.append(el('p', {class: 'sum'}, `${table.compared}: from ${valueText(base, data.steps)} to ${valueText(now, data.steps)}, `,
    `${changeText(now - base, data.steps)} ${ratioText(now, base)}`))
  const columns = [...changeColumns('flat', 'flat', data), ...changeColumns('cum', 'cum', data)]
  for (const c of [columns[2], columns[6]]) {
    const change = c.value
    c.value = row => Math.abs(change(row))
  }
  columns.push({title: 'function', value: placeOf, text: row => nameLink(placeOf(row))})
  root.append(grid(rowsOf(table), columns, {caption: 'What changed', name: placeOf, order: 2, page, empty: NO_CHANGE}))
}
