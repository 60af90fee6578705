import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { detectors } from '../src/stages/inspect/injection/detectors.ts'
import { compileInjection } from '../src/stages/inspect/injection/engine.ts'
import { scanLater } from '../src/stages/inspect/injection/scan-later.ts'
import { createScan } from '../src/stages/inspect/injection/scan-value.ts'

const usage = `node bench/injection-worst.ts [--size BYTES] [--seconds N] [--profile]

What scanning costs: clean text, a typical call, and the worst text that a search finds. The search mutates texts of a
given size and keeps what takes longest. Scans have the effort that a body of that size gets; beyond it the call is
refused. Bodies above 32 KiB are scanned in windows, between which other calls have their turn.
`

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '65536' },
    seconds: { type: 'string', default: '20' },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const size = Number(values.size)
const engine = compileInjection({ threshold: 'balanced' })
const context = { pointer: '/body/text', place: 'json-string' } as const

/** As operations have it by default. */
const effort = 48

/** The number of findings; undefined where the effort is spent. */
function scan(text: string): number | undefined {
  return engine.scanText(text, context, { left: (8_192 + text.length) * effort })?.length
}

/** Microseconds of CPU of this process so far: what others do on the machine does not count. */
function cpuNow(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Microseconds of one scan of all texts: the median of some runs of many. */
function cost(texts: readonly string[], rounds: number): number {
  const runs = 9
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const before = cpuNow()
    for (let i = 0; i < rounds; i++) for (const text of texts) scan(text)
    times.push((cpuNow() - before) / rounds)
  }
  return times.sort((a, b) => a - b)[4] ?? 0
}

const words =
  'we met at the station before noon and walked along the river until it was dark then had tea with friends near a small bridge'.split(
    ' ',
  )
function sentence(length: number, mark = ''): string {
  let text = ''
  for (let i = 0; text.length < length; i++)
    text += `${words[i % words.length]}${i % 11 === 10 ? `${mark}. ` : ' '}`
  return text.slice(0, length)
}

function report(name: string, microseconds: number, bytes: number): void {
  process.stdout.write(
    `${name.padEnd(46)} ${microseconds.toFixed(2).padStart(10)} µs  ${((microseconds * 1024) / bytes).toFixed(2)} µs/KB\n`,
  )
}

for (let i = 0; i < 200; i++) scan(sentence(1024))
report('clean text, letters and full stops, 1 KB', cost([sentence(1024)], 2_000), 1024)
report('clean text with apostrophes, 1 KB', cost([sentence(1024, "'s")], 2_000), 1024)
const fields = ['Anna-Lena Müller', '12 Rue de la Paix, 75002 Paris', 'Please call before you come; thanks.']
report('three free-text fields of a typed POST', cost(fields, 4_000), fields.join('').length)

const seeds = [
  "'",
  '"',
  '`',
  '(',
  '((',
  ')',
  ';',
  '|',
  '&',
  '--',
  '#',
  '/*',
  '*/',
  '%27',
  '%2527',
  '&#39;',
  '\\u0027',
  '\\x27',
  '<',
  '<a ',
  '<script',
  '</',
  '{{',
  '}}',
  '${',
  '${${',
  '#{',
  '<%',
  '../',
  '..\\',
  '%c0%ae',
  'union ',
  'select ',
  'or ',
  'and ',
  "' or ",
  '1=1',
  'from ',
  'x.',
  'on',
  'onx',
  '=',
  'javascript',
  'java',
  ':',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '  ',
  'a',
  'aaaa',
  '1',
  '$',
  '$(',
  '@',
  '[',
  ']',
  '*',
  ')(',
  '(|',
  '&&',
  '||',
  'cat ',
  'ls ',
  ';ls',
  'sleep(',
  'f(',
  '\\',
  '\\\\',
  'http://',
  '//',
  '.',
  ',',
  '!',
  '?',
  '__',
  'constructor',
  'document',
  '0x',
  '%',
  '%%',
  '&',
  'é',
  '\u2019',
  '\uff1c',
  'rO0AB',
  'o:1:',
  '<!',
  '<!entity',
  '&x;',
  'class',
  '\u0000',
  '+',
  "'+'",
  'case when ',
  'the ',
  'of ',
]
let state = 12345
const random = (n: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return state % n
}
const pick = (): string => seeds[random(seeds.length)] as string

function make(parts: readonly string[], length: number): string {
  const unit = parts.join('')
  return unit === '' ? '' : unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
}

function once(text: string): number {
  const start = cpuNow()
  scan(text)
  return (cpuNow() - start) / 1000
}

let worst = { ms: 0, parts: [] as string[] }
const population: { ms: number; parts: string[] }[] = seeds.map((seed) => ({ ms: 0, parts: [seed] }))
for (const one of population) one.ms = once(make(one.parts, size))
const end = performance.now() + Number(values.seconds) * 1000
let tried = 0
while (performance.now() < end) {
  population.sort((a, b) => b.ms - a.ms)
  population.length = Math.min(population.length, 60)
  const parent = population[random(Math.min(20, population.length))] as { parts: string[] }
  const parts = [...parent.parts]
  const change = random(4)
  if (change === 0 || parts.length < 2) parts.splice(random(parts.length + 1), 0, pick())
  else if (change === 1) parts[random(parts.length)] = pick()
  else if (change === 2) parts.splice(random(parts.length), 1)
  else parts.push(...(population[random(population.length)] as { parts: string[] }).parts.slice(0, 3))
  if (parts.length > 12) parts.length = 12
  const text = make(parts, size)
  const ms = Math.min(once(text), once(text))
  tried++
  population.push({ ms, parts })
  if (ms > worst.ms) worst = { ms, parts }
}
const text = make(worst.parts, size)
const ms = Math.min(once(text), once(text), once(text))
report(`worst of ${tried} texts of ${size} bytes`, ms * 1000, size)
process.stdout.write(
  `${JSON.stringify(worst.parts)}${scan(text) === undefined ? ', refused: effort spent' : ''}\n`,
)
await reportStretch(text)
if (values.profile) {
  const lower = text.toLowerCase()
  const view = { text, lower, place: 'json-string', urlTyped: false, depth: 0, prose: false } as const
  for (const detector of detectors) {
    const start = performance.now()
    detector.run(view)
    report(`  ${detector.name}`, (performance.now() - start) * 1000, size)
  }
}

/** How long the event loop is kept at most, while a body of a megabyte of it is scanned. */
async function reportStretch(one: string): Promise<void> {
  const million = one.repeat(Math.ceil(1_048_576 / one.length)).slice(0, 1_048_576)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const scanned = createScan(engine, (8_192 + million.length) * effort)
  loop.enable()
  const start = performance.now()
  await scanLater(scanned, [{ text: million, context }])
  const whole = performance.now() - start
  await setTimeout(20)
  loop.disable()
  process.stdout.write(
    `1 MiB of it: ${whole.toFixed(0)} ms${scanned.spent ? ', refused: effort spent' : ''}; longest stretch of the event loop ${(loop.max / 1e6).toFixed(1)} ms\n`,
  )
}
