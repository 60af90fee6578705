import type { IncomingMessage } from 'node:http'

interface Parser {
  getCurrentBuffer?(): Buffer | undefined
}

/** A copy of the bytes the parser is reading now; undefined where Node does not show them. */
export function readBuffer(request: IncomingMessage): Buffer | undefined {
  return (request.socket as { parser?: Parser | null }).parser?.getCurrentBuffer?.()
}

/**
 * True where the request line on the wire is not `METHOD SP target SP HTTP/1.x CRLF` (RFC 9112 §3). Node's parser
 * takes several spaces, and `RTSP/1.0`, and hands over the same request, so this looks at the bytes of the
 * current read. A head that began in an earlier read cannot be looked at and passes: what goes on is written
 * anew in any case.
 *
 * @param first no other request of this connection is under way, so the head begins the read
 */
export function isLooseRequestLine(
  request: IncomingMessage,
  bytes: Buffer | undefined,
  first: boolean,
): boolean {
  if (bytes === undefined) return false
  const method = request.method ?? ''
  const url = request.url ?? ''
  const line = `${method} ${url} HTTP/${request.httpVersion}\r\n`
  // Empty lines before a request line are allowed (RFC 9112 §2.2).
  let start = 0
  while (bytes[start] === 13 && bytes[start + 1] === 10) start += 2
  if (first && bytes.toString('latin1', start, start + line.length) === line) return false
  return hasLooseLine(bytes.toString('latin1', start), method, url, line)
}

/** Looks for a line that reads as this request and is not written as it should be. */
function hasLooseLine(text: string, method: string, url: string, line: string): boolean {
  let at = text.indexOf(method)
  while (at !== -1) {
    const lineStart = at === 0 || text.charCodeAt(at - 1) === 10
    if (lineStart && !text.startsWith(line, at)) {
      let after = at + method.length
      while (text.charCodeAt(after) === 32) after += 1
      if (text.startsWith(`${url} `, after)) return true
    }
    at = text.indexOf(method, at + 1)
  }
  return false
}
