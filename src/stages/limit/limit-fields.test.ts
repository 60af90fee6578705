import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { RateSpec } from '../../kernel/ports.ts'
import { createMemoryRateStore } from '../../stores/memory/rate-store.ts'
import { limitItem, policyItem, quotePolicy, secondsOf } from './limit-fields.ts'

interface Item {
  readonly name: string
  readonly parameters: ReadonlyMap<string, number>
}

/** RFC 9651 §4.2.1, as far as these fields use it: strings with integer parameters, joined by commas. */
function parseList(text: string): Item[] {
  const items: Item[] = []
  let at = 0
  const take = (pattern: RegExp): string => {
    const match = pattern.exec(text.slice(at))
    assert.ok(match !== null, `at ${at} of ${text}`)
    at += match[0].length
    return match[0]
  }
  for (;;) {
    const name = take(/^"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/)
    const parameters = new Map<string, number>()
    while (text[at] === ';') {
      const key = take(/^;[a-z*][a-z0-9_.*-]*=/).slice(1, -1)
      parameters.set(key, Number(take(/^-?\d{1,15}(?![\d.])/)))
    }
    items.push({ name: name.slice(1, -1).replace(/\\(["\\])/g, '$1'), parameters })
    if (at === text.length) return items
    take(/^, /)
  }
}

const spec = fc.record({
  rate: fc.integer({ min: 1, max: 1_000_000 }),
  windowMs: fc.constantFrom(1, 100, 1000, 60_000, 3_600_000, 86_400_000),
  burst: fc.integer({ min: 1, max: 10_000 }),
})
const policyName = fc.stringMatching(/^[\x20-\x7e]{1,40}$/)

describe('RateLimit and RateLimit-Policy', () => {
  it('parse as RFC 9651 lists, with matching names and whole numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(policyName, spec), { minLength: 1, maxLength: 4 }), (rules) => {
        const store = createMemoryRateStore({ capacity: 16 })
        const quoted = rules.map(([name]) => quotePolicy(name) ?? '')
        const policies = parseList(rules.map(([, rate], i) => policyItem(quoted[i] ?? '', rate)).join(', '))
        const limits = parseList(
          rules
            .map(([, rate], i) => limitItem(quoted[i] ?? '', rate, store.take(`${i}`, rate, 1, 1000)))
            .join(', '),
        )
        assert.deepEqual(
          limits.map((item) => item.name),
          rules.map(([name]) => name),
        )
        assert.deepEqual(
          policies.map((item) => item.name),
          rules.map(([name]) => name),
        )
        for (const item of policies) assert.deepEqual([...item.parameters.keys()], ['q', 'w'])
        for (const item of limits) assert.deepEqual([...item.parameters.keys()], ['r', 't'])
        for (const item of [...policies, ...limits])
          for (const value of item.parameters.values()) assert.ok(Number.isSafeInteger(value) && value >= 0)
      }),
    )
  })

  it('t is true: before it no more than r pass, after Retry-After one does', () => {
    fc.assert(
      fc.property(spec, fc.integer({ min: 1, max: 30 }), (rate: RateSpec, calls) => {
        const store = createMemoryRateStore({ capacity: 16 })
        let last = store.take('k', rate, 1, 1000)
        for (let i = 1; i < calls; i++) last = store.take('k', rate, 1, 1000)
        const [item] = parseList(limitItem('"x"', rate, last))
        const left = item?.parameters.get('r') ?? 0
        const seconds = item?.parameters.get('t') ?? 0
        // `t` is in whole seconds, rounded up: true to the second.
        const before = 1000 + (seconds - 1) * 1000 - 0.001
        if (seconds > 1) assert.ok(store.take('k', rate, 0, before).remaining <= left)
        if (!last.allowed) {
          const retry = secondsOf(last.retryMs, rate.windowMs)
          assert.ok(retry >= seconds)
          assert.equal(store.take('k', rate, 1, 1000 + retry * 1000).allowed, true)
        }
      }),
    )
  })

  it('names that are no RFC 9651 string are refused', () => {
    for (const name of ['', 'a\n', 'é', '\u007f', 'a\r\nSet-Cookie: x'])
      assert.equal(quotePolicy(name), undefined)
  })
})
