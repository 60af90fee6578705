import type { IncomingMessage } from 'node:http'

/** What chunk extensions may add to a body (row W07); Node's own bound is 16 KiB. */
const extensionBytes = 1024
/** Size line and line ends of one chunk. */
const framingBytes = 24

/**
 * Watches how much a chunked body costs on the wire beyond its data. Node does not show chunk extensions, but it
 * counts what it read. Returns the check to run at the end of the body, or undefined where bytes of an earlier
 * request are in the way.
 */
export function createOverheadCheck(
  request: IncomingMessage,
  bytes: Buffer | undefined,
): ((received: number, fragments: number) => boolean) | undefined {
  const headEnd = bytes?.indexOf('\r\n\r\n') ?? -1
  if (bytes === undefined || headEnd === -1) return undefined
  const start = request.socket.bytesRead - (bytes.length - headEnd - 4)
  return (received, fragments) => {
    let trailers = 0
    for (const text of request.rawTrailers) trailers += text.length + 4
    const wire = request.socket.bytesRead - start
    return wire - received - trailers <= extensionBytes + framingBytes * (fragments + 1)
  }
}
