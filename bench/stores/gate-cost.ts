import { freePort } from '../free-port.ts'
import { loadCore, type Pinned } from '../pinned-process.ts'
import { scenarios } from '../scenario.ts'
import { createSite } from '../site.ts'
import { startBackend } from '../subjects/nginx.ts'
import { startTravel } from '../subjects/sallyport.ts'
import { saturate } from '../wrk.ts'

export interface GateCost {
  readonly title: string
  /** CPU microseconds a call: the round that cost least, as noise only ever adds. */
  readonly cpu: number
  readonly throughput: number
  readonly failures: number
}

/** Gateways side by side that differ in their shared store alone; their rounds take turns. */
export async function gateCost(redis: string, seconds: number, rounds: number): Promise<GateCost[]> {
  const site = await createSite(32)
  const backendPort = await freePort()
  const running: Pinned[] = [await startBackend(site, loadCore, backendPort)]
  try {
    const gates = []
    for (const [title, shared] of [
      ['memory', 'memory'],
      ['Redis', redis],
      ['Redis, asked for every call', `${redis}/?lease=0ms&prefix=asked`],
    ] as const) {
      const port = await freePort()
      const server = await startTravel(site, port, backendPort, {}, shared)
      running.push(server)
      gates.push({ title, port, server, cpu: Number.POSITIVE_INFINITY, throughput: 0, failures: 0 })
    }
    const [get] = scenarios
    if (get === undefined) throw new Error('there is no scenario')
    for (let round = 0; round <= rounds; round++)
      // In turn and back again: who comes after whom must not matter.
      for (const gate of round % 2 === 0 ? gates : gates.toReversed()) {
        const before = gate.server.cpu()
        const load = await saturate(site, get, gate.port, seconds)
        gate.failures += load.failures
        // The first round warms up.
        if (round === 0) continue
        gate.cpu = Math.min(gate.cpu, (gate.server.cpu() - before) / load.requests)
        gate.throughput = Math.max(gate.throughput, load.requests / load.seconds)
      }
    return gates
  } finally {
    for (const one of running.reverse()) await one.stop()
    site.close()
  }
}
