// Values as texts: the units and their factors come with the data, so they are those of the reports.

/** @typedef {[string, number][]} Steps from the smallest: name, and how much of the value it is */

/** @param {number} value @param {Steps} steps */
export function valueText(value, steps) {
  const size = Math.abs(value)
  let step = steps[0]
  for (const s of steps) if (size >= s[1]) step = s
  const number = Number((size / step[1]).toFixed(2))
  return (value < 0 ? '-' : '') + (number === 0 ? '0' : number + step[0])
}

export function changeText(value, steps) {
  return (value > 0 ? '+' : '') + valueText(value, steps)
}

export function shareText(part, whole) {
  if (!whole) return ''
  return Number((100 * part / whole).toFixed(2)) + '%'
}

export function ratioText(now, base) {
  if (!base) return now ? 'new' : ''
  if (!now) return 'gone'
  return (now / base).toFixed(2) + 'x'
}
