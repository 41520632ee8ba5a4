// Where data comes from: the file itself, or the server that the page came from.

const embedded = document.getElementById('data')
const file = embedded ? JSON.parse(embedded.textContent || '') : null

/** @type {{address: string, data: any}|null} the last answer: going back to it asks nobody */
let last = null

/** What the file holds about the whole, or with one source as the base of a comparison. */
function answerOf(base) {
  const other = file.others && file.others[base - 1]
  if (!other) return file
  const {gate, list, trend} = file.tables
  return {...other, tables: {...other.tables, gate, list, trend}}
}

/** Whether leaves come first: of the flame graph, but not of the two sides of a function. */
export const isLeafUp = (view, params) => view === 'flamegraph' && params.get('up') === 't' && !params.get('p')

/** What a view shows, as the server made it; fails with what the server says. */
export async function dataOf(view, params) {
  if (file) return answerOf(Number(params.get('base')))
  const query = new URLSearchParams(params)
  for (const name of ownParams) query.delete(name)
  if (!isLeafUp(view, query)) query.delete('up')
  const address = `./data/${view}?${query}`
  if (last && last.address === address) return last.data
  const answer = await fetch(address).catch(() => {
    throw new Error('cpprof does not answer; has it ended? Its terminal tells.')
  })
  if (!answer.ok) throw new Error((await answer.text()).trim() || `the server says ${answer.status}`)
  const data = await answer.json()
  last = {address, data}
  return data
}

/** The boxes below one of the last answer that were cut: those on the way to it, and what it calls. */
export async function boxesUnder(stack, level) {
  const answer = await fetch(`${last.address}&under=${stack}.${level}`)
  return answer.ok ? answer.json() : null
}

/** What was saved or deleted is asked for again. */
export function forget() {
  last = null
}

/** Parameters that change how things are drawn, not what the server is asked. */
export const ownParams = ['q', 'z', 'color', 'abs', 'wrap', 'order', 'filter', 'trend', 'changed']
