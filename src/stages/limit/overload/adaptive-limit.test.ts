import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AdaptiveLimit } from './adaptive-limit.ts'

/** An upstream that works on `capacity` calls at once, each for `serviceMs`; the others queue in it. Time is simulated. */
class Upstream {
  readonly ends: { at: number; started: number }[] = []
  #free: number[]
  serviceMs: number

  constructor(capacity: number, serviceMs: number) {
    this.serviceMs = serviceMs
    this.#free = new Array<number>(capacity).fill(0)
  }
  call(now: number): void {
    this.#free.sort((a, b) => a - b)
    const at = Math.max(now, this.#free[0] ?? 0) + this.serviceMs
    this.#free[0] = at
    this.ends.push({ at, started: now })
  }
}

/** Offers `perSecond` calls to an upstream behind the limit for a while; what finds no room goes away. */
function simulate(
  limit: AdaptiveLimit,
  upstream: Upstream,
  from: number,
  seconds: number,
  perSecond: number,
) {
  const latencies: number[] = []
  const gap = 1000 / perSecond
  for (let now = from; now < from + seconds * 1000; now += gap) {
    upstream.ends.sort((a, b) => a.at - b.at)
    for (;;) {
      const [first] = upstream.ends
      if (first === undefined || first.at > now) break
      upstream.ends.shift()
      latencies.push(first.at - first.started)
      limit.end(0, first.started, first.at, true)
    }
    if (limit.hasRoom) {
      limit.begin()
      upstream.call(now)
    } else limit.turnedAway()
  }
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
  return { perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) }
}

describe('adaptive limit', () => {
  it('at five times the capacity: all of the capacity is used and replies take a few times their usual time', () => {
    const limit = new AdaptiveLimit({ least: 4, most: 256, tolerance: 2 })
    const upstream = new Upstream(10, 20)
    simulate(limit, upstream, 0, 5, 250)
    const flooded = simulate(limit, upstream, 5000, 20, 2500)
    assert.ok(flooded.perSecond > 450, JSON.stringify(flooded))
    assert.ok(flooded.p99 < 150, JSON.stringify(flooded))
    assert.ok(limit.limit >= 10 && limit.limit < 64, String(limit.limit))
    const after = simulate(limit, upstream, 25_000, 5, 250)
    assert.ok(after.perSecond > 240, JSON.stringify(after))
    assert.ok(after.p99 < 100, JSON.stringify(after))
  })

  it('at four fifths of the capacity, close to its limit, it costs nobody anything', () => {
    const limit = new AdaptiveLimit({ least: 8, most: 256, tolerance: 2 })
    const upstream = new Upstream(60, 60)
    const busy = simulate(limit, upstream, 0, 30, 800)
    assert.ok(busy.perSecond > 790, JSON.stringify(busy))
    assert.ok(busy.p99 <= 61, JSON.stringify(busy))
  })

  it('a flood from the very first call does not teach it a queue', () => {
    const limit = new AdaptiveLimit({ least: 4, most: 256, tolerance: 2 })
    const upstream = new Upstream(10, 20)
    simulate(limit, upstream, 0, 30, 2500)
    const later = simulate(limit, upstream, 30_000, 10, 2500)
    assert.ok(later.perSecond > 450, JSON.stringify(later))
    assert.ok(later.p50 < 100, JSON.stringify(later))
  })

  it('grows where the upstream bears more, and follows one that becomes slower and faster again', () => {
    const limit = new AdaptiveLimit({ least: 4, most: 512, tolerance: 2 })
    const upstream = new Upstream(200, 50)
    const wide = simulate(limit, upstream, 0, 20, 5000)
    assert.ok(limit.limit > 150, String(limit.limit))
    assert.ok(wide.perSecond > 3000, JSON.stringify(wide))
    upstream.serviceMs = 200
    simulate(limit, upstream, 20_000, 30, 5000)
    const slow = simulate(limit, upstream, 50_000, 10, 5000)
    assert.ok(slow.perSecond > 800, JSON.stringify(slow))
    upstream.serviceMs = 50
    simulate(limit, upstream, 60_000, 20, 5000)
    const again = simulate(limit, upstream, 80_000, 10, 5000)
    assert.ok(again.perSecond > 3200, JSON.stringify(again))
  })

  it('holds nobody back where the upstream keeps up, whatever the mix of fast and slow calls', () => {
    const limit = new AdaptiveLimit({ least: 4, most: 256, tolerance: 2 })
    let turned = 0
    const running: { at: number; started: number; kind: number }[] = []
    for (let now = 0; now < 60_000; now += 5) {
      running.sort((a, b) => a.at - b.at)
      while (running[0] !== undefined && running[0].at <= now) {
        const ended = running.shift()
        if (ended !== undefined) limit.end(ended.kind, ended.started, ended.at, true)
      }
      if (!limit.hasRoom) turned++
      limit.begin()
      const kind = (now / 5) % 10 === 0 ? 1 : 0
      running.push({ at: now + (kind === 1 ? 900 : 8), started: now, kind })
    }
    assert.equal(turned, 0)
  })

  it('failures make it smaller', () => {
    const limit = new AdaptiveLimit({ least: 4, most: 256, tolerance: 2 })
    for (let now = 0; now < 3000; now += 10) {
      limit.begin()
      limit.end(0, now, now + 5, now % 20 === 0)
    }
    assert.ok(limit.limit < 20, String(limit.limit))
    assert.equal(limit.inFlight, 0)
  })
})
