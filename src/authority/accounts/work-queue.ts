/** Lets only so many tasks run, and only so many wait. */
export interface WorkQueue {
  /**
   * Runs the task when its turn comes; undefined where too many wait already, or the turn came too late. Urgent ones come
   * first and may use the quarter of the places that others may not.
   */
  run<T>(task: () => Promise<T>, urgent?: boolean): Promise<T | undefined>
  readonly running: number
  readonly waiting: number
}

export interface WorkQueueOptions {
  readonly concurrency: number
  readonly places: number
  readonly longestWaitMs: number
  /** Monotonic milliseconds. */
  readonly now: () => number
}

interface Waiting {
  readonly since: number
  start(inTime: boolean): void
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const lanes: { readonly urgent: Waiting[]; readonly others: Waiting[] } = { urgent: [], others: [] }
  const open = Math.floor((options.places * 3) / 4)
  let running = 0
  const waiting = (): number => lanes.urgent.length + lanes.others.length

  /** Hands the place of a task that ended to the next one. */
  function next(): void {
    for (;;) {
      const one = lanes.urgent.shift() ?? lanes.others.shift()
      if (one === undefined) {
        running--
        return
      }
      const inTime = options.now() - one.since <= options.longestWaitMs
      one.start(inTime)
      if (inTime) return
    }
  }

  return {
    async run(task, urgent = false) {
      if (running < options.concurrency) running++
      else {
        if (waiting() >= (urgent ? options.places : open)) return undefined
        const inTime = await new Promise<boolean>((resolve) => {
          const lane = urgent ? lanes.urgent : lanes.others
          lane.push({ since: options.now(), start: resolve })
        })
        if (!inTime) return undefined
      }
      try {
        return await task()
      } finally {
        next()
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return waiting()
    },
  }
}
