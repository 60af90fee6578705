import type { Clock } from '../../kernel/clock.ts'
import type { Hold, HoldStore } from '../../kernel/hold.ts'
import { HoldList } from '../../stages/record/anomaly/hold-list.ts'
import type { Log } from '../../stages/record/log.ts'

/** Callers who have to prove something anew: in force here at once, elsewhere within seconds. */
export interface Holds {
  readonly list: HoldList
  add(hold: Hold): void
  /** Lets a caller go; false where nothing held it. */
  release(issuer: string, sub: string): Promise<boolean>
  /** Loads what is kept, then keeps up with what changes. Without it holds end with the process. */
  follow(store: HoldStore): Promise<void>
  close(): void
}

const everyMs = 2_000
const purgeEvery = 300

export function createHolds(clock: Clock, log: Log): Holds {
  const list = new HoldList()
  let store: HoldStore | undefined
  let timer: NodeJS.Timeout | undefined
  /** Writes under way: what they write is not yet in what is read. */
  let writing = 0
  let turns = 0

  async function read(): Promise<void> {
    if (store === undefined || writing > 0) return
    if (++turns % purgeEvery === 0) await store.purge(clock.now())
    const kept = await store.live(clock.now())
    if (writing === 0) list.replace(kept)
  }

  return {
    list,
    add(hold) {
      list.add(hold)
      if (store === undefined) return
      writing++
      store
        .put(hold)
        .catch(() => log.error({ finding: hold.kind }, 'a hold could not be kept'))
        .finally(() => {
          writing--
        })
    },
    async release(issuer, sub) {
      const here = list.remove(issuer, sub)
      const there = (await store?.remove(issuer, sub)) ?? 0
      return here + there > 0
    },
    async follow(from) {
      store = from
      await read()
      timer ??= setInterval(() => {
        read().catch(() => log.error({}, 'holds could not be read'))
      }, everyMs).unref()
    },
    close: () => clearInterval(timer),
  }
}
