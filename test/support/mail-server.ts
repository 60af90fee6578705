import { createServer, type Socket } from 'node:net'

/** A mail as the server got it. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  /** Body, its transfer encoding undone. */
  readonly text: string
}

export interface MailServer {
  /** `smtp://USER:PASSWORD@127.0.0.1:PORT` */
  readonly url: string
  readonly mails: readonly ReceivedMail[]
  /** Waits for the next mail to this address that was not given out yet. */
  next(to: string): Promise<ReceivedMail>
  close(): Promise<void>
}

const user = 'gate'
export const mailPassword = 'canary-of-the-mail-server'

/** A mail server on loopback that wants its credentials (AUTH PLAIN) before it takes anything (RFC 5321, RFC 4954). */
export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  const given = new Set<ReceivedMail>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    converse(socket, (mail) => mails.push(mail))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `smtp://${user}:${mailPassword}@127.0.0.1:${port}`,
    mails,
    async next(to) {
      for (let tries = 0; tries < 300; tries++) {
        const found = mails.find((mail) => mail.to.includes(to) && !given.has(mail))
        if (found !== undefined) {
          given.add(found)
          return found
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(`no mail to ${to} within 6 s`)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function converse(socket: Socket, onMail: (mail: ReceivedMail) => void): void {
  let rest = ''
  let known = false
  let from = ''
  let to: string[] = []
  let body: string[] | undefined
  const say = (line: string): void => {
    socket.write(`${line}\r\n`)
  }
  const expected = Buffer.from(`\0${user}\0${mailPassword}`).toString('base64')

  function answer(line: string): string {
    if (/^EHLO /i.test(line)) return '250-test\r\n250 AUTH PLAIN'
    if (/^AUTH PLAIN /i.test(line)) {
      known = line.slice(11) === expected
      return known ? '235 welcome' : '535 no'
    }
    if (/^QUIT/i.test(line)) return '221 bye'
    if (!known) return '530 authenticate first'
    if (/^MAIL FROM:/i.test(line)) {
      from = between(line)
      to = []
    } else if (/^RCPT TO:/i.test(line)) to.push(between(line))
    else if (/^DATA/i.test(line)) {
      body = []
      return '354 go on'
    }
    return '250 ok'
  }

  say('220 test')
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\r\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (body === undefined) {
        say(answer(line))
        if (/^QUIT/i.test(line)) socket.end()
      } else if (line === '.') {
        onMail(readMail(from, to, body))
        body = undefined
        say('250 taken')
      } else body.push(line.startsWith('.') ? line.slice(1) : line)
    }
  })
}

function between(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? ''
}

function readMail(from: string, to: readonly string[], lines: readonly string[]): ReceivedMail {
  const empty = lines.indexOf('')
  const head = lines
    .slice(0, empty)
    .join('\n')
    .replace(/\n[ \t]+/g, ' ')
  const body = lines.slice(empty + 1).join('\n')
  const encoding = /^content-transfer-encoding: (\S+)/im.exec(head)?.[1]?.toLowerCase()
  const subject = /^subject: (.*)$/im.exec(head)?.[1] ?? ''
  return { from, to, subject, text: encoding === 'quoted-printable' ? unquote(body) : body }
}

/** RFC 2045 §6.7. */
function unquote(text: string): string {
  const plain = text.replace(/=\n/g, '')
  return plain.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
