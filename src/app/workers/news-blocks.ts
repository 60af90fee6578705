import { type Block, BlockList } from '../../stages/record/anomaly/block-list.ts'
import type { AnomalySubject } from '../../stages/record/anomaly/finding.ts'

/** Who is refused for a time, as the main thread says it; asked about, it first hears what is new. */
export class NewsBlocks extends BlockList {
  readonly #catchUp: () => void

  constructor(catchUp: () => void) {
    super()
    this.#catchUp = catchUp
  }

  override get size(): number {
    this.#catchUp()
    return super.size
  }

  override left(kind: AnomalySubject['kind'], key: string, now: number): number {
    this.#catchUp()
    return super.left(kind, key, now)
  }

  learn(block: Block): void {
    super.add(block)
  }

  unlearn({ kind, key }: AnomalySubject): void {
    super.remove(kind, key)
  }
}

/** The main thread's list: what changes in it is told to the workers. */
export class ToldBlocks extends BlockList {
  readonly #tell: (item: { readonly block: Block } | { readonly unblock: AnomalySubject }) => void

  constructor(tell: (item: { readonly block: Block } | { readonly unblock: AnomalySubject }) => void) {
    super()
    this.#tell = tell
  }

  override add(block: Block): void {
    super.add(block)
    this.#tell({ block })
  }

  override remove(kind: AnomalySubject['kind'], key: string): boolean {
    this.#tell({ unblock: { kind, key } as AnomalySubject })
    return super.remove(kind, key)
  }
}
