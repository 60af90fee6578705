import type { Answered, Reply } from '../../kernel/facts.ts'
import { problemOf } from '../../kernel/problem.ts'
import { problemType } from '../refuse.ts'
import { Broken, EventMessages } from './event-messages.ts'
import type { RpcMessage } from './json-rpc.ts'

/** What a call asked, and whether it was answered. */
export interface Asked {
  readonly request: RpcMessage | undefined
  /** The revision in which servers ask nothing but by their results. */
  readonly modern: boolean
  replied: boolean
  /** What is known of the texts of the answer. */
  context: object | undefined
}

/**
 * The events of a server, judged one by one. The answer is the last of them. A server that answers another request, says what it
 * may not, falls silent or breaks off is answered for: the caller gets a JSON-RPC error to what it asked.
 */
export function judgedEvents(
  answered: Answered,
  asked: Asked,
  judge: (message: unknown) => unknown,
  body: Reply['body'],
  answerMs: number,
): EventMessages {
  const { request } = asked
  const events = new EventMessages({
    message(message) {
      try {
        return judge(message)
      } catch (error) {
        // A stream that answers nothing goes on without what may not leave.
        if (request !== undefined || !(error instanceof Broken)) throw error
        answered.trail.note('screen', 'screen.mcp', 'deny', error.code, error.message)
        return undefined
      }
    },
    isOver: () => asked.replied,
    last(broken) {
      if (request === undefined) return undefined
      answered.trail.note('screen', 'screen.mcp', 'deny', broken.code, broken.message)
      const { title, status } = problemOf(broken.code)
      const data = { type: problemType(broken.code), title, status, code: broken.code, instance: answered.id }
      return { jsonrpc: '2.0', id: request.id, error: { code: -32000, message: title, data } }
    },
  })
  if (body === undefined || body instanceof Uint8Array) {
    events.end(body)
    return events
  }
  // A subscription is answered when it ends.
  if (request !== undefined && request.method !== 'subscriptions/listen') {
    const late = (): void => events.breakOff(new Broken('no answer in time'))
    const timer = setTimeout(late, answerMs).unref()
    events.once('close', () => clearTimeout(timer))
  }
  body.once('error', () => events.breakOff(new Broken('the server broke off, or fell silent')))
  const leave = (): void => {
    body.unpipe(events)
    body.on('error', ignore).destroy()
  }
  events.once('over', leave).once('close', leave)
  body.pipe(events)
  return events
}

function ignore(): void {}
