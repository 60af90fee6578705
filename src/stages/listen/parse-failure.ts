import { type Denial, deny } from '../../kernel/verdict.ts'

/** An error of `node:http`'s parser. */
export interface ParseError extends Error {
  readonly code?: string
  readonly reason?: string
  readonly rawPacket?: Buffer
}

const check = 'listen.parser'
const unknownMethod = /^(?:\r\n)*[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64} [^\s]+ HTTP\/1\.[01]\r\n/

/** What a parser error means for the caller. The parser's text never holds input; its code is the reason. */
export function denialOfParse(error: ParseError, targetBytes: number): Denial {
  const code = error.code ?? 'unknown'
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return deny('LISTEN_TIMEOUT', check, 'request not complete in time')
    case 'HPE_HEADER_OVERFLOW':
      return isLongTarget(error.rawPacket, targetBytes)
        ? deny('LISTEN_TARGET_TOO_LONG', check, 'target too long')
        : deny('LISTEN_HEADERS_TOO_LARGE', check, 'header section too large')
    case 'HPE_INVALID_VERSION':
      // The same code stands for a line that does not end where the version ends.
      return deny(
        error.reason === 'Invalid HTTP version' ? 'LISTEN_VERSION' : 'LISTEN_MALFORMED',
        check,
        code,
      )
    case 'HPE_INVALID_METHOD':
      if (error.rawPacket !== undefined && unknownMethod.test(error.rawPacket.toString('latin1', 0, 16_384)))
        return deny('LISTEN_METHOD_UNKNOWN', check, code)
      return deny('LISTEN_MALFORMED', check, code)
    default:
      return deny('LISTEN_MALFORMED', check, code)
  }
}

/** The overflow came within the request line. */
function isLongTarget(packet: Buffer | undefined, targetBytes: number): boolean {
  if (packet === undefined) return false
  const lineEnd = packet.indexOf('\r\n')
  return lineEnd === -1 ? !packet.includes(':') || packet.indexOf(' ') < 10 : lineEnd > targetBytes
}
