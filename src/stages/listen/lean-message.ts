import { type IncomingHttpHeaders, IncomingMessage } from 'node:http'

/**
 * A request without Node's header object: listen reads `rawHeaders` itself. Node only asks whether there is a
 * body, and gets that answer. `Expect` is ours too (row W18), so Node never sends `100 Continue`.
 */
export class LeanMessage extends IncomingMessage {}

Object.defineProperty(LeanMessage.prototype, 'headers', { get: framingOf, set: () => {} })

const none: IncomingHttpHeaders = Object.freeze(Object.create(null))
const framed: IncomingHttpHeaders = Object.freeze(
  Object.assign(Object.create(null), { 'content-length': '' }),
)

function framingOf(this: IncomingMessage): IncomingHttpHeaders {
  const lines = this.rawHeaders
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string
    if (name.length === 14 && name.toLowerCase() === 'content-length') return framed
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return framed
  }
  return none
}
