// A table that sorts by a click on a column and shows the rows that match; rows can be selected.
import {el, expression} from './dom.js'
import {state} from './state.js'

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: any) => any} value what it is sorted by
 * @property {(row: any) => string|Node} [text]
 * @property {boolean} [number]
 * @property {boolean} [wide] left out where there is no room
 * @property {string} [help]
 */

const MOST_ROWS = 2000

const cellClass = column => [column.number && 'number', column.wide && 'wide'].filter(Boolean).join(' ') || null

/**
 * @param {any[]} rows
 * @param {Column[]} columns
 * @param {{caption: string, order?: number, name?: (row: any) => string, page?: any, empty?: string}} options
 *   `name`: what the search looks at and what a row stands for
 */
export function grid(rows, columns, options) {
  const body = el('tbody'), count = el('p', {class: 'note', role: 'status'})
  const [at, down] = (state.get('order') || `${options.order ?? 0}-`).match(/(\d+)(-?)/)?.slice(1) || ['0', '-']
  let column = Math.min(Number(at), columns.length - 1), falling = down === '-'
  const heads = columns.map((c, i) => el('th', {scope: 'col', class: cellClass(c)},
    el('button', {type: 'button', title: c.help, onclick: () => {
      falling = i === column ? !falling : Boolean(columns[i].number)
      column = i
      fill()
    }}, c.title)))
  const nameOf = options.name

  const compare = (a, b) => {
    const x = columns[column].value(a), y = columns[column].value(b)
    const order = x === y ? 0 : x === null || x === undefined ? -1 : y === null || y === undefined ? 1 : x < y ? -1 : 1
    return falling ? -order : order
  }
  const toggleRow = row => {
    const page = options.page, name = nameOf && nameOf(row)
    if (!page || !name) return
    page.selection = page.selection.includes(name) ? page.selection.filter(other => other !== name) : [...page.selection, name]
    for (const line of body.children) line.setAttribute('aria-selected', String(page.selection.includes(line.dataset.name)))
  }
  function fill() {
    const regex = state.get('q') ? expression(state.get('q')) : null
    const shown = rows.filter(row => !regex || !nameOf || regex.test(nameOf(row))).map((row, i) => ({row, i}))
      .sort((a, b) => compare(a.row, b.row) || a.i - b.i).map(entry => entry.row)
    heads.forEach((head, i) => head.setAttribute('aria-sort', i === column ? falling ? 'descending' : 'ascending' : 'none'))
    body.replaceChildren(...shown.slice(0, MOST_ROWS).map(row => {
      const name = nameOf ? nameOf(row) : ''
      const line = el('tr', {'aria-selected': nameOf && options.page ? String(options.page.selection.includes(name)) : null},
        ...columns.map(c => el('td', {class: cellClass(c)}, c.text ? c.text(row) : String(c.value(row) ?? ''))))
      line.dataset.name = name
      if (nameOf && options.page) line.addEventListener('click', () => toggleRow(row))
      return line
    }))
    if (!rows.length) count.textContent = options.empty || 'Nothing is left.'
    else count.textContent = `${shown.length} of ${rows.length}` + (shown.length > MOST_ROWS ? `; the first ${MOST_ROWS} are shown` : '')
  }
  fill()
  if (options.page) options.page.onSearch = fill
  return el('div', {class: 'table', tabindex: 0, role: 'region', 'aria-label': options.caption},
    count, el('table', {role: nameOf && options.page ? 'grid' : null, 'aria-multiselectable': nameOf && options.page ? 'true' : null},
      el('caption', {class: 'hidden'}, options.caption), el('thead', {}, el('tr', {}, ...heads)), body))
}
