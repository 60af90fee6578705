import { systemClock } from '../../kernel/clock.ts'
import type { BlockList } from '../../stages/record/anomaly/block-list.ts'
import { type BlockBook, createBlockBook } from '../state/block-book.ts'
import { createFindingBook, type FindingBook } from '../state/finding-book.ts'
import type { Watch } from './watch-calls.ts'

/** What notices, and what keeps what was noticed. */
interface Watched {
  readonly watch: Watch
  readonly findings: FindingBook
  readonly blockBook: BlockBook
}

/** For who serves and refuses, but notices nothing and keeps nothing. */
export function unwatched(blocks: BlockList): Watched {
  const nothing = (): void => undefined
  return {
    watch: { blocks, observe: nothing },
    findings: createFindingBook(systemClock, nothing),
    blockBook: createBlockBook(blocks, systemClock, nothing),
  }
}
