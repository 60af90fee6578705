import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { compileSecretSearch } from './find-secrets.ts'
import { secretKinds } from './secret-kinds.ts'
import { StreamSecrets } from './stream-secrets.ts'

const search = compileSecretSearch(secretKinds)
// Made here, so that no scanner takes this file for a leak.
const letters = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'
const slack = ['xo', 'xb-1234567890-abcdefghij'].join('')
const stripe = `${['sk', 'live', ''].join('_')}${letters.slice(0, 24)}`
const cloud = ['AK', 'IAQWERTYUIOPASDFGH'].join('')
const jwt = ['ey', `J${letters}.ey`, `J${letters}${letters}.${letters}`].join('')
const database = ['postgres://app:hunter2secret', 'db.internal'].join('@')
const pem = [
  '-----BEGIN PRIV',
  'ATE KEY-----\n',
  `${letters}\n`.repeat(30),
  '-----END PRIV',
  'ATE KEY-----',
].join('')
const secrets = [slack, stripe, cloud, jwt, database, '5555 5555 5555 4444', 'GB82 WEST 1234 5698 7654 32']

interface Told {
  readonly out: string
  readonly kinds: string[]
  readonly isCut: boolean
  /** Most characters that were held at once. */
  readonly held: number
}
function run(chunks: readonly string[], kind: 'sse' | 'ndjson', watching = false): Told {
  const kinds: string[] = []
  let isCut = false
  const reader = new StreamSecrets({
    kind,
    search,
    watching,
    found: (one) => kinds.push(one),
    cut: () => {
      isCut = true
    },
  })
  let out = ''
  let given = 0
  let held = 0
  for (const chunk of chunks) {
    given += chunk.length
    out += reader.feed(chunk)
    held = Math.max(held, given - out.length)
  }
  return { out: out + reader.end(), kinds, isCut, held }
}
const cut = (text: string, at: readonly number[]): string[] => {
  const places = [...new Set(at.map((n) => n % (text.length + 1)))].sort((a, b) => a - b)
  return [...places, text.length].map((to, i) => text.slice(i === 0 ? 0 : (places[i - 1] ?? 0), to))
}
const line = (value: unknown): string => `${JSON.stringify(value)}\n`
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

describe('secrets in streams', () => {
  test('wherever they are cut', () => {
    for (const secret of [...secrets, pem])
      for (const [text, kind] of [
        [line({ a: `before ${secret} after`, b: 1 }), 'ndjson'],
        [event({ a: `before ${secret} after`, b: 1 }), 'sse'],
        [`data: before ${secret.replaceAll('\n', ' ')} after\n\n`, 'sse'],
      ] as const)
        for (let at = 0; at <= text.length; at += text.length > 600 ? 97 : 1) {
          const { out, kinds } = run([text.slice(0, at), text.slice(at)], kind)
          assert.match(out, /before \[removed: [a-z-]+\] after/, `${secret} at ${at}: ${out}`)
          assert.equal(kinds.length, 1)
        }
  })

  test('word by word over events, as models write', () => {
    for (const secret of [slack, stripe, cloud, jwt, database])
      for (const size of [1, 2, 3, 5, 8]) {
        const words = ['see ', ...(secret.match(new RegExp(`.{1,${size}}`, 'g')) ?? []), ' now', ' please']
        const { out } = run(
          words.map((delta) => event({ choices: [{ delta: { content: delta } }] })),
          'sse',
        )
        const said = [...out.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join('')
        assert.match(said, /^see \[removed: [a-z-]+\] now please$/, `${secret} by ${size}: ${said}`)
        for (const part of out.split('\n\n')) if (part !== '') JSON.parse(part.slice(6))
      }
  })

  test('as few escapes as all of them', () => {
    const escaped = [...stripe]
      .map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('')
    const { out } = run([`{"a":"x ${escaped} y"}\n`], 'ndjson')
    assert.equal(out, '{"a":"x [removed: token] y"}\n')
  })

  test('numbers of two records are not one number', () => {
    const rows = ['55555555', '55554444', '4111', '1111', '1111', '1111'].map((id) => line({ id }))
    assert.deepEqual(run(rows, 'ndjson'), { out: rows.join(''), kinds: [], isCut: false, held: 0 })
  })

  test('rows of addresses leave as they come', () => {
    const rows = Array.from({ length: 200 }, (_, i) =>
      line({ url: `https://travel.example/trips/${i}`, sku: `t-${i}` }),
    )
    const { out, held, isCut } = run(rows, 'ndjson')
    assert.equal(out, rows.join(''))
    assert.ok(held < 200 && !isCut, `${held}`)
  })

  test('what is no secret leaves as it is, however it is cut', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.constantFrom(
        'sk-learn',
        'https://a.example/b',
        'ghp_short',
        '2024-11-24',
        '12 000',
        'AKIA',
        'eyJ',
        'Host=',
        'Server=a;b',
      ),
    )
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: text, b: text }), { maxLength: 6 }),
        fc.array(fc.nat(900), { maxLength: 10 }),
        (rows, at) => {
          for (const kind of ['ndjson', 'sse'] as const) {
            const whole = rows.map(kind === 'sse' ? event : line).join('')
            fc.pre(search.find(whole).length === 0)
            assert.equal(run(cut(whole, at), kind).out, whole)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('watching changes nothing, and sees the same', () => {
    const whole = secrets.map((secret) => line({ a: `x ${secret} y` })).join('')
    const { kinds } = run(cut(whole, [3, 50, 77, 130]), 'ndjson', true)
    assert.equal(kinds.length, secrets.length)
  })

  test('what is held is bounded, and time is linear', () => {
    for (const unit of [
      'eyJ',
      'sk-a',
      '4 ',
      'https://a/',
      '-----BEGIN ',
      'Server=a;',
      'AB12 ',
      '"a":',
      '\\',
      ' ',
    ]) {
      const started = performance.now()
      const { held } = run(
        Array.from({ length: 1_500 }, () => unit.repeat(20)),
        'ndjson',
      )
      assert.ok(held < 300_000, `${unit}: ${held}`)
      assert.ok(performance.now() - started < 6_000, `${unit}: ${performance.now() - started} ms`)
    }
  })
})
