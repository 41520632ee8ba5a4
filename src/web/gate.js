// Gate: whether the rules hold, and by how much they are broken.
import {el, quoted} from './dom.js'
import {state} from './state.js'
import {rowsOf} from './tables.js'

const marks = {holds: '✓', improved: '✓', unsure: '~', broken: '✗', 'cannot compare': '?'}

/** A verdict as a class of the style sheet: its first word. */
const classOf = verdict => verdict.replace(/ .*/, '')

function finding(row) {
  const place = row.file && row.file + (row.line ? `:${row.line}` : '')
  const sides = row.function && row.function !== 'total' && state.address({p: `^${quoted(row.function)}$`, q: '', z: ''}, 'flamegraph')
  return el('li', {class: classOf(row.verdict)},
    el('span', {class: 'state'}, `${marks[row.verdict] || ''} ${row.verdict}`),
    el('div', {}, row.message,
      place ? el('div', {class: 'at'}, `at ${place}`) : null,
      ...(row.callers || []).map(caller => el('div', {class: 'at'}, `called by ${caller}`)),
      sides ? el('div', {}, el('a', {href: sides, 'aria-label': `${row.function} in the flame graph`}, 'in the flame graph')) : null))
}

export function showGate(root, data) {
  const table = data.tables.gate, rules = new Map()
  for (const row of rowsOf(table)) rules.set(row.rule, [...(rules.get(row.rule) || []), row])
  root.append(el('p', {class: `verdict ${classOf(table.verdict)}`}, `${marks[table.verdict] || ''} ${table.message}`),
    el('p', {class: 'note'}, `Runs compared: ${table.new_runs} against ${table.old_runs}. Filters of this page do not change what the gate says.`))
  for (const [rule, rows] of rules)
    root.append(el('section', {class: 'card'}, el('h2', {}, rule), el('ul', {class: 'findings'}, ...rows.map(finding))))
}
