// Peek: a function between its callers and its callees.
import {el, expression} from './dom.js'
import {shareText, valueText} from './format.js'
import {state} from './state.js'
import {neighboursOf, neighboursOfTable} from './tables.js'
import {treeOf} from './flame.js'
import {isFiltered, nameLink} from './top.js'

const MOST_PEEKED = 40

function side(title, edges, node, data) {
  if (!edges.length) return el('p', {class: 'note'}, `no ${title}`)
  return el('table', {}, el('caption', {}, title), el('tbody', {}, ...edges.map(edge => el('tr', {},
    el('td', {class: 'number'}, valueText(edge.calls, data.steps)),
    el('td', {class: 'number'}, shareText(edge.calls, node.cum)),
    el('td', {}, nameLink(edge.name))))))
}

export function showPeek(root, data) {
  const tree = isFiltered() && data.boxes && treeOf(data.boxes)
  const nodes = tree ? neighboursOf(tree) : neighboursOfTable(data.tables.tree || data.tables.peek)
  const wanted = state.get('peek') || state.get('q')
  const input = el('input', {type: 'text', name: 'peek', value: state.get('peek'), size: 40, spellcheck: 'false', autocomplete: 'off'})
  root.append(el('form', {class: 'toolbar', onsubmit: event => {
    event.preventDefault()
    state.go({peek: input.value})
  }}, el('label', {}, 'Functions that match ', input), el('button', {}, 'Peek')))
  const regex = wanted ? expression(wanted) : /./
  if (!regex) return root.append(el('p', {class: 'note'}, `Not an expression: ${wanted}`))
  const found = nodes.filter(node => regex.test(node.name))
  if (!found.length) root.append(el('p', {class: 'note'}, `No function of this page matches ${wanted}.`))
  for (const node of found.slice(0, MOST_PEEKED))
    root.append(el('section', {class: 'peek'},
      side('callers', node.callers, node, data),
      el('h2', {}, node.name),
      el('p', {}, `flat ${valueText(node.flat, data.steps)} (${shareText(node.flat, data.total)}), `,
        `cum ${valueText(node.cum, data.steps)} (${shareText(node.cum, data.total)})`),
      side('callees', node.callees, node, data)))
  if (found.length > MOST_PEEKED) root.append(el('p', {class: 'note'}, `${found.length - MOST_PEEKED} more match.`))
}
