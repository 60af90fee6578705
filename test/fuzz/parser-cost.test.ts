import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseForm } from '../../src/media/form.ts'
import { judgeGraphqlDocument } from '../../src/media/graphql.ts'
import { parseJson } from '../../src/media/json.ts'
import { parseMultipart } from '../../src/media/multipart.ts'
import { parseXmlTexts } from '../../src/media/xml-texts.ts'

const size = 256 * 1024
const fill = (unit: string, length: number = size): string =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
const limits = { depth: 12, aliases: 20, cost: 5_000, tokens: 2_000, batch: 1, introspection: false }

/** Keys that V8 hashes to one bucket where it takes short decimal strings for array indexes (CVE-2026-21717). */
function numberKeys(): string {
  const keys: string[] = []
  for (let i = 0; i < 12_000; i++) keys.push(`"${i * 65_536 + 1}":${i}`)
  return `{${keys.join(',')}}`
}

const keyed = (make: (i: number) => string): string =>
  `{${Array.from({ length: 12_000 }, (_, i) => `"${make(i)}":1`).join(',')}}`

const hostile: Readonly<Record<string, readonly (readonly [what: string, run: () => unknown])[]>> = {
  json: [
    fill('['),
    fill('{"a":'),
    `[${fill('[],')}[]]`,
    `"${fill('\\u0041')}"`.replace(/\\u?[0-9]*"$/, '"'),
    numberKeys(),
    keyed((i) => `k${i}`),
    keyed((i) => `${'\\u0061'.repeat(2)}${i}`),
    keyed((i) => i.toString(2).padStart(14, '0')),
    fill('1'),
    `[${fill('1e-300,')}1]`,
  ].map((text) => {
    const bytes = Buffer.from(text)
    return [text.slice(0, 20), () => parseJson(bytes)] as const
  }),
  form: [fill('a&'), fill('%41'), fill('a=b&', 3_900), fill('%'), fill('+')].map(
    (text) => [text.slice(0, 20), () => parseForm(text)] as const,
  ),
  multipart: [
    fill('--b\r\n'),
    fill('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'),
    `--b\r\nContent-Disposition: form-data; ${fill('a="b"; ')}`,
    `--b\r\n${fill('A: b\r\n')}`,
    `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${fill('\r\n--')}`,
  ].map((text) => {
    const bytes = Buffer.from(text)
    return [text.slice(0, 20), () => parseMultipart(bytes, 'b')] as const
  }),
  xml: [
    fill('<a>'),
    `<a>${fill('&amp;')}</a>`,
    fill('<a b="c" '),
    `<a ${fill('b="c" ')}`,
    fill('<!--'),
    `<a>${fill('<b/>')}</a>`,
    `<a>${fill('&')}`,
  ].map((text) => [text.slice(0, 20), () => parseXmlTexts(text)] as const),
  graphql: [
    fill('{a'),
    `{a(b:${fill('[')}`,
    `{${fill('a:b ')}}`,
    `{a(b:"${fill('\\u0041')}")}`,
    fill('#'),
    `{a ${fill('@a ')}}`,
    `{...f0}${Array.from({ length: 300 }, (_, i) => ` fragment f${i} on A{...f${i + 1} ...f${i + 1}}`).join('')}`,
  ].map((text) => [text.slice(0, 20), () => judgeGraphqlDocument(text, limits)] as const),
}

/** What an honest caller's body of this size costs to make and to read: the measure for everything else. */
function honestCost(): number {
  const value = Array.from({ length: 2_000 }, (_, i) => ({
    id: i,
    name: `name ${i}`,
    note: 'a few words of text',
    ok: true,
  }))
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const before = performance.now()
    parseJson(Buffer.from(JSON.stringify(value)))
    best = Math.min(best, performance.now() - before)
  }
  return best
}

describe('Q09 no input costs a hundred times what it is worth', () => {
  const honest = honestCost()
  for (const [parser, texts] of Object.entries(hostile))
    it(`Q09 ${parser}`, (t) => {
      let worst = 0
      let what = ''
      let memory = 0
      for (const [name, run] of texts) {
        let best = Number.POSITIVE_INFINITY
        const heap = process.memoryUsage().heapUsed
        for (let i = 0; i < 3; i++) {
          const before = performance.now()
          run()
          best = Math.min(best, performance.now() - before)
        }
        memory = Math.max(memory, process.memoryUsage().heapUsed - heap)
        if (best > worst) [worst, what] = [best, name]
      }
      t.diagnostic(
        `${(worst / honest).toFixed(1)} × an honest body at most (${JSON.stringify(what)}), ${worst.toFixed(1)} ms`,
      )
      assert.ok(worst < honest * 100, `${what}: ${worst.toFixed(0)} ms`)
      assert.ok(memory < size * 3 * 100, `${(memory / 1e6).toFixed(0)} MB`)
    })
})
