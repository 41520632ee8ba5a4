// Source lines with their cost, their instructions folded in; and instructions alone.
import {el, expression} from './dom.js'
import {valueText} from './format.js'
import {state} from './state.js'
import {rowsOf} from './tables.js'

const MOST_LINES = 20000

function chooser(title) {
  const input = el('input', {type: 'text', value: state.get('f'), size: 40, spellcheck: 'false', autocomplete: 'off'})
  return el('form', {class: 'toolbar', onsubmit: event => {
    event.preventDefault()
    if (input.value) state.go({f: input.value})
  }}, el('label', {}, `${title} of functions that match `, input), el('button', {}, 'Show'))
}

const cost = (value, data) => el('td', {class: 'number'}, value ? valueText(value, data.steps) : '')

/** Groups of rows that share a key, in their order. */
function groupsOf(rows, keyOf) {
  const groups = new Map()
  for (const row of rows) {
    const key = keyOf(row)
    if (!groups.has(key)) groups.set(key, [])
    groups.get(key).push(row)
  }
  return [...groups.values()]
}

function heading(name, file, flat, cum, data) {
  return [el('h2', {}, name), el('p', {class: 'note'}, file ? `${file}; ` : '',
    `flat ${valueText(flat, data.steps)}, cum ${valueText(cum, data.steps)}`)]
}

/** What stands for a line whose file is not here. */
const NO_LINE = '???'

/** The instructions of a line are shown when it is opened. */
function lineRows(line, instructions, data) {
  const row = el('tr', {class: line.flat || line.cum ? 'hot' : 'cold'},
    el('td', {class: 'number at'}, String(line.line)), cost(line.flat, data), cost(line.cum, data))
  const text = el('td', {class: 'code'})
  if (!instructions.length) {
    text.textContent = line.source || ''
    row.append(text)
    return [row]
  }
  const below = instructions.map(i => el('tr', {class: 'inst', hidden: true}, el('td', {class: 'number at'}, i.address),
    cost(i.flat, data), cost(i.cum, data), el('td', {class: 'code'}, '    ' + i.instruction)))
  const open = el('button', {type: 'button', class: 'code', 'aria-expanded': 'false', onclick: () => {
    const shown = open.getAttribute('aria-expanded') === 'true'
    open.setAttribute('aria-expanded', String(!shown))
    for (const line of below) line.hidden = shown
  }}, line.source === NO_LINE ? 'instructions' : line.source || ' ')
  text.append(open)
  row.append(text)
  return [row, ...below]
}

function listing(rows, data) {
  const lines = [], first = rows[0]
  if (first.error) return el('section', {class: 'listing'}, ...heading(first.function, first.file, first.function_flat, first.function_cum, data),
    el('p', {class: 'note'}, `No source: ${first.error}`))
  for (const row of rows) {
    if (!row.instruction) lines.push({line: row, instructions: []})
    else if (lines.length) lines[lines.length - 1].instructions.push(row)
  }
  const isUnread = rows.every(row => row.instruction || row.source === NO_LINE)
  return el('section', {class: 'listing'}, ...heading(first.function, first.file, first.function_flat, first.function_cum, data),
    isUnread && el('p', {class: 'note'}, 'The file is not here (-source_path says where it is).'),
    el('div', {class: 'table', tabindex: 0, role: 'region', 'aria-label': `Source of ${first.function}`},
      el('table', {}, head(['line', 'flat', 'cum', 'source']), el('tbody', {}, ...lines.flatMap(l => lineRows(l.line, l.instructions, data))))))
}

const head = titles => el('thead', {}, el('tr', {}, ...titles.map(title => el('th', {scope: 'col'}, title))))

function cut(rows, root) {
  if (rows.length > MOST_LINES) root.append(el('p', {class: 'note'}, `The first ${MOST_LINES} of ${rows.length} lines.`))
  return rows.slice(0, MOST_LINES)
}

/** What a file holds: of the hottest functions, those that match. */
function listed(table) {
  const regex = state.get('f') ? expression(state.get('f')) : null
  return rowsOf(table).filter(row => !regex || regex.test(row.function))
    .sort((a, b) => Number(Boolean(a.error)) - Number(Boolean(b.error)) || b.function_flat - a.function_flat)
}

export function showSource(root, data) {
  const rows = data.tables.weblist ? rowsOf(data.tables.weblist) : listed(data.tables.list)
  root.append(chooser('Source'))
  if (data.tables.list) root.append(el('p', {class: 'note'}, 'This file holds the source of the functions that cost most by themselves.'))
  if (!rows.length) root.append(el('p', {class: 'note'}, 'No source: no function matches, or its file is not here (-source_path).'))
  for (const group of groupsOf(cut(rows, root), row => `${row.file}\n${row.function}`)) root.append(listing(group, data))
}

export function showDisasm(root, data) {
  const rows = rowsOf(data.tables.disasm)
  root.append(chooser('Instructions'))
  for (const group of groupsOf(cut(rows, root), row => row.symbol))
    root.append(el('section', {class: 'listing'}, ...heading(group[0].symbol, '', group[0].symbol_flat, group[0].symbol_cum, data),
      el('div', {class: 'table', tabindex: 0, role: 'region', 'aria-label': `Instructions of ${group[0].symbol}`},
        el('table', {}, head(['address', 'flat', 'cum', 'instruction', 'where']), el('tbody', {}, ...group.map(row =>
          el('tr', {}, el('td', {class: 'number at'}, row.address), cost(row.flat, data), cost(row.cum, data),
            el('td', {class: 'code'}, row.instruction), el('td', {class: 'at'}, row.file ? `${row.file}:${row.line}` : '')))))))) 
}
