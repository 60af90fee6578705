import type { FindingReply, OverviewReply, OverviewWindow } from '../../admin/contract.ts'
import { createTraffic } from '../../admin/overview/traffic.ts'
import { createStream, type Stream } from '../../admin/stream.ts'
import type { Policy } from '../policy/policy.ts'
import type { Services } from '../services.ts'
import { postureOf } from './admin-posture.ts'

/** What is going on now: counted in memory, and told to who listens. */
export interface AdminTraffic {
  overview(window: OverviewWindow): OverviewReply
  readonly stream: Stream
  close(): void
}

/** Stored events that are counted at the start, at most, so that the first minutes are not empty. */
const mostRead = 20_000
const dayMs = 86_400_000

export function createAdminTraffic(
  services: Services,
  sources: { policy(): Policy; findings(): readonly FindingReply[] },
): AdminTraffic {
  const started = Date.now()
  const traffic = createTraffic(started)
  let closed = false
  // Coverage changes with the policy alone, and costs more than all the rest.
  let policy: Policy | undefined
  let posture = { score: 0, enforced: 0, observed: 0, missing: 0 }

  function overview(window: OverviewWindow): OverviewReply {
    const now = sources.policy()
    if (now !== policy) {
      policy = now
      posture = postureOf(now.coverage())
    }
    const open = sources.findings().filter(({ state }) => state === 'open' || state === 'blocked').length
    return { ...traffic.view(window, Date.now()), openFindings: open, posture }
  }

  const stream = createStream({
    overview: () => overview('15m'),
    findingOf: (event) =>
      event.operation.startsWith('finding.')
        ? sources.findings().find(({ id }) => id === event.id)
        : undefined,
  })
  const end = services.taps.on((event) => {
    traffic.observe(event)
    stream.publish(event)
  })

  async function readBefore(): Promise<void> {
    let before: string | undefined
    let earliest = started
    for (let read = 0; read < mostRead && !closed; ) {
      const filter = { since: started - dayMs, until: started - 1 }
      const page = await services.events.query(filter, 500, before, 200)
      for (const event of page.events) {
        traffic.observe(event)
        earliest = Math.min(earliest, event.time)
      }
      read += Math.max(page.events.length, 1)
      before = page.next
      if (before === undefined) {
        earliest = started - dayMs
        break
      }
      // The data path comes first.
      await new Promise((resolve) => setTimeout(resolve, 20).unref())
    }
    traffic.complete(earliest)
  }
  readBefore().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : 'unknown'
    if (!closed) services.log.warn({ reason }, 'stored events were not counted')
  })

  return {
    overview,
    stream,
    close() {
      closed = true
      end()
      stream.close()
    },
  }
}
