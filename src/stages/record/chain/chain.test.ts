import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { AuditEvent } from '../../../kernel/event.ts'
import { stopped } from '../stopped.ts'
import { createChain } from './chain.ts'
import { erasedLine } from './chained-line.ts'
import { verifyChain } from './verify-chain.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const publicKey = createPublicKey(privateKey)

const eventOf = (n: number, more: Partial<AuditEvent> = {}): AuditEvent => ({
  ...stopped(n),
  operation: 'readThing',
  sub: `user-${n % 7}`,
  address: '192.0.2.1',
  path: `/things/${n}`,
  duration: n / 7,
  objects: [{ type: 'thing', id: `t${n}` }],
  ...more,
})

function linesOf(count: number, options: { signEvery?: number } = {}): string[] {
  const chain = createChain({ key: privateKey, signEveryMs: Number.POSITIVE_INFINITY, ...options })
  return Array.from({ length: count }, (_, n) => chain.line(eventOf(n, { time: 1 }), n === count - 1))
}

describe('the chain', () => {
  test('a run that was kept whole is whole; its line is the event', async () => {
    const lines = linesOf(500, { signEvery: 100 })
    const report = await verifyChain(lines, publicKey)
    assert.equal(report.bad, undefined)
    assert.equal(report.runs.length, 1)
    assert.deepEqual(
      [report.runs[0]?.first, report.runs[0]?.last, report.runs[0]?.signatures, report.runs[0]?.unsigned],
      [0, 499, 6, 0],
    )
    const { chain: _, ...event } = JSON.parse(lines[3] ?? '') as AuditEvent & { chain: unknown }
    assert.deepEqual(event, JSON.parse(JSON.stringify(eventOf(3, { time: 1 }))))
  })

  test('each kind of tampering is found at its record', async () => {
    const lines = linesOf(20)
    const line = (n: number): string => lines[n] ?? ''
    const change = (n: number, from: string | RegExp, to: string): string[] => {
      const changed = line(n).replace(from, to)
      assert.notEqual(changed, line(n))
      return lines.with(n, changed)
    }
    const stranger = createChain({ key: generateKeyPairSync('ed25519').privateKey })
    const cases: [string, string[], number, string][] = [
      ['status', change(7, '"status":200', '"status":500'), 8, 'changed'],
      ['caller', change(7, '"sub":"user-0"', '"sub":"user-1"'), 8, 'personal-changed'],
      ['path', change(3, '/things/3', '/things/4'), 4, 'personal-changed'],
      ['digest', change(5, /"hash":"./, '"hash":"_'), 6, 'changed'],
      ['removed', lines.toSpliced(9, 1), 10, 'missing'],
      ['swapped', lines.with(9, line(10)).with(10, line(9)), 10, 'missing'],
      ['repeated', lines.toSpliced(9, 0, line(4)), 10, 'out-of-place'],
      ['cut short', lines.with(12, line(12).slice(0, -9)), 13, 'unreadable'],
      ['unchained', lines.toSpliced(2, 0, '{"status":200}'), 3, 'unreadable'],
      ['signature', change(19, /"signature":"../, '"signature":"AA'), 20, 'bad-signature'],
      ['another key', [stranger.line(eventOf(0))], 1, 'bad-signature'],
    ]
    for (const [name, tampered, at, flaw] of cases) {
      const { bad } = await verifyChain(tampered, publicKey)
      assert.deepEqual([bad?.line, bad?.flaw], [at, flaw], name)
    }
  })

  test('a removed end shows as lines that no signature covers', async () => {
    const report = await verifyChain(linesOf(20).slice(0, 15), publicKey)
    assert.equal(report.bad, undefined)
    assert.equal(report.runs[0]?.unsigned, 14)
  })

  test('the same batch twice, a lost beginning and mixed runs are whole', async () => {
    const a = linesOf(10)
    const b = linesOf(10)
    assert.equal((await verifyChain([...a.slice(0, 5), ...a.slice(4)], publicKey)).bad, undefined)
    assert.equal((await verifyChain(a.slice(4), publicKey)).runs[0]?.first, 4)
    const mixed = a.flatMap((line, n) => [line, b[n] ?? ''])
    const report = await verifyChain(mixed, publicKey)
    assert.deepEqual([report.bad, report.runs.length], [undefined, 2])
  })

  test('erased lines keep the chain and say nothing of who it was', async () => {
    const lines = linesOf(10)
    const erased = lines.map((line, n) => (n % 2 === 0 ? (erasedLine(line) ?? '') : line))
    assert.doesNotMatch(erased[4] ?? '', /user-4|things\/4|192\.0\.2\.1|t4|salt/)
    const report = await verifyChain(erased, publicKey)
    assert.deepEqual([report.bad, report.runs[0]?.erased], [undefined, 5])
    // What was erased cannot be filled in with somebody else.
    const forged = (erased[4] ?? '').replace('"chain":', '"sub":"mallory","chain":')
    assert.equal((await verifyChain(erased.with(4, forged), publicKey)).bad?.flaw, 'personal-changed')
  })

  test('any change of any one character is found', async () => {
    const lines = linesOf(3)
    const text = lines.join('\n')
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom('x', '0', '"', '}', ' '), async (at, to) => {
        fc.pre(text[at] !== to)
        const changed = `${text.slice(0, at)}${to}${text.slice(at + 1)}`
        // White space outside of strings is not part of a record.
        fc.pre(to !== ' ' || !/[{}[\]:,\n]/.test(text[at] ?? ''))
        const { bad, lines: read } = await verifyChain(changed.split('\n'), publicKey)
        assert.ok(bad !== undefined || read !== 3, changed)
      }),
      { numRuns: 2_000 },
    )
  })

  test('what it costs', (t) => {
    const chain = createChain({ key: privateKey })
    const event = eventOf(1)
    for (let n = 0; n < 5_000; n++) chain.line(event)
    const started = performance.now()
    for (let n = 0; n < 20_000; n++) chain.line(event)
    t.diagnostic(
      `${(((performance.now() - started) * 1000) / 20_000).toFixed(2)} µs an event, serialised and chained`,
    )
  })
})
