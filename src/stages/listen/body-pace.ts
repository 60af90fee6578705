/** A body that is being read. */
export interface Paced {
  /** Bytes that have arrived. */
  readonly received: number
  /** True while it is us who do not read (the upstream is slow): that time does not count. */
  readonly blocked: boolean
  /** Ends the body: it comes slower than the minimum rate. */
  tooSlow(): void
}

/** Refuses bodies below a minimum rate, with one timer for all of them (row W21). */
export class BodyPace {
  readonly #bytesPerTick: number
  readonly #graceTicks: number
  readonly #watched = new Map<Paced, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(bytesPerSecond: number, graceMs: number) {
    this.#bytesPerTick = bytesPerSecond / 2
    this.#graceTicks = Math.max(1, Math.ceil(graceMs / 500))
  }

  watch(body: Paced): void {
    this.#watched.set(body, 0)
    this.#timer ??= setInterval(() => this.#sweep(), 500).unref()
  }

  unwatch(body: Paced): void {
    this.#watched.delete(body)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sweep(): void {
    if (this.#watched.size === 0) {
      this.stop()
      return
    }
    for (const [body, ticks] of this.#watched) {
      if (body.blocked) continue
      const waited = ticks + 1
      this.#watched.set(body, waited)
      if (waited <= this.#graceTicks || body.received >= (waited - this.#graceTicks) * this.#bytesPerTick)
        continue
      this.#watched.delete(body)
      body.tooSlow()
    }
  }
}
