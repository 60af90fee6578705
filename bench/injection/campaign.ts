import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type ProblemCode, problems } from '../../src/kernel/problem.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { parseTarget } from '../../src/stages/listen/target.ts'
import { keepConnection } from './keep-alive.ts'
import { mutatedRequest } from './mutated-request.ts'
import { startPermissiveGateway } from './permissive.ts'
import { createRandom } from './variants.ts'
import { startWitness } from './witness.ts'

export interface Campaign {
  readonly requests: number
  /** Reached the upstream, byte for byte. */
  readonly passed: number
  /** How many ended in each problem. */
  readonly refused: ReadonlyMap<string, number>
  /** What ended otherwise: a fault, no reply, other bytes at the upstream. Must be empty. */
  readonly failures: readonly string[]
  /** Heap in use, MiB, after a full collection, at tenths of the way. */
  readonly heap: readonly number[]
}

/** Problems that no request may lead to. */
const faults = new Set<string>([
  'GATEWAY_FAULT',
  'FORWARD_MALFORMED',
  'FORWARD_UNREACHABLE',
  'FORWARD_TIMEOUT',
])

/**
 * Sends mutated requests through a real gateway on a contract that allows any text. Each has to end in a declared problem
 * with its status, or to reach the upstream as it was sent.
 */
export async function runCampaign(
  count: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Promise<Campaign> {
  const upstream = await startWitness()
  const gateway = await startPermissiveGateway(upstream.port, 'balanced')
  const random = createRandom(seed)
  const refused = new Map<string, number>()
  const failures: string[] = []
  const heap: number[] = []
  let passed = 0
  let next = 0
  let done = 0
  const fail = (why: string, bytes: Buffer): void => {
    if (failures.length < 50)
      failures.push(`${why}: ${JSON.stringify(bytes.toString('latin1').slice(0, 600))}`)
  }
  const work = async (): Promise<void> => {
    const connection = keepConnection(gateway.port)
    while (next < count) {
      const number = String(next++)
      const { bytes, whole } = mutatedRequest(number, random)
      const { status, code } = await connection.send(bytes)
      const arrived = upstream.take(number)
      if (status === 200 && (arrived !== undefined || whole === undefined)) {
        passed++
        if (arrived !== undefined && whole !== undefined && !isSame(whole, arrived))
          fail('other bytes', bytes)
      } else if (code !== undefined && problems[code as ProblemCode]?.status === status && !faults.has(code))
        refused.set(code, (refused.get(code) ?? 0) + 1)
      // A connection may end without a reply where its framing was broken.
      else if (!(status === 0 && whole === undefined)) fail(`status ${status} ${code ?? ''}`, bytes)
      else refused.set('closed', (refused.get('closed') ?? 0) + 1)
      if (++done % Math.ceil(count / 10) === 0) {
        heap.push(heapInUse())
        progress(done)
      }
    }
    connection.close()
  }
  try {
    await Promise.all(Array.from({ length: 8 }, work))
  } finally {
    await gateway.close()
    await upstream.close()
  }
  return { requests: count, passed, refused, failures, heap }
}

function isSame(
  sent: { readonly target: string; readonly body: Buffer },
  arrived: { readonly target: string; readonly body: Buffer },
): boolean {
  const target = parseTarget(sent.target)
  if (isDenied(target)) return false
  const expected = target.query === '' ? target.path : `${target.path}?${target.query}`
  return arrived.body.equals(sent.body) && arrived.target === expected
}

let collect: (() => void) | undefined

function heapInUse(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return Math.round(process.memoryUsage().heapUsed / 104_857.6) / 10
}
