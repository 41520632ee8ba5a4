// Gate: whether the rules hold, and by how much they are broken.
import {el} from './dom.js'
import {rowsOf} from './tables.js'

const marks = {holds: '✓', improved: '✓', unsure: '~', broken: '✗', 'cannot compare': '?'}

export function showGate(root, data) {
  const table = data.tables.gate
  root.append(el('p', {class: `verdict ${table.verdict.replace(/ .*/, '')}`}, `${marks[table.verdict] || ''} ${table.message}`))
  root.append(el('div', {class: 'table', tabindex: 0, role: 'region', 'aria-label': 'Rules and what was found'},
    el('table', {}, el('thead', {}, el('tr', {}, ...['', 'rule', 'finding', 'where', 'called by'].map(title => el('th', {scope: 'col'}, title || el('span', {class: 'hidden'}, 'verdict'))))),
      el('tbody', {}, ...rowsOf(table).map(row => el('tr', {class: row.verdict.replace(/ .*/, '')},
        el('td', {}, `${marks[row.verdict] || ''} ${row.verdict}`), el('td', {}, row.rule), el('td', {}, row.message),
        el('td', {}, row.file ? row.file + (row.line ? `:${row.line}` : '') : ''),
        el('td', {}, (row.callers || []).join(', '))))))))
}
