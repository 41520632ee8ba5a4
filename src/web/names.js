// Names of functions: what of them fits, and the colour of where they belong.

/** The package, class or namespace that a function is in; '' if its name does not say. */
export function packageOf(name) {
  const plain = name.replace(/[<(\[].*$/s, '')
  const slash = plain.lastIndexOf('/')
  const colons = plain.lastIndexOf('::')
  if (colons > slash) return plain.slice(0, plain.indexOf('::'))
  const dot = plain.indexOf('.', slash + 1)
  return dot < 0 ? plain.slice(0, Math.max(slash, 0)) : plain.slice(0, dot)
}

/** A number that depends on the text alone. */
export function hashOf(text) {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) >>> 0
}

/** Texts for a box, the longest first. */
export function candidates(name, short) {
  const list = [name]
  if (short && short !== name) list.push(short)
  const last = (short || name).replace(/[<(\[].*$/s, '').split(/::|\.|\//).pop()
  if (last && last !== list[list.length - 1]) list.push(last)
  return list
}
