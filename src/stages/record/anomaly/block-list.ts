import type { AnomalyFinding, AnomalySubject } from './finding.ts'

/** A subject that is refused for a time. */
export interface Block {
  readonly subject: AnomalySubject
  readonly kind: AnomalyFinding['kind'] | 'by-hand'
  /** Milliseconds since the epoch. */
  readonly until: number
  /** Who did it and why, where it was somebody. */
  readonly by?: string
  readonly reason?: string
}

/** Most subjects that are refused at once; the block that ends first goes. */
const most = 10_000

/** Who is refused for a time, because of what was noticed. */
export class BlockList {
  readonly #blocks = new Map<string, Block>()

  get size(): number {
    return this.#blocks.size
  }

  add(block: Block): void {
    if (this.#blocks.size >= most) this.#blocks.delete(this.#blocks.keys().next().value ?? '')
    this.#blocks.set(keyOf(block.subject.kind, block.subject.key), block)
  }

  /** Milliseconds for which a subject is still refused; 0: it is not. */
  left(kind: AnomalySubject['kind'], key: string, now: number): number {
    if (this.#blocks.size === 0) return 0
    const at = keyOf(kind, key)
    const block = this.#blocks.get(at)
    if (block === undefined) return 0
    if (block.until > now) return block.until - now
    this.#blocks.delete(at)
    return 0
  }

  live(now: number): Block[] {
    return [...this.#blocks.values()].filter(({ until }) => until > now)
  }

  remove(kind: AnomalySubject['kind'], key: string): boolean {
    return this.#blocks.delete(keyOf(kind, key))
  }
}

function keyOf(kind: string, key: string): string {
  return `${kind}\0${key}`
}
