import type { Door, Rejected } from '../../src/kernel/door.ts'
import type { Arrived, Reply } from '../../src/kernel/facts.ts'
import { denialOf } from '../../src/kernel/fault.ts'
import { problemOf } from '../../src/kernel/problem.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'

/** A request the door got whole. */
export interface Seen {
  readonly arrived: Arrived
  readonly body: Buffer
}

/** A door that reads every body and answers 200 with a fixed text; keeps what it saw and what was refused. */
export class CountingDoor implements Door {
  /** Requests that entered, whole or not. */
  entered = 0
  readonly seen: Seen[] = []
  readonly rejected: Rejected[] = []
  readonly failed: Denial[] = []
  /** Replaces the answer of a test. */
  answer: ((arrived: Arrived, body: Buffer) => Reply | Promise<Reply>) | undefined
  /** Answers without reading the body. */
  early: ((arrived: Arrived) => Reply | undefined) | undefined

  decide(arrived: Arrived): Promise<Reply> {
    return this.enter(arrived)
  }

  async enter(arrived: Arrived): Promise<Reply> {
    this.entered += 1
    const early = this.early?.(arrived)
    if (early !== undefined) return early
    try {
      const read = await arrived.body.read(1_000_000)
      if (isDenied(read)) return this.#refuse(read)
      const body = Buffer.from(read)
      this.seen.push({ arrived, body })
      if (this.answer !== undefined) return await this.answer(arrived, body)
      return { status: 200, fields: ['Content-Type', 'text/plain'], body: Buffer.from('ok') }
    } catch (thrown) {
      return this.#refuse(denialOf(thrown))
    }
  }

  reject(rejected: Rejected): Reply {
    this.rejected.push(rejected)
    return reply(rejected.denial)
  }

  #refuse(denial: Denial): Reply {
    this.failed.push(denial)
    return reply(denial)
  }

  clear(): void {
    this.entered = 0
    this.seen.length = 0
    this.rejected.length = 0
    this.failed.length = 0
    this.answer = undefined
    this.early = undefined
  }
}

function reply(denial: Denial): Reply {
  const { status, close } = problemOf(denial.code)
  const body = Buffer.from(JSON.stringify({ status, code: denial.code }))
  const fields = ['Content-Type', 'application/problem+json', ...(denial.fields ?? [])]
  return { status, fields, body, ...(close === undefined ? {} : { close }) }
}
