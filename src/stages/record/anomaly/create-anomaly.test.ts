import assert from 'node:assert/strict'
import { test } from 'node:test'
import { campaigns, honest } from '../../../../bench/anomaly/simulate.ts'
import { DistinctBits, hashOf, Recent } from './counters.ts'
import { createAnomaly } from './create-anomaly.ts'

const people = 200
const seed = 4242
const traffic = honest(seed, 4, people)

test('honest days give at most one false alarm in 100,000 calls', (t) => {
  const anomaly = createAnomaly()
  const found = traffic.flatMap((event) => [...anomaly.observe(event)])
  t.diagnostic(`${found.length} in ${traffic.length} calls`)
  assert.ok(found.length <= Math.ceil(traffic.length / 100_000), found.map(({ kind }) => kind).join())
})

for (const campaign of campaigns(seed, (traffic.at(-1)?.time ?? 0) - 8 * 3_600_000, people))
  test(`found in the middle of honest traffic: ${campaign.name}`, () => {
    const anomaly = createAnomaly()
    const mine = new Set(campaign.events.map(({ id }) => id))
    const mixed = [...traffic, ...campaign.events].sort((a, b) => a.time - b.time)
    const hit = mixed
      .flatMap((event) => {
        const found = anomaly.observe(event)
        return mine.has(event.id) ? found : []
      })
      .find(({ kind }) => campaign.kinds.includes(kind))
    assert.ok(hit !== undefined)
    assert.match(hit.summary, /\d/)
  })

test('memory is bounded whoever comes', () => {
  const recent = new Recent<number>(1_000, () => 0)
  for (let n = 0; n < 100_000; n++) recent.of(`k${n}`)
  assert.ok(recent.size <= 1_000)
})

test('distinct values are counted within a tenth', () => {
  for (const count of [10, 100, 1_000, 4_000]) {
    const bits = new DistinctBits()
    let seen = 0
    for (let n = 0; n < count; n++) seen = bits.add(hashOf(`object-${n}`))
    for (let n = 0; n < count; n++) seen = bits.add(hashOf(`object-${n}`))
    assert.ok(Math.abs(seen - count) <= Math.max(3, count / 10), `${count}: ${seen}`)
  }
})
