/** Gives up what is not answered in time, all with one timer: each has the same time. */
export interface Deadlines {
  /** The same promise, which rejects with `Late` where it takes too long. */
  guard<T>(work: Promise<T>): Promise<T>
}

export class Late extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
    this.name = 'Late'
  }
}

interface Waiting {
  readonly until: number
  over: boolean
  reject(error: Error): void
}

export function createDeadlines(ms: number): Deadlines {
  let line: Waiting[] = []
  let timer: NodeJS.Timeout | undefined

  function sweep(): void {
    timer = undefined
    // Answers may lie in the socket while this thread was busy: they are read first.
    const expired = performance.now()
    setImmediate(() => {
      let gone = 0
      for (const one of line) {
        if (!one.over && one.until > expired) break
        gone++
        if (one.over) continue
        one.over = true
        one.reject(new Late(ms))
      }
      line = line.slice(gone)
      wait()
    })
  }

  function wait(): void {
    const [first] = line
    if (first === undefined || timer !== undefined) return
    timer = setTimeout(sweep, Math.max(ms / 4, first.until - performance.now())).unref()
  }

  return {
    guard: (work) =>
      new Promise((resolve, reject) => {
        const one: Waiting = { until: performance.now() + ms, over: false, reject }
        line.push(one)
        wait()
        work.then(
          (value) => {
            if (one.over) return
            one.over = true
            resolve(value)
          },
          (error: unknown) => {
            if (one.over) return
            one.over = true
            reject(error)
          },
        )
      }),
  }
}
