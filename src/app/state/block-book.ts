import type { BlockStore, StoredBlock } from '../../kernel/block-store.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Block, BlockList } from '../../stages/record/anomaly/block-list.ts'
import { createOutbox } from './outbox.ts'

/** Who is refused for a time: in force here at once, kept, and in force in other processes within seconds. */
export interface BlockBook {
  /** Somebody's decision; resolves when it is kept. */
  block(block: Block & { readonly by: string; readonly reason: string }): Promise<void>
  /** The gateway's own: kept within a fraction of a second. A block that ends later stays as it is. */
  refuse(block: Block): void
  /** False where the subject is not blocked. */
  release(subject: Block['subject'], by: string, reason: string): Promise<boolean>
  /** Loads what is kept, then keeps up with what changes. Without it blocks end with the process. */
  follow(store: BlockStore): Promise<void>
  close(): Promise<void>
}

const page = 500
const everyMs = 2_000
const purgeEvery = 300

export function createBlockBook(list: BlockList, clock: Clock, onFault: (error: unknown) => void): BlockBook {
  let store: BlockStore | undefined
  let change = 0
  let timer: NodeJS.Timeout | undefined
  let reading = false
  let turns = 0
  const outbox = createOutbox<Omit<StoredBlock, 'change'>>({
    write: async (rows) => store?.put(rows),
    onFault,
  })

  async function read(from: BlockStore): Promise<void> {
    // What is on its way is newer than what is there.
    if (reading || outbox.busy) return
    reading = true
    try {
      for (;;) {
        const rows = await from.since(change, page)
        for (const { kind, key, until, finding, by, reason, change: at } of rows) {
          change = Math.max(change, at)
          if (!isBlockable(kind)) continue
          if (until > clock.now())
            list.add({ subject: { kind, key }, until, ...causeOf(finding, by, reason) })
          else if (until === 0) list.remove(kind, key)
        }
        if (rows.length < page) return
      }
    } finally {
      reading = false
    }
  }

  function keep({ subject, kind, until, by = '', reason = '' }: Block): void {
    if (store === undefined || !isBlockable(subject.kind)) return
    const finding = kind === 'by-hand' ? '' : kind
    outbox.add({ kind: subject.kind, key: subject.key, until, finding, by, reason, created: clock.now() })
  }

  return {
    async block(block) {
      list.add(block)
      keep(block)
      await outbox.flush()
    },
    refuse(block) {
      const { kind, key } = block.subject
      if (list.left(kind, key, clock.now()) >= block.until - clock.now()) return
      list.add(block)
      keep(block)
    },
    async release(subject, by, reason) {
      if (!list.remove(subject.kind, subject.key)) return false
      keep({ subject, kind: 'by-hand', until: 0, by, reason })
      await outbox.flush()
      return true
    },
    async follow(from) {
      await read(from)
      store = from
      timer ??= setInterval(() => {
        if (++turns % purgeEvery === 0) from.purge(clock.now()).catch(onFault)
        read(from).catch(onFault)
      }, everyMs).unref()
    },
    async close() {
      clearInterval(timer)
      await outbox.close()
    },
  }
}

/** Why a subject is refused, as it was kept. */
function causeOf(finding: string, by: string, reason: string): Omit<Block, 'subject' | 'until'> {
  const who = by === '' ? {} : { by, reason }
  return { kind: finding === '' ? 'by-hand' : (finding as Block['kind']), ...who }
}

function isBlockable(kind: string): kind is 'principal' | 'address' | 'credential' {
  return kind === 'principal' || kind === 'address' || kind === 'credential'
}
