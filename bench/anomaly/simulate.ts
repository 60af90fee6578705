import type { AuditEvent } from '../../src/kernel/event.ts'
import { createRandom } from '../../tools/train-context/random.ts'

/** Days of made-up honest traffic, and campaigns that are put into it. */
export interface Campaign {
  readonly name: string
  /** Kinds of finding of which any counts as its detection. */
  readonly kinds: readonly string[]
  /** Its calls, in order of time. */
  readonly events: readonly AuditEvent[]
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const blank: AuditEvent = {
  time: 0,
  sequence: 0,
  id: '',
  traceId: '',
  issuer: 'main',
  sub: '',
  client: 'app',
  credential: '',
  credentialKind: 'jwt',
  address: '',
  peer: '',
  protocol: '2',
  secure: true,
  method: 'GET',
  path: '/bookings/1',
  api: 'travel',
  operation: 'readBooking',
  objects: [],
  status: 200,
  code: undefined,
  reason: undefined,
  notes: [],
  stages: [],
  bytesIn: 0,
  bytesOut: 900,
  duration: 3,
  upstreamStatus: 200,
  failedOpen: 0,
}

/** One maker of events with its own numbers. */
export interface Maker {
  event(time: number, more: Partial<AuditEvent>): AuditEvent
  readonly random: () => number
}

export function createMaker(seed: number): Maker {
  const random = createRandom(seed)
  let n = 0
  return {
    random,
    event: (time, more) => ({ ...blank, time, id: `e${seed}-${n++}`, ...more }),
  }
}

const pick = (random: () => number, most: number): number => Math.floor(random() * most)
const booking = (id: string): AuditEvent['objects'] => [{ type: 'booking', id }]

/**
 * Honest traffic: people with few objects who come by day, power users, a support desk that looks at many, batch clients that
 * read everything of their own every night, phones that change networks, mistyped ids and passwords, a holiday with twice as
 * many people, crawlers of old links.
 */
export function honest(seed: number, days: number, people: number): AuditEvent[] {
  const { event, random } = createMaker(seed)
  const events: AuditEvent[] = []
  const start = Date.UTC(2026, 8, 7)
  for (let d = 0; d < days; d++) {
    const holiday = d === days - 2
    for (let p = 0; p < people; p++) {
      if (random() > (holiday ? 0.9 : 0.55)) continue
      const sub = `u${p}`
      const power = p % 40 === 0
      const home = `${10 + (p % 200)}.${p % 250}.1.${p % 250}`
      const mobile = `${100 + (p % 40)}.${(p * 7) % 250}.2.${p % 250}`
      const sessions = power ? 6 : 1 + pick(random, 3)
      for (let s = 0; s < sessions; s++) {
        // Most come between eight and ten in the evening.
        const at = start + d * day + 8 * hour + ((random() + random()) / 2) * 14 * hour
        const credential = `c${p}-${d}-${s}`
        const address = random() < 0.3 ? mobile : home
        const failed = random() < 0.12 ? 1 + pick(random, 3) : 0
        for (let f = 0; f < failed; f++)
          events.push(
            event(at - (failed - f) * 20_000, {
              method: 'POST',
              operation: 'login',
              path: '/login',
              credentialKind: 'none',
              issuer: '',
              status: 401,
              upstreamStatus: 401,
              address,
            }),
          )
        const calls = power ? 40 : 6 + pick(random, 12)
        for (let c = 0; c < calls; c++) {
          const time = at + c * (4_000 + random() * 20_000)
          // A phone leaves the house once on the way.
          const from = address === home && c > calls * 0.8 && random() < 0.1 ? mobile : address
          const common = { sub, credential, address: from, client: 'app' }
          const which = random()
          if (which < 0.02)
            events.push(
              event(time, {
                ...common,
                objects: booking(`gone-${pick(random, 1e6)}`),
                status: 404,
                upstreamStatus: 404,
              }),
            )
          else if (which < 0.03)
            events.push(
              event(time, {
                ...common,
                operation: '',
                path: `/old/${pick(random, 5)}`,
                status: 404,
                code: 'MATCH_NO_OPERATION',
                upstreamStatus: undefined,
              }),
            )
          else if (which < 0.04)
            events.push(
              event(time, {
                ...common,
                method: 'POST',
                operation: 'createBooking',
                status: 400,
                code: 'INSPECT_SCHEMA',
                upstreamStatus: undefined,
              }),
            )
          else if (which < 0.35)
            events.push(
              event(time, {
                ...common,
                operation: 'search',
                path: '/search',
                bytesOut: 4_000 + pick(random, 20_000),
              }),
            )
          else
            events.push(event(time, { ...common, objects: booking(`b${p}-${pick(random, power ? 40 : 6)}`) }))
        }
      }
    }
    for (let desk = 0; desk < 3; desk++)
      for (let c = 0; c < 260; c++)
        events.push(
          event(start + d * day + 9 * hour + c * 100_000 + pick(random, 60_000), {
            sub: `support${desk}`,
            credential: `support${desk}-${d}`,
            client: 'desk',
            address: '192.0.2.10',
            objects: booking(`b${pick(random, people)}-${pick(random, 6)}`),
          }),
        )
    for (let client = 0; client < 2; client++)
      for (let c = 0; c < 400; c++)
        events.push(
          event(start + d * day + 2 * hour + c * 1_500, {
            sub: `batch${client}`,
            credential: `batch${client}`,
            client: `batch${client}`,
            address: `198.51.100.${client}`,
            objects: booking(`p${client}-${c}`),
            bytesOut: 6_000,
          }),
        )
  }
  return events.sort((a, b) => a.time - b.time)
}

/** The campaigns of one seed, all beginning at `from`. */
export function campaigns(seed: number, from: number, people: number): Campaign[] {
  const { event, random } = createMaker(seed ^ 0x5bd1e995)
  const login = (time: number, address: string): AuditEvent =>
    event(time, {
      method: 'POST',
      operation: 'login',
      path: '/login',
      credentialKind: 'none',
      issuer: '',
      status: 401,
      upstreamStatus: 401,
      address,
    })
  const refused = { status: 403, code: 'AUTHORIZE_OBJECT', upstreamStatus: undefined } as const
  const thief = pick(random, people)
  const victim = pick(random, people)
  const at = (n: number, every: number): number => from + n * every * (0.7 + 0.6 * random())
  return [
    {
      name: 'stuffing from 1,000 addresses',
      kinds: ['stuffing', 'sign-in-spike'],
      events: Array.from({ length: 10_000 }, (_, n) =>
        login(from + n * 120, `203.${n % 100}.${(n >> 3) % 250}.${(n * 13) % 250}`),
      ),
    },
    {
      name: 'guessing from one address',
      kinds: ['sign-in-spike'],
      events: Array.from({ length: 300 }, (_, n) => login(at(n, 4_000), '203.0.113.77')),
    },
    {
      name: 'slow enumeration, refused by the gate',
      kinds: ['object-enumeration'],
      // A tenth of a limit of 100 a minute.
      events: Array.from({ length: 200 }, (_, n) =>
        event(at(n, 6_000), {
          sub: `u${thief}`,
          credential: `t${thief}`,
          address: '203.0.113.8',
          objects: booking(`b${pick(random, people)}-x${n}`),
          ...refused,
        }),
      ),
    },
    {
      name: 'slow enumeration, a foreign object every ten minutes',
      kinds: ['object-enumeration'],
      events: Array.from({ length: 120 }, (_, n) =>
        event(from + n * 10 * minute, {
          sub: `u${thief + 1}`,
          credential: `t${thief + 1}`,
          address: '203.0.113.9',
          objects: booking(`${1000 + n}`),
          status: 404,
          upstreamStatus: 404,
        }),
      ),
    },
    {
      name: 'harvest of objects that nothing guards',
      kinds: ['object-harvest'],
      events: Array.from({ length: 2_000 }, (_, n) =>
        event(at(n, 6_000), {
          sub: `u${thief + 2}`,
          credential: `t${thief + 2}`,
          address: '203.0.113.10',
          objects: booking(`b${n % people}-${n}`),
        }),
      ),
    },
    {
      name: 'spray of endpoints',
      kinds: ['endpoint-spray'],
      events: Array.from({ length: 400 }, (_, n) =>
        event(at(n, 3_000), {
          operation: '',
          credentialKind: 'none',
          issuer: '',
          path: `/api/admin/${n}`,
          status: 404,
          code: 'MATCH_NO_OPERATION',
          upstreamStatus: undefined,
          address: '203.0.113.11',
        }),
      ),
    },
    {
      name: 'one token over many addresses',
      kinds: ['shared-credential'],
      events: Array.from({ length: 600 }, (_, n) =>
        event(at(n, 2_000), {
          sub: `u${thief + 3}`,
          credential: `t${thief + 3}`,
          address: `${120 + (n % 40)}.${(n * 3) % 200}.7.7`,
          operation: 'search',
          path: '/search',
        }),
      ),
    },
    {
      name: 'exfiltration',
      kinds: ['exfiltration'],
      events: Array.from({ length: 800 }, (_, n) =>
        event(at(n, 3_000), {
          sub: `u${thief + 4}`,
          credential: `t${thief + 4}`,
          address: '203.0.113.12',
          operation: 'export',
          bytesOut: 400_000,
        }),
      ),
    },
    {
      name: 'a stolen token beside its owner',
      kinds: ['shared-credential'],
      events: Array.from({ length: 80 }, (_, n) =>
        event(from + n * 15_000, {
          sub: `u${victim}`,
          credential: `v${victim}`,
          address: n % 2 === 0 ? '10.20.1.1' : '185.77.3.3',
          objects: booking(`b${victim}-${n % 5}`),
        }),
      ),
    },
    {
      name: 'probing for injections',
      kinds: ['probing'],
      events: Array.from({ length: 150 }, (_, n) =>
        event(at(n, 4_000), {
          sub: `u${thief + 5}`,
          credential: `t${thief + 5}`,
          address: '203.0.113.13',
          status: 403,
          code: 'INSPECT_INJECTION',
          upstreamStatus: undefined,
        }),
      ),
    },
  ]
}
