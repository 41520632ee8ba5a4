// speedscope's own importer reads -speedscope and -folded: each function has by itself what -top says.
//
// The package holds the web page alone, so the importer is taken out of its script: what starts the
// page is cut off, what is left runs with a browser that does nothing.
import fs from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'

import {cpprof, fail, finish, fixtures, packageFolder} from './lib.mjs'

function loadImporter() {
  const folder = path.join(packageFolder('speedscope'), 'dist/release')
  const script = fs.readFileSync(path.join(folder, fs.readdirSync(folder).find(name => /^speedscope-.*\.js$/.test(name))), 'utf8')
  const exports = /([\w$]+)=\{\};[\w$]+\(\1,\{[^}]*importProfileGroupFromText:/.exec(script)[1]
  const start = [...script.matchAll(/var [\w$]+=Promise\.resolve\(\)\.then\(\(\)=>\(([\w$]+)\(\),([\w$]+)\)\);/g)]
    .find(found => found[2] === exports)
  const nothing = new Proxy(function () {}, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => '' : name === 'then' ? undefined : nothing),
    apply: () => nothing, construct: () => nothing, set: () => true, has: () => true,
  })
  let found
  const page = {
    found: importer => { found = importer },
    console: {...console, log() {}}, TextDecoder, TextEncoder, URL, setTimeout, clearTimeout, performance, atob, btoa,
    document: nothing, localStorage: nothing, navigator: {userAgent: '', platform: ''}, matchMedia: () => nothing,
    location: {hash: '', protocol: 'file:', href: 'file:///'}, addEventListener() {}, requestAnimationFrame() {},
    HTMLElement: class {}, HTMLCanvasElement: class {},
  }
  page.window = page.self = page
  vm.runInContext(`${script.slice(0, start.index)}${start[1]}();found(${exports});})();`, vm.createContext(page))
  return found
}

// What the profile's frames cost by themselves: by name, or frame by frame, since one name has several lines.
function selfWeights(profile, byLine) {
  const sums = {}
  let n = 0
  profile.forEachFrame(frame => {
    if (!frame.getSelfWeight()) return
    const name = byLine ? n++ : frame.name
    sums[name] = (sums[name] ?? 0) + frame.getSelfWeight()
  })
  return sums
}

const inOrder = (sums, byLine) =>
  JSON.stringify(byLine ? Object.values(sums).sort((a, b) => a - b) : Object.entries(sums).sort())

// -samples' stacks by their leaf: exact in a double, and of one sign, which speedscope asks for.
function wanted(words) {
  const sums = {}
  let total = 0, withoutStack = 0
  for (const line of cpprof('-samples', ...words).toString().split('\n').slice(0, -1)) {
    const {stack, value} = JSON.parse(line)
    if (value < 0 || value > 2 ** 50) return null
    if (!stack.length) withoutStack += value
    else if (value) sums[stack.at(-1)] = (sums[stack.at(-1)] ?? 0) + value
    total += value
  }
  return {sums, total, withoutStack}
}

async function check(importer, words) {
  const what = words.join(' ')
  const want = wanted(words)
  if (!want || !want.total) return 0
  for (const [flag, name] of [['-speedscope', 'x.speedscope.json'], ['-folded', 'x.folded']]) {
    const isFolded = flag === '-folded'
    const text = cpprof(flag, ...words).toString()
    if (isFolded && (!text.includes(';') || Object.keys(want.sums).some(frame => /[;\r\n]|^\s|\s$/.test(frame)))) continue
    const group = await importer.importProfileGroupFromText(name, text)
    if (!group) {
      fail(`${flag} ${what}`, 'is not taken')
      continue
    }
    const chosen = group.profiles[group.indexToView] ?? group.profiles[0]
    const byLine = !isFolded && words.includes('-lines')
    const sums = isFolded && want.withoutStack ? {...want.sums, '[no stack]': want.withoutStack} : want.sums
    if (chosen.getTotalWeight() !== want.total || inOrder(selfWeights(chosen, byLine), byLine) !== inOrder(sums, byLine))
      fail(`${flag} ${what}`, `total ${chosen.getTotalWeight()}, not ${want.total}: ${JSON.stringify(selfWeights(chosen)).slice(0, 300)}`)
  }
  return 1
}

const importer = loadImporter()
let n = 0
for (const profile of fixtures()) if (cpprof('-speedscope', profile)) n += await check(importer, [profile]) + await check(importer, ['-lines', profile])
finish(`${n} reports`)
