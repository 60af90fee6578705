import assert from 'node:assert/strict'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningGateway } from './running-gateway.ts'

/** Operations with one limit of each kind, and objects that callers are given. */
export const workersContract: string = `openapi: 3.1.0
info: { title: Workers, version: '1' }
security: [{ bearer: [] }]
paths:
  /any: { get: { operationId: any, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /rate: { get: { operationId: rate, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /window: { get: { operationId: window, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /day: { get: { operationId: day, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /slow: { get: { operationId: slow, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /guess: { get: { operationId: guess, responses: { '200': { $ref: '#/components/responses/Any' }, '401': { description: wrong } } } }
  /bookings: { get: { operationId: list, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /bookings/{bookingId}:
    get:
      operationId: read
      parameters: [{ name: bookingId, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Booking' } } } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  responses: { Any: { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Booking' } } } } } }
  schemas: { Booking: { type: object, properties: { bookingId: { type: string } } } }
`

export const workersApi: string = `    objects: { booking: { learn: true, allow: "'support' in caller.roles" } }
    limits:
      - { for: rate, per: caller, rate: 30/h }
      - { for: window, per: caller, window: 30/h }
      - { for: day, per: caller, quota: 30/day }
      - { for: slow, per: caller, concurrent: 3 }
      - { for: guess, name: guesses, per: caller, rate: 3/min, failures: true, lock: 10min }
`

/** What came of a call. */
export interface Answer {
  readonly status: number
  readonly code: string | undefined
}

/** One call on a connection of its own: the kernel chooses the worker anew. */
export function call(url: string, headers: Record<string, string>, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: agent ?? false, headers }, (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const problem = response.statusCode === 200 ? {} : (JSON.parse(text || '{}') as { code?: string })
        resolve({ status: response.statusCode ?? 0, code: problem.code })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Calls, so many at once. */
export async function many(
  count: number,
  one: (n: number) => Promise<Answer>,
  atOnce = 16,
): Promise<Answer[]> {
  const answers: Answer[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) answers.push(await one(next++))
    }),
  )
  return answers
}

export const passed = (answers: readonly Answer[]): number =>
  answers.filter(({ status }) => status === 200).length

/** Waits until something holds, a minute at most: a worker that begins compiles the whole policy. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const began = performance.now()
  while (!(await holds())) {
    if (performance.now() - began > 60_000) assert.fail(`a minute is over: ${what}`)
    await sleep(20)
  }
}

/** Has the upstream answer with bookings, slowly at one place. */
export function answerBookings(gateway: RunningGateway): void {
  gateway.upstream.answer = (seen, response) => {
    response.setHeader('content-type', 'application/json')
    const body = seen.url.startsWith('/bookings/') ? '{"bookingId":"b1"}' : '[{"bookingId":"b1"}]'
    if (seen.url === '/guess') response.writeHead(401).end()
    else if (seen.url === '/slow') setTimeout(() => response.end(body), 300)
    else response.end(body)
  }
}
