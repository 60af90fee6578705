import type { BlockStore } from '../../kernel/block-store.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Block, BlockList } from '../../stages/record/anomaly/block-list.ts'

/** Whom operators refuse for a time: in force here at once, kept, and in force in other processes within seconds. */
export interface BlockBook {
  block(block: Block & { readonly by: string; readonly reason: string }): Promise<void>
  /** False where the subject is not blocked. */
  release(subject: Block['subject'], by: string, reason: string): Promise<boolean>
  /** Loads what is kept, then keeps up with what changes. */
  follow(): Promise<void>
  close(): void
}

const page = 500
const everyMs = 2_000
const purgeEvery = 300

/** `store` undefined: blocks end with the process. */
export function createBlockBook(
  list: BlockList,
  store: BlockStore | undefined,
  clock: Clock,
  onFault: (error: unknown) => void = () => undefined,
): BlockBook {
  let change = 0
  let timer: NodeJS.Timeout | undefined
  let reading = false
  let turns = 0

  async function read(): Promise<void> {
    if (store === undefined || reading) return
    reading = true
    try {
      for (;;) {
        const rows = await store.since(change, page)
        for (const { kind, key, until, by, reason, change: at } of rows) {
          change = Math.max(change, at)
          if (!isBlockable(kind)) continue
          if (until > clock.now()) list.add({ subject: { kind, key }, kind: 'by-hand', until, by, reason })
          else if (until === 0) list.remove(kind, key)
        }
        if (rows.length < page) return
      }
    } finally {
      reading = false
    }
  }

  return {
    async block({ subject, kind, until, by, reason }) {
      list.add({ subject, kind, until, by, reason })
      await store?.put({ kind: subject.kind, key: subject.key, until, by, reason, created: clock.now() })
    },
    async release(subject, by, reason) {
      const was = list.remove(subject.kind, subject.key)
      if (was)
        await store?.put({
          kind: subject.kind,
          key: subject.key,
          until: 0,
          by,
          reason,
          created: clock.now(),
        })
      return was
    },
    async follow() {
      await read()
      if (store === undefined) return
      timer ??= setInterval(() => {
        if (++turns % purgeEvery === 0) store.purge(clock.now()).catch(onFault)
        read().catch(onFault)
      }, everyMs).unref()
    },
    close: () => clearInterval(timer),
  }
}

function isBlockable(kind: string): kind is 'principal' | 'address' | 'credential' {
  return kind === 'principal' || kind === 'address' || kind === 'credential'
}
