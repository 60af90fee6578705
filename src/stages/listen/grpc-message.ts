import { constants, type ServerHttp2Stream } from 'node:http2'

/** Status codes of gRPC that are answered here. */
export const grpcStatus = { invalid: 3, notFound: 5, unimplemented: 12 } as const

/** What is wrong with the message of a unary call. */
export type BadMessage = 'too large' | 'compressed' | 'not one message' | 'gone'

/**
 * Reads the one message of a unary call (gRPC over HTTP/2, "Length-Prefixed-Message"): never more than `limit` bytes,
 * never longer than `timeoutMs`.
 */
export function readMessage(
  stream: ServerHttp2Stream,
  limit: number,
  timeoutMs: number,
): Promise<Uint8Array | BadMessage> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = []
    let received = 0
    const settle = (outcome: Uint8Array | BadMessage): void => {
      clearTimeout(timer)
      stream.off('data', onData).off('end', onEnd).off('close', onClose)
      chunks = []
      resolve(outcome)
    }
    const onData = (chunk: Buffer): void => {
      received += chunk.length
      if (received > limit + prefix) {
        settle('too large')
        stream.resume()
      } else chunks.push(chunk)
    }
    const onEnd = (): void => {
      const whole =
        chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, received)
      if (whole.length < prefix || whole.readUInt32BE(1) !== whole.length - prefix) settle('not one message')
      else settle(whole[0] === 0 ? whole.subarray(prefix) : 'compressed')
    }
    const onClose = (): void => settle('gone')
    const timer = setTimeout(() => {
      settle('gone')
      stream.close(constants.NGHTTP2_CANCEL)
    }, timeoutMs)
    stream.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}

/** One byte that says whether it is compressed, four of length. */
const prefix = 5

/** Answers a unary call with one message and the status in trailers. */
export function sendMessage(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed || stream.closed) return
  const frame = Buffer.allocUnsafe(prefix + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, prefix)
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(frame)
}

/** Answers with a status alone. */
export function sendStatus(stream: ServerHttp2Stream, status: number, message: string): void {
  if (stream.destroyed || stream.closed) return
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(status),
      'grpc-message': message,
    },
    { endStream: true },
  )
}
