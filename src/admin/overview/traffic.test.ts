import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleEvent } from '../../../test/contract/event-store.ts'
import { binOf, Histogram } from './histogram.ts'
import { Top } from './top.ts'
import { createTraffic } from './traffic.ts'

const now = Date.UTC(2026, 10, 24, 12, 0, 7)
const at = (ago: number, over: Parameters<typeof sampleEvent>[1] = {}) =>
  sampleEvent(1, { code: undefined, status: 200, notes: [], time: now - ago, ...over })

test('calls by verdict, stage, caller and operation, in buckets without gaps', () => {
  const traffic = createTraffic(now - 3_600_000)
  const watched = { stage: 'authorize', check: 'authorize.scope', verdict: 'deny', code: undefined } as const
  for (let i = 0; i < 5; i++) traffic.observe(at(60_000))
  traffic.observe(at(0, { code: 'LIMIT_RATE', status: 429, sub: 'greedy' }))
  traffic.observe(at(0, { code: 'AUTHORIZE_OBJECT', status: 403, sub: 'greedy' }))
  traffic.observe(at(0, { code: 'FORWARD_TIMEOUT', status: 504 }))
  traffic.observe(at(0, { notes: [{ ...watched, observed: true, reason: undefined }] }))
  traffic.observe(at(0, { api: 'sallyport', operation: 'finding.probing' }))
  traffic.observe(at(0, { api: 'authority', operation: 'account.sign-in' }))
  traffic.observe(at(1_800_000))
  const view = traffic.view('15m', now)
  assert.equal(view.buckets.length, 60)
  assert.equal(view.bucketSeconds * view.buckets.length, view.windowSeconds)
  const sum = (name: 'allowed' | 'denied' | 'observed' | 'errors') =>
    view.buckets.reduce((all, bucket) => all + bucket[name], 0)
  assert.deepEqual([sum('allowed'), sum('denied'), sum('observed'), sum('errors')], [6, 3, 1, 1])
  assert.equal(view.buckets.at(-1)?.at, '2026-11-24T12:00:00.000Z')
  assert.deepEqual(view.refusalsByStage.map(({ stage, count }) => `${stage} ${count}`).sort(), [
    'authorize 1',
    'forward 1',
    'limit 1',
  ])
  assert.deepEqual(
    view.topCallers.find(({ sub }) => sub === 'greedy'),
    { sub: 'greedy', issuer: 'travel', calls: 2, denied: 2 },
  )
  assert.equal(view.partial, false)
  assert.equal(
    traffic.view('1h', now).buckets.reduce((all, { allowed }) => all + allowed, 0),
    7,
  )
  assert.equal(traffic.view('24h', now).partial, true)
  traffic.complete(now - 86_400_000)
  assert.equal(traffic.view('24h', now).partial, false)
  // A day later nothing of it is left, and an event of then does not come back.
  assert.equal(traffic.view('24h', now + 90_000_000).latency.total, null)
})

test('percentiles within 5 %', () => {
  const histogram = new Histogram()
  for (let ms = 1; ms <= 1000; ms++) histogram.add(binOf(ms))
  const { p50 = 0, p90 = 0, p99 = 0 } = histogram.percentiles() ?? {}
  for (const [got, wanted] of [
    [p50, 500],
    [p90, 900],
    [p99, 990],
  ] as const)
    assert.ok(Math.abs(got / wanted - 1) < 0.06, `${got} for ${wanted}`)
  for (const odd of [0, -1, Number.NaN, 1e12]) histogram.add(binOf(odd))
})

test('the first stay among any number of others', () => {
  const top = new Top(10)
  for (let n = 0; n < 10_000; n++) {
    top.add(`other-${n}`, false)
    if (n % 10 === 0) top.add('frequent', n % 20 === 0)
  }
  const [[key, tally] = ['', undefined]] = top.first(1)
  assert.equal(key, 'frequent')
  assert.deepEqual(tally, { calls: 1_000, denied: 500 })
})
