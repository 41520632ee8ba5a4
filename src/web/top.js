// Top: functions by their own cost; with a base both sides and what changed.
import {el, quoted} from './dom.js'
import {changeText, ratioText, shareText, valueText} from './format.js'
import {state} from './state.js'
import {functionsOf, rowsOf} from './tables.js'
import {grid} from './grid.js'
import {ownFilters, treeOf} from './flame.js'

export const isFiltered = () => Object.values(ownFilters()).some(Boolean)

/** A name that leads to its callers and callees. */
export function nameLink(name) {
  return el('a', {href: state.address({peek: `^${quoted(name)}$`, q: ''}, 'peek')}, name)
}

export const placeOf = row => row.function || (row.line ? `${row.file}:${row.line}` : row.file) || row.address || '<unknown>'

/** @returns {import('./grid.js').Column[]} */
function valueColumns(of, title, data) {
  return [
    {title, number: true, value: row => row[of], text: row => valueText(row[of], data.steps)},
    {title: title + '%', number: true, value: row => row[of], text: row => shareText(row[of], data.total)},
  ]
}

export const NO_CHANGE = 'No function costs more or less than in the base.'

/** A change in the colour that the flame graph has for it. */
const changeCell = (change, data) => el('span', {class: change > 0 ? 'rise' : change < 0 ? 'fall' : null}, changeText(change, data.steps))

/** Columns of both sides: base, now, change, ratio. @returns {import('./grid.js').Column[]} */
export function changeColumns(of, title, data) {
  const change = row => row[of] - row['base_' + of]
  return [
    {title: `${title} base`, number: true, wide: true, value: row => row['base_' + of], text: row => valueText(row['base_' + of], data.steps)},
    {title: `${title} now`, number: true, wide: of === 'cum', value: row => row[of], text: row => valueText(row[of], data.steps)},
    {title: `${title} change`, number: true, value: change, text: row => changeCell(change(row), data)},
    {title: `${title} ratio`, number: true, wide: of === 'cum', value: row => row[of] / row['base_' + of], text: row => ratioText(row[of], row['base_' + of])},
  ]
}

export function showTop(root, data, page) {
  const table = data.tables && data.tables.diff || data.tables && data.tables.top
  const fromBoxes = isFiltered() && data.boxes
  const tree = fromBoxes && treeOf(data.boxes)
  const rows = tree ? functionsOf(tree) : rowsOf(table), both = tree ? tree.baseTotal !== null : Boolean(data.tables.diff)
  const columns = both
    ? [...changeColumns('flat', 'flat', data), ...changeColumns('cum', 'cum', data)]
    : [...valueColumns('flat', 'flat', data), ...valueColumns('cum', 'cum', data)]
  const cum = state.get('sort') === 'cum' ? 4 : 0
  const order = both ? (cum || 0) + 2 : cum ? 2 : 0
  columns.push({title: 'function', value: placeOf, text: row => nameLink(placeOf(row))})
  if (fromBoxes) root.append(el('p', {class: 'note'}, 'Added up from the boxes in this file: what lies below their cut is missing.'))
  else if (!both && table.dropped_nodes)
    root.append(el('p', {class: 'note'}, `${table.dropped_nodes} functions are not shown. `,
      !state.offline && state.get('nf') !== '0' && el('a', {href: state.address({nf: '0'})}, 'Show light ones, too')))
  root.append(grid(rows, columns, {caption: 'Functions by cost', name: placeOf, order, page, empty: both ? NO_CHANGE : undefined}))
}
