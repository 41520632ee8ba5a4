// Labels: what the samples carry besides their stacks.
import {el, quoted} from './dom.js'
import {shareText, valueText} from './format.js'
import {state} from './state.js'
import {rowsOf} from './tables.js'
import {grid} from './grid.js'

/** A text leads to the samples that carry it. Of what looks like a number the table does not say whether it is one. */
function valueLink(row) {
  if (state.offline || !row.key || /^-?[\d.]+\p{L}*$/u.test(row.value)) return row.value
  return el('a', {href: state.address({tf: `${row.key}=^${quoted(row.value).replaceAll(',', '\\x2c')}$`}, 'flamegraph')}, row.value)
}

export function showLabels(root, data, page) {
  const rows = rowsOf(data.tables.tags)
  if (!rows.length) return root.append(el('p', {class: 'note'}, 'The samples of this profile have no labels.'))
  const counts = new Map()
  for (const row of rows) counts.set(row.key, (counts.get(row.key) || 0) + 1)
  if (data.most && Math.max(...counts.values()) >= data.most) root.append(el('p', {class: 'note'}, `Of each label the ${data.most} heaviest values.`))
  const keys = [...counts.keys()]
  if (!state.offline)
    root.append(el('p', {class: 'toolbar'}, 'Group the flame graph by ',
      ...keys.map(key => el('a', {class: 'button', href: state.address({tagroot: key, color: 'root'}, 'flamegraph')}, key))))
  root.append(grid(rows, [
    {title: 'label', value: row => row.key},
    {title: 'value', value: row => row.value, text: valueLink},
    {title: 'flat', number: true, value: row => row.flat, text: row => valueText(row.flat, data.steps)},
    {title: 'flat%', number: true, value: row => row.flat, text: row => shareText(row.flat, data.total)},
  ], {caption: 'Labels', name: row => `${row.key}:${row.value}`, order: 2, page: {...page, selection: []}}))
}
