// Elements. Text from profiles enters the document here, as text nodes only.

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on...`: a listener; null and false are left out
 * @param {...(Node|string|null|false)} children
 * @returns {any}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children)
    if (child !== null && child !== false && child !== undefined) node.append(child)
  return node
}

const SVG = 'http://www.w3.org/2000/svg'

/** The same for what is drawn. */
export function shape(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
  node.append(...children)
  return node
}

/** A menu: opens by click or Enter, closes by Escape or a click elsewhere. */
export function menu(title, ...items) {
  const box = el('details', {class: 'menu'}, el('summary', {}, title), el('div', {class: 'items'}, ...items))
  box.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !box.open) return
    box.open = false
    box.querySelector('summary').focus()
    event.stopPropagation()
  })
  box.addEventListener('click', event => {
    if (event.target.closest('.items')) box.open = false
  })
  return box
}

export function closeMenus(except) {
  for (const open of document.querySelectorAll('details.menu[open]'))
    if (open !== except) open.removeAttribute('open')
}

/** An expression as the user typed it; null where it is none. */
export function expression(text) {
  try {
    return new RegExp(text)
  } catch {
    return null
  }
}

export const quoted = text => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
