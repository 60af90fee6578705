import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import { createSmtpMailer } from './create-smtp-mailer.ts'
import { OutboundError } from './outbound-error.ts'

/** A mail server that says yes to everything and keeps what it heard. */
function createMailServer(heard: string[], answer: (line: string) => string | undefined): Server {
  return createServer((socket) => {
    let body = false
    let rest = ''
    socket.setEncoding('utf8')
    socket.write('220 test\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (text) => {
      const lines = (rest + String(text)).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        heard.push(line)
        if (body && line !== '.') continue
        const own = answer(line)
        const isData = line === 'DATA'
        if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write(own ?? (isData ? '354 go\r\n' : '250 ok\r\n'))
        body = isData
      }
    })
  })
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const heard: string[] = []
const server = createMailServer(heard, (line) =>
  /^EHLO/.test(line) ? '250-test\r\n250 AUTH PLAIN\r\n' : /^AUTH/.test(line) ? '235 ok\r\n' : undefined,
)
let port = 0
before(async () => {
  port = await listen(server)
})
after(() => server.close())

test('a mail is handed over with its one address, its text, and the credentials of the URL', async () => {
  const mailer = createSmtpMailer({
    url: `smtp://us%40er:p%3Ass@127.0.0.1:${port}`,
    from: 'Travel <no-reply@t.example>',
  })
  await mailer.send({ to: 'alice@mail.example', subject: 'Travel: ñ', text: 'one\n\n.two\n' })
  mailer.close()
  assert.ok(heard.includes('MAIL FROM:<no-reply@t.example>'))
  assert.deepEqual(
    heard.filter((line) => line.startsWith('RCPT')),
    ['RCPT TO:<alice@mail.example>'],
  )
  assert.ok(heard.includes('..two'))
  assert.ok(heard.includes('Auto-Submitted: auto-generated'))
  const auth = heard.find((line) => line.startsWith('AUTH PLAIN'))
  assert.equal(Buffer.from(auth?.slice(11) ?? '', 'base64').toString(), '\u0000us@er\u0000p:ss')
})

test('no header and no recipient can be smuggled in', async () => {
  heard.length = 0
  const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'no-reply@t.example' })
  for (const to of [
    'a@mail.example, b@evil.example',
    'a@mail.example\r\nRCPT TO:<b@evil.example>',
    'a@mail.example>\r\nDATA',
  ])
    await mailer.send({ to, subject: 'x\r\nBcc: b@evil.example', text: 'x' }).catch(() => undefined)
  mailer.close()
  assert.ok(!heard.some((line) => /^Bcc:|^RCPT TO:<b@evil/i.test(line)), heard.join('\n'))
})

test('a server that is not there, refuses or hangs: one error, without the conversation', async () => {
  const refusing = createMailServer([], (line) =>
    /^RCPT/.test(line) ? '550 secret-hint-of-the-server\r\n' : undefined,
  )
  const silent = createServer(() => undefined)
  const [refusingPort, silentPort] = [await listen(refusing), await listen(silent)]
  const gone = createServer()
  const gonePort = await listen(gone)
  await new Promise((resolve) => gone.close(resolve))
  for (const one of [refusingPort, silentPort, gonePort]) {
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${one}`, from: 'a@t.example', timeoutMs: 200 })
    await assert.rejects(
      mailer.send({ to: 'b@mail.example', subject: 's', text: 't' }),
      (error) => error instanceof OutboundError && !error.message.includes('secret-hint'),
    )
    mailer.close()
  }
  refusing.close()
  silent.close()
})
