import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadLines } from '../support/probe-apis/load-lines.ts'
import { kindsOf, runSmallProbe } from '../support/probe-apis/run-small-probe.ts'
import { startTravelGate, type TravelGate } from '../support/travel-gate.ts'

// The probe on the weak travel API itself, and through the gate with the example's own policy.

let gate: TravelGate
before(async () => {
  gate = await startTravelGate((travel) => {
    // As the example has it, only sooner over: a minute of it is a second here.
    for (const limit of travel.limits) {
      if (limit.for === '*') Object.assign(limit, { rate: '3000/min', burst: 120 })
      if (limit.for === 'search') limit.rate = '200/s'
      if (limit.for === 'register') limit.rate = '600/min'
      if (Array.isArray(limit.for)) Object.assign(limit, { rate: '6000/min', burst: 60 })
    }
  })
})
after(() => gate.close())

const contract = join(import.meta.dirname, '../../examples/travel/travel.openapi.yaml')
const probe = (target: string, seed: number): ReturnType<typeof runSmallProbe> =>
  runSmallProbe({
    contract,
    target,
    change: { seed, budget: { requests: 6000, seconds: 100, rate: 4000, patience: 1500 } },
    identities: [`alice=${gate.tokens.alice}`, `bob=${gate.tokens.bob}`],
  })

/** Kinds of what the upstream's comments plant, as far as the probe looks for them; docs/probe.md names what it does not. */
const planted: readonly string[] = [
  'auth.alg-none GET /bookings',
  'auth.audience GET /bookings',
  'auth.enumeration POST /login',
  'auth.expired GET /bookings',
  'auth.missing GET /api/v1/users/{userId}/profile',
  'auth.missing POST /devices/{deviceId}/telemetry',
  'auth.signature GET /bookings',
  'banner',
  'bfla.read GET /admin/users',
  'bfla.scope POST /devices/{deviceId}/telemetry',
  'bfla.write DELETE /admin/users',
  'bola.delete DELETE /bookings/{bookingId}',
  'bola.read GET /api/v1/users/{userId}/calendar',
  'bola.read GET /api/v1/users/{userId}/profile',
  'bola.read GET /bookings/{bookingId}',
  'bola.read GET /files/{name}',
  'bola.write PATCH /api/v1/users/{userId}/profile',
  'bola.write PATCH /bookings/{bookingId}',
  'cors.any',
  'error.verbose',
  'flow.unlimited POST /bookings',
  'injection.command POST /export',
  'injection.sql GET /documents',
  'injection.sql GET /search',
  'injection.sql PATCH /api/v1/users/{userId}/profile',
  'inventory.path',
  'inventory.version',
  'limit.page GET /bookings',
  'limit.rate',
  'limit.sign-in POST /login',
  'property.assignment PATCH /api/v1/users/{userId}/profile',
  'property.assignment POST /bookings',
  'property.assignment POST /register',
  'property.secret GET /api/v1/users/{userId}/profile',
  'ssrf POST /webhooks',
]

test('through the gate: nothing', async (t) => {
  const report = await probe(gate.url, 1)
  assert.deepEqual(kindsOf(report), [])
  assert.equal(report.stopped, undefined)
  assert.ok(report.answered >= 9, `${report.answered} operations answered`)
  t.diagnostic(`${report.requests} requests in ${report.seconds} s, ${report.throttled} held up`)
})

test('the weak upstream: every listed kind of weakness', async (t) => {
  const report = await probe(gate.upstream.url, 2)
  const found = new Set(kindsOf(report))
  assert.deepEqual(
    planted.filter((one) => !found.has(one)),
    [],
  )
  // What is found beyond them is the same weaknesses at other operations: nobody is asked for a credential anywhere.
  const more = [...found].filter((one) => !planted.includes(one))
  for (const one of more) assert.match(one, /^(?:auth\.(?:missing|id-token)|property\.(?:secret|internal)) /)
  const lines = report.findings.map(({ policy }) => policy)
  assert.deepEqual(await loadLines(lines, contract), [])
  t.diagnostic(
    `${found.size} kinds, ${report.findings.length} findings, ${report.requests} requests in ${report.seconds} s`,
  )
})
