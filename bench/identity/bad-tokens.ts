import { randomBytes } from 'node:crypto'
import type { LoadResult } from '../load.ts'
import { loadCore } from '../pinned-process.ts'
import type { Site } from '../site.ts'
import { goodCalls, startLoad } from './load-process.ts'

export interface FloodResult {
  readonly quiet: LoadResult
  /** The same flood goes to the backend: what the load generators do to one another. */
  readonly beside: LoadResult
  readonly flooded: LoadResult
  /** Bad tokens that the gateway took a second. */
  readonly taken: number
}

const goodRate = 500
const badRate = 10_000
const different = 20_000

/**
 * Latency of good calls while ten thousand bad tokens a second are offered, from the same address. Of each kind the
 * round with the least p99 counts: what else the machine does only ever adds.
 */
export async function measureBadTokens(
  site: Site,
  port: number,
  backend: number,
  seconds: number,
  rounds: number,
): Promise<FloodResult> {
  const [model = ''] = site.tokens
  const unsigned = model.slice(0, model.lastIndexOf('.'))
  const bad = Array.from(
    { length: different },
    () =>
      `GET /api/v1/users/123/profile HTTP/1.1\r\nhost: api.travel.example\r\nauthorization: Bearer ${unsigned}.${randomBytes(256).toString('base64url')}\r\n\r\n`,
  )
  const good = (): Promise<LoadResult> =>
    startLoad(site, { port, rate: goodRate, seconds, connections: 32, requests: goodCalls(site) }, loadCore)
      .result
  let taken = 0
  const during = async (target: number): Promise<LoadResult> => {
    const job = {
      port: target,
      rate: badRate,
      seconds: seconds + 30,
      connections: 64,
      requests: bad,
      shed: true,
      sleep: true,
    }
    const flood = startLoad(site, job, loadCore)
    const start = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const result = await good()
    flood.stop()
    if (target === port) taken = ((await flood.result).sent / (performance.now() - start)) * 1000
    else await flood.result
    return result
  }
  await good()
  const all: Record<'quiet' | 'beside' | 'flooded', LoadResult[]> = { quiet: [], beside: [], flooded: [] }
  for (let round = 0; round < rounds; round++) {
    all.quiet.push(await good())
    all.beside.push(await during(backend))
    all.flooded.push(await during(port))
  }
  return { quiet: best(all.quiet), beside: best(all.beside), flooded: best(all.flooded), taken }
}

/** Of several rounds the one with the least p99. */
function best(results: readonly LoadResult[]): LoadResult {
  return results.reduce((one, other) => (other.p99 < one.p99 ? other : one))
}
