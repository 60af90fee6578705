import { fixedRate } from './fixed-rate.ts'
import { freePort } from './free-port.ts'
import type { LoadResult } from './load.ts'
import { prove } from './prove.ts'
import { scenarios } from './scenario.ts'
import type { Site } from './site.ts'
import type { Subject } from './subject.ts'
import { saturate } from './wrk.ts'

export interface Measured {
  readonly scenario: string
  /** CPU microseconds of the server a request, at saturation: the best round. */
  readonly cpu: number
  /** Requests a second at saturation: the best round. */
  readonly throughput: number
  /** Replies that were not 2xx; anything but 0 makes the row worthless. */
  readonly failures: number
  /** Arrival rate of `latency`. */
  readonly rate: number
  readonly latency: LoadResult
}

export interface Pace {
  /** Length of each measurement. */
  readonly seconds: number
  /** How often each is repeated at saturation; the round that cost least CPU counts, as noise only ever adds. */
  readonly rounds: number
  /** Arrival rate for latencies; subjects that cannot keep up get half of what they can. */
  readonly rate: number
}

/** Starts a subject, proves that it works, measures every scenario, stops it. */
export async function measure(
  subject: Subject,
  site: Site,
  backend: number,
  pace: Pace,
  /** Called after the measurements, while the subject still runs. */
  after: (port: number) => Promise<void> = async () => {},
): Promise<{ readonly rows: readonly Measured[]; readonly resident: number }> {
  const port = await freePort()
  const server = await subject.start(site, port, backend)
  try {
    await prove(subject, site, port)
    const rows: Measured[] = []
    for (const scenario of scenarios) {
      await saturate(site, scenario, port, pace.seconds)
      let failures = 0
      let cpu = Number.POSITIVE_INFINITY
      let throughput = 0
      for (let round = 0; round < pace.rounds; round += 1) {
        const before = server.cpu()
        const load = await saturate(site, scenario, port, pace.seconds)
        cpu = Math.min(cpu, (server.cpu() - before) / load.requests)
        throughput = Math.max(throughput, load.requests / load.seconds)
        failures += load.failures
      }
      const rate = Math.min(pace.rate, Math.floor(throughput / 2))
      const latency = await fixedRate(site, scenario, port, rate, pace.seconds)
      failures += latency.failures
      rows.push({ scenario: scenario.name, cpu, throughput, failures, rate, latency })
    }
    await after(port)
    return { rows, resident: server.resident() }
  } finally {
    await server.stop()
  }
}
