// Symbols: where names came from, and what to do about those that are missing.
import {el} from './dom.js'
import {rowsOf} from './tables.js'

export function showSymbols(root, data) {
  const rows = rowsOf(data.tables.symbols)
  if (!rows.length) root.append(el('p', {class: 'note'}, 'The profile names no binaries.'))
  for (const row of rows) {
    const facts = Object.entries(row).filter(([name, value]) => name !== 'file' && value !== null && value !== '' && value !== 0 && !(Array.isArray(value) && !value.length))
    root.append(el('section', {class: 'card'}, el('h2', {}, row.file || '<no file>'),
      el('dl', {}, ...facts.flatMap(([name, value]) => [el('dt', {}, name.replaceAll('_', ' ')),
        el('dd', {}, ...(Array.isArray(value) ? value.map(v => el('div', {}, String(v))) : [String(value)]))]))))
  }
}
