import type { MessagePort } from 'node:worker_threads'
import { type Finding, Unusable } from '../../kernel/finding.ts'

/** What one side answers, by name. Arguments and answers are copied on their way (structured clone). */
export type Answers<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => R | Promise<Awaited<R>>
    : never
}

/** One end of the way between two threads; `Far` is what the other side answers. */
export interface Channel<Far> {
  /** Asks; rejects as the other side did, or where it is gone or does not answer in time. */
  ask<K extends keyof Far & string>(
    name: K,
    ...args: Far[K] extends (...args: infer A) => unknown ? A : never
  ): Promise<Far[K] extends (...args: never) => infer R ? Awaited<R> : never>
  /** Says without waiting for an answer. */
  tell<K extends keyof Far & string>(
    name: K,
    ...args: Far[K] extends (...args: infer A) => unknown ? A : never
  ): void
  /** Everything that is still asked is rejected. */
  close(): void
}

interface Asked {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** An error on its way between threads. */
interface Wrong {
  readonly message: string
  readonly findings: readonly Finding[] | undefined
}

type Message =
  | { readonly n: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly n: number; readonly answer: unknown }
  | { readonly n: number; readonly wrong: Wrong }

export interface ChannelOptions<Near> {
  readonly port: MessagePort
  readonly answers: Answers<Near>
  /** Default 30,000. */
  readonly timeoutMs?: number
}

/** Opens one end. The port keeps its thread alive only while something is asked. */
export function createChannel<Near, Far>(options: ChannelOptions<Near>): Channel<Far> {
  const { port, timeoutMs = 30_000 } = options
  const answers = new Map(Object.entries(options.answers as Record<string, (...args: unknown[]) => unknown>))
  const asked = new Map<number, Asked>()
  let next = 0
  let closed = false

  async function answer(n: number, name: string, args: readonly unknown[]): Promise<void> {
    let message: Message
    try {
      const known = answers.get(name)
      if (known === undefined) throw new Error(`nobody answers ${name}`)
      message = { n, answer: await known(...args) }
    } catch (error) {
      message = { n, wrong: wrongOf(error) }
    }
    if (n > 0 && !closed) port.postMessage(message)
  }

  port.on('message', (message: Message) => {
    if ('name' in message) return void answer(message.n, message.name, message.args)
    const one = asked.get(message.n)
    if (one === undefined) return
    asked.delete(message.n)
    clearTimeout(one.timer)
    if ('wrong' in message) one.reject(errorOf(message.wrong))
    else one.resolve(message.answer)
  })
  port.on('close', close)

  function close(): void {
    if (closed) return
    closed = true
    port.close()
    for (const { reject, timer } of asked.values()) {
      clearTimeout(timer)
      reject(new Error('the other thread is gone'))
    }
    asked.clear()
  }

  return {
    ask(name, ...args) {
      const n = ++next
      return new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the other thread is gone'))
        const timer = setTimeout(() => {
          asked.delete(n)
          reject(new Error(`the other thread did not answer ${name}`))
        }, timeoutMs)
        asked.set(n, { resolve: resolve as (answer: unknown) => void, reject, timer })
        port.postMessage({ n, name, args } satisfies Message)
      })
    },
    tell(name, ...args) {
      if (!closed) port.postMessage({ n: 0, name, args } satisfies Message)
    },
    close,
  }
}

function wrongOf(error: unknown): Wrong {
  return {
    message: error instanceof Error ? error.message : 'unknown',
    findings: error instanceof Unusable ? error.findings : undefined,
  }
}

function errorOf({ message, findings }: Wrong): Error {
  return findings === undefined ? new Error(message) : new Unusable(findings)
}
