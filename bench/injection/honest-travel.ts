import { startTravelGate } from '../../test/support/travel-gate.ts'
import { honestName, honestPassword, honestText } from './honest-texts.ts'
import { keepConnection } from './keep-alive.ts'
import { createRandom } from './variants.ts'
import { startWitness } from './witness.ts'

type Random = (below: number) => number

/** What an honest day at the travel company came to. */
export interface HonestRun {
  readonly calls: number
  /** Refused as an attack: false positives. */
  readonly alarms: number
  /** Refused or failed for another reason, by status and code. */
  readonly others: ReadonlyMap<string, number>
  /** The first refused calls, to look at. */
  readonly examples: readonly string[]
}

const cities = ['Oslo', "L'Aquila", 'Saint-Denis', 'New York', "Coeur d'Alene", 'St. John', 'Or', 'Union']
const airports = ['OSL', 'LHR', 'LIS', 'JFK', 'NRT']
const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T
const day = (random: Random): string => `2026-12-${String(1 + random(28)).padStart(2, '0')}`

interface Call {
  readonly method: string
  readonly target: string
  readonly body?: unknown
}

/** Sends generated honest calls through the gate of the travel example; its limits and objects are switched off. */
export async function runHonestTravel(
  count: number,
  seed = 1,
  progress: (done: number) => void = () => {},
): Promise<HonestRun> {
  const upstream = await startWitness()
  const gate = await startTravelGate((travel) => {
    travel.upstream = `http://127.0.0.1:${upstream.port}`
    travel.controls = { 'response-schema': 'off', limit: 'off', object: 'off', function: 'off', scope: 'off' }
    travel.limits = []
    travel.prune = 'off'
  })
  const port = Number(new URL(gate.url).port)
  const { alice } = gate.tokens
  const random = createRandom(seed)
  const others = new Map<string, number>()
  const examples: string[] = []
  let alarms = 0
  let next = 0
  const work = async (): Promise<void> => {
    const connection = keepConnection(port)
    while (next < count) {
      next++
      const call = makeCall(random)
      const number = String(next)
      const { status, code } = await connection.send(bytesOf(call, alice, number))
      // What a made-up reply is worth to the gate is not asked here.
      if (upstream.take(number) !== undefined) continue
      if (code === 'INSPECT_INJECTION') alarms++
      else {
        const key = `${status} ${code ?? ''} ${call.method} ${call.target.replace(/\?.*/, '')}`
        others.set(key, (others.get(key) ?? 0) + 1)
      }
      if (examples.length < 20) examples.push(JSON.stringify({ status, code, ...call }))
      if (next % 1000 === 0) progress(next)
    }
    connection.close()
  }
  try {
    await Promise.all(Array.from({ length: 8 }, work))
  } finally {
    await gate.close()
    await upstream.close()
  }
  return { calls: count, alarms, others, examples }
}

function bytesOf({ method, target, body }: Call, token: string, number: string): Buffer {
  const content = body === undefined ? '' : JSON.stringify(body)
  const head = `${method} ${target} HTTP/1.1\r\nHost: api.travel.example\r\nX-Call: ${number}\r\nAuthorization: Bearer ${token}\r\nUser-Agent: TravelApp/4.2 (iPhone; iOS 19.1; Scale/3.00)\r\nAccept-Language: en-GB,en;q=0.9,fr;q=0.8\r\n`
  return Buffer.from(
    body === undefined
      ? `${head}\r\n`
      : `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`,
  )
}

function makeCall(random: Random): Call {
  const q = encodeURIComponent
  switch (random(11)) {
    case 0:
      return {
        method: 'POST',
        target: '/register',
        body: {
          username: `user_${random(1_000_000)}`,
          password: honestPassword(random),
          email: `${pick(random, ['anna', "o'brien", 'j.doe+trips', 'x_y'])}@mail.example`,
          displayName: honestName(random).slice(0, 80),
        },
      }
    case 1:
      return {
        method: 'POST',
        target: '/login',
        body: { username: 'alice', password: honestPassword(random) },
      }
    case 2:
      return {
        method: 'PATCH',
        target: '/api/v1/users/123/profile',
        body: {
          displayName: honestName(random).slice(0, 80),
          bio: honestText(random, 500),
          newsletter: random(2) === 0,
        },
      }
    case 3:
    case 4:
      return {
        method: 'POST',
        target: '/bookings',
        body: {
          from: pick(random, airports),
          to: pick(random, airports),
          date: day(random),
          cabin: pick(random, ['economy', 'premium', 'business']),
          travellers: Array.from({ length: 1 + random(4) }, () => ({
            name: honestName(random).slice(0, 80),
            birthDate: `19${60 + random(39)}-0${1 + random(9)}-1${random(9)}`,
            seat: `${1 + random(40)}${pick(random, ['A', 'C', 'K'])}`,
          })),
          note: honestText(random, 300),
        },
      }
    case 5:
    case 6:
      return {
        method: 'POST',
        target: `/reviews/${pick(random, ['oslo', 'lisbon', 'new-york'])}`,
        body: { stars: 1 + random(5), text: honestText(random, 4000) },
      }
    case 7:
      return { method: 'GET', target: `/documents?q=${q(honestText(random, 120))}` }
    case 8:
      return {
        method: 'GET',
        target: `/search?from=${q(pick(random, cities))}&to=${q(pick(random, cities))}&date=${day(random)}`,
      }
    case 9:
      return { method: 'GET', target: '/api/v1/users/123/profile' }
    default:
      return { method: 'GET', target: '/bookings' }
  }
}
