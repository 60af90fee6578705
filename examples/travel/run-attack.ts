import { request as send } from 'node:http'
import type { Attack, AttackReply, AttackRequest } from './attack.ts'
import type { Scene } from './scene.ts'

export interface AttackOutcome {
  readonly reply: AttackReply
  /** `code` of the problem, when the reply is one of Sallyport's. */
  readonly code: string | undefined
  readonly succeeded: boolean
}

/** Runs one attack against `base` (`http://127.0.0.1:PORT`). */
export async function runAttack(attack: Attack, base: string, scene: Scene): Promise<AttackOutcome> {
  const requests = attack.requests(scene)
  let reply: AttackReply = { status: 0, headers: {}, text: '' }
  if (attack.atOnce === true) {
    const replies = await Promise.all(requests.map((request) => sendAttack(base, request)))
    reply = replies.find(({ status }) => status === attack.gate.status) ?? replies[0] ?? reply
  } else for (const request of requests) reply = await sendAttack(base, request)
  return { reply, code: codeOf(reply), succeeded: attack.evidence(reply) }
}

/** True when the gate answered as the attack's entry says it must. */
export function isStopped(attack: Attack, { reply, code, succeeded }: AttackOutcome): boolean {
  return !succeeded && reply.status === attack.gate.status && code === attack.gate.code
}

/** Sends one request with `node:http`, which leaves the target as it is written. */
export function sendAttack(base: string, attack: AttackRequest): Promise<AttackReply> {
  const { hostname, port } = new URL(base)
  const body = typeof attack.body === 'object' ? JSON.stringify(attack.body) : attack.body
  const length =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const request = send(
      {
        hostname,
        port,
        method: attack.method,
        path: attack.path,
        headers: { ...length, ...attack.headers },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const headers = Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          )
          resolve({ status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8') })
        })
      },
    )
    request.setTimeout(5000, () => request.destroy(new Error('no answer within 5 s')))
    request.on('error', reject)
    request.end(body)
  })
}

function codeOf({ headers, text }: AttackReply): string | undefined {
  if (!(headers['content-type'] ?? '').startsWith('application/problem+json')) return undefined
  try {
    const problem = JSON.parse(text) as { code?: unknown }
    return typeof problem.code === 'string' ? problem.code : undefined
  } catch {
    return undefined
  }
}
