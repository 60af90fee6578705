import { connect, type Socket } from 'node:net'

/** What came back over a kept connection. */
export interface Answer {
  /** 0: the connection ended without a reply. */
  readonly status: number
  /** Problem code, where the body names one. */
  readonly code: string | undefined
}

export interface KeptConnection {
  /** Sends one whole request and waits for its reply; ends the connection where none comes for a while. */
  send(bytes: Buffer): Promise<Answer>
  close(): void
}

/** Milliseconds; long enough for a machine that does other things. */
const patience = 20_000

/** One caller: a connection that is kept, and opened anew after it was closed. */
export function keepConnection(port: number): KeptConnection {
  let socket: Socket | undefined
  let settle: ((answer: Answer) => void) | undefined
  let received: Buffer = Buffer.alloc(0)
  let timer: NodeJS.Timeout | undefined

  function finish(status: number, text: string): void {
    clearTimeout(timer)
    received = Buffer.alloc(0)
    const done = settle
    settle = undefined
    done?.({ status, code: /"code":"([A-Z_]+)"/.exec(text)?.[1] })
  }

  function open(): Socket {
    const made = connect(port, '127.0.0.1')
    made.setNoDelay(true)
    made.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const reply = readReply(received)
      if (reply === undefined) return
      if (reply.close) {
        socket = undefined
        made.destroy()
      }
      finish(reply.status, reply.text)
    })
    made.on('error', () => undefined)
    made.on('close', () => {
      if (socket !== made) return
      socket = undefined
      if (settle !== undefined) finish(readReply(received, true)?.status ?? 0, received.toString('latin1'))
    })
    return made
  }

  return {
    async send(bytes) {
      const kept = socket !== undefined
      const answer = await sendOnce(bytes)
      // A kept connection may have been closed in the meantime.
      return kept && answer.status === 0 ? sendOnce(bytes) : answer
    },
    close() {
      const left = socket
      socket = undefined
      left?.destroy()
    },
  }

  function sendOnce(bytes: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      settle = resolve
      socket ??= open()
      const used = socket
      // What waits for more than we sent is told that there is no more.
      timer = setTimeout(() => {
        used.end()
        timer = setTimeout(() => used.destroy(), patience * 4)
      }, patience)
      used.write(bytes)
    })
  }
}

/** The first reply in the bytes, once it is complete. Interim replies are skipped. */
function readReply(
  bytes: Buffer,
  ended = false,
): { readonly status: number; readonly text: string; readonly close: boolean } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)
  if (status >= 100 && status < 200) return readReply(bytes.subarray(end + 4), ended)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  const body = bytes.subarray(end + 4)
  const whole =
    length !== undefined
      ? body.length >= Number(length)
      : /\r\ntransfer-encoding: chunked/i.test(head)
        ? body.toString('latin1').endsWith('0\r\n\r\n')
        : ended || status === 204 || status === 304
  if (!whole) return undefined
  return { status, text: body.toString('latin1'), close: /\r\nconnection: close/i.test(head) }
}
