import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import type { AuditEvent } from '../../src/kernel/event.ts'
import { createTestAuthority } from '../stand-in/certificates.ts'
import { startReceiver } from '../support/receiver.ts'
import { type GatewayFiles, type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return
    await wait(50)
  }
  assert.fail(`it did not happen: ${what}`)
}

async function gatewayWith(
  t: TestContext,
  audit: string,
  more: Partial<GatewayFiles> = {},
): Promise<RunningGateway> {
  const gateway = await startGateway({ contract: thingsContract, top: audit, ...more })
  t.after(() => gateway.close())
  return gateway
}

async function callTimes(gateway: RunningGateway, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await (await fetch(`${gateway.url}/public`)).arrayBuffer()
}

async function metric(gateway: RunningGateway, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1) ?? 0,
  )
}

async function portOf(t: TestContext, server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** Messages counted in octets (RFC 6587), and what is left of one that is not whole. */
function messagesIn(bytes: Buffer): { readonly messages: string[]; readonly rest: Buffer } {
  const messages: string[] = []
  let at = 0
  for (;;) {
    const space = bytes.indexOf(0x20, at)
    const length = space === -1 ? Number.NaN : Number(bytes.subarray(at, space).toString('latin1'))
    if (!(length > 0) || bytes.length < space + 1 + length) return { messages, rest: bytes.subarray(at) }
    messages.push(bytes.subarray(space + 1, space + 1 + length).toString('utf8'))
    at = space + 1 + length
  }
}

function collect(socket: Socket, messages: string[]): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    const found = messagesIn(Buffer.concat([rest, chunk]))
    messages.push(...found.messages)
    rest = Buffer.from(found.rest)
  })
}

const form =
  /^<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S+) sallyport (\d+) (\S+) \[origin software="Sallyport" swVersion="[^"]+"\]\[meta sequenceId="(\d+)"\] \ufeff(\{.*\})$/

describe('syslog', () => {
  test('over TLS: RFC 5424 messages counted in octets, from a verified server alone', async (t) => {
    const authority = await createTestAuthority()
    const { key, cert } = await authority.issue(['localhost', '127.0.0.1'])
    const messages: string[] = []
    const sockets = new Set<Socket>()
    const server = createTlsServer({ key, cert }, (socket) => {
      sockets.add(socket)
      collect(socket, messages)
    })
    server.on('tlsClientError', () => undefined)
    const port = await portOf(t, server)
    t.after(() => {
      for (const socket of sockets) socket.destroy()
    })
    const gateway = await gatewayWith(
      t,
      `audit: { sinks: [{ kind: syslog, url: "tls://localhost:${port}", authorities: ca.pem, facility: local0 }] }`,
      { files: { 'ca.pem': authority.ca } },
    )
    await callTimes(gateway, 3)
    await (await fetch(`${gateway.url}/nothing/\u2028here`)).arrayBuffer()
    await until(() => messages.length >= 4, 'four messages')
    const read = messages.map((message) => form.exec(message))
    assert.ok(read.every((match) => match !== null))
    // local0 is 16: 16 × 8 + 6 informational, + 4 warning for what was refused.
    assert.deepEqual(
      read.map((match) => match?.[1]),
      ['134', '134', '134', '132'],
    )
    const event = JSON.parse(read[3]?.[7] ?? '') as AuditEvent
    assert.equal(event.code, 'MATCH_NO_OPERATION')
    assert.equal(read[3]?.[2], new Date(event.time).toISOString())
    assert.equal(await metric(gateway, 'sallyport_sink_up{sink="syslog"}'), 1)

    // A server that goes away and comes back gets what came meanwhile.
    for (const socket of sockets) socket.destroy()
    await callTimes(gateway, 2)
    await until(() => messages.length >= 6, 'messages after a new connection')
  })

  test('a server that nobody vouches for gets nothing; calls go on and the loss is counted', async (t) => {
    const { key, cert } = await (await createTestAuthority()).issue(['localhost'])
    let bytes = 0
    const server = createTlsServer({ key, cert }, (socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
    })
    server.on('tlsClientError', () => undefined)
    const port = await portOf(t, server)
    const gateway = await gatewayWith(
      t,
      `audit: { sinks: [{ kind: syslog, url: "tls://localhost:${port}", queue: 5, batch: 2 }] }`,
    )
    for (let n = 0; n < 12; n++) {
      await callTimes(gateway, 1)
      await wait(20)
    }
    await until(
      async () =>
        (await metric(gateway, 'sallyport_sink_events_lost_total{sink="syslog",reason="sink-full"}')) >= 1,
      'counted loss',
    )
    assert.equal(await metric(gateway, 'sallyport_sink_up{sink="syslog"}'), 0)
    assert.equal(await metric(gateway, 'sallyport_sink_up{sink="store"}'), 1)
    assert.equal(bytes, 0)
  })

  test('over TCP and UDP', async (t) => {
    const messages: string[] = []
    const sockets = new Set<Socket>()
    const tcp = createTcpServer((socket) => {
      sockets.add(socket)
      collect(socket, messages)
    })
    const port = await portOf(t, tcp)
    t.after(() => {
      for (const socket of sockets) socket.destroy()
    })
    const datagrams: string[] = []
    const udp = createSocket('udp4')
    udp.on('message', (message) => datagrams.push(message.toString('utf8')))
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
    t.after(() => udp.close())
    const gateway = await gatewayWith(
      t,
      `audit:
  sinks:
    - { kind: syslog, url: "tcp://127.0.0.1:${port}" }
    - { kind: syslog, url: "udp://127.0.0.1:${udp.address().port}", format: ocsf }`,
    )
    await callTimes(gateway, 2)
    await until(() => messages.length >= 2 && datagrams.length >= 2, 'both')
    assert.ok(messages.every((message) => form.test(message)))
    const ocsf = JSON.parse(form.exec(datagrams[0] ?? '')?.[7] ?? '') as { class_uid: number }
    assert.equal(ocsf.class_uid, 6003)
  })
})

describe('webhook', () => {
  test('batches are signed, tried again under one name, and arrive once they are taken', async (t) => {
    process.env['AUDIT_SECRET'] = 'a-secret-of-more-than-32-bytes-0123456789'
    const { url, posted } = await startReceiver(t, (n) => ({ status: n <= 2 ? 503 : 204 }))
    const gateway = await gatewayWith(
      t,
      `audit: { sinks: [{ kind: webhook, url: "${url}", secret: "\${AUDIT_SECRET}", headers: { Authorization: Bearer of-mine } }] }`,
    )
    await callTimes(gateway, 3)
    await until(() => posted.length >= 3, 'a third try')
    const [first, , third] = posted
    assert.equal(first?.headers['sallyport-delivery'], third?.headers['sallyport-delivery'])
    assert.equal(first?.body, third?.body)
    assert.equal(third?.headers['authorization'], 'Bearer of-mine')
    const [, seconds = '', hex = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(third?.headers['sallyport-signature'])) ?? []
    const expected = createHmac('sha256', process.env['AUDIT_SECRET'])
      .update(`${seconds}.${third?.body}`)
      .digest()
    assert.ok(timingSafeEqual(Buffer.from(hex, 'hex'), expected))
    assert.ok(Math.abs(Date.now() / 1000 - Number(seconds)) < 60)
    const { events } = JSON.parse(third?.body ?? '') as { events: AuditEvent[] }
    assert.equal(events[0]?.operation, 'readPublic')
    assert.ok(!JSON.stringify(events).includes('of-mine'))
  })

  test('what will never be taken is given up at once and counted; the next batch is tried', async (t) => {
    const { url, posted } = await startReceiver(t, (n) => ({ status: n === 1 ? 400 : 200 }))
    const gateway = await gatewayWith(t, `audit: { sinks: [{ kind: webhook, url: "${url}", name: hook }] }`)
    await callTimes(gateway, 1)
    await until(() => posted.length === 1, 'the first')
    await until(
      async () =>
        (await metric(gateway, 'sallyport_sink_events_lost_total{sink="hook",reason="sink-failed"}')) === 1,
      'counted loss',
    )
    await callTimes(gateway, 1)
    await until(() => posted.length === 2, 'the second')
    await until(async () => (await metric(gateway, 'sallyport_sink_up{sink="hook"}')) === 1, 'it works again')
  })

  test('a server that never answers costs no call anything', async (t) => {
    const server = createServer(() => undefined)
    const port = await portOf(t, server)
    t.after(() => server.closeAllConnections())
    const gateway = await gatewayWith(
      t,
      `audit: { sinks: [{ kind: webhook, url: "http://127.0.0.1:${port}/", queue: 3, batch: 1 }] }`,
    )
    const before = performance.now()
    await callTimes(gateway, 20)
    assert.ok(performance.now() - before < 5_000)
    await until(
      async () =>
        (await metric(gateway, 'sallyport_sink_events_lost_total{sink="webhook",reason="sink-full"}')) > 0,
      'counted loss',
    )
  })
})

test('OpenTelemetry logs: each event a record with its trace; records the collector rejects are counted', async (t) => {
  const { url, posted } = await startReceiver(t, () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"one too many"}}',
  }))
  const gateway = await gatewayWith(t, `audit: { sinks: [{ kind: otlp, url: "${url}" }] }`)
  await fetch(`${gateway.url}/public`, {
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  })
  await until(() => posted.length >= 1, 'a request')
  const request = JSON.parse(posted[0]?.body ?? '') as {
    resourceLogs: {
      resource: { attributes: { key: string; value: { stringValue: string } }[] }
      scopeLogs: { logRecords: Record<string, unknown>[] }[]
    }[]
  }
  const [resource] = request.resourceLogs
  assert.equal(resource?.resource.attributes[0]?.value.stringValue, 'sallyport')
  const record = resource?.scopeLogs[0]?.logRecords[0] as Record<string, unknown>
  assert.equal(record['traceId'], '0af7651916cd43dd8448eb211c80319c')
  assert.equal(record['severityText'], 'INFO')
  assert.match(String(record['timeUnixNano']), /^\d{19}$/)
  const line = (record['body'] as { stringValue: string }).stringValue
  assert.equal((JSON.parse(line) as AuditEvent).operation, 'readPublic')
  await until(
    async () =>
      (await metric(gateway, 'sallyport_sink_events_lost_total{sink="otlp",reason="sink-rejected"}')) >= 1,
    'counted loss',
  )
})

test('a file is put aside before it is too large, and only the newest stay', async (t) => {
  const gateway = await gatewayWith(
    t,
    'audit: { sinks: [{ kind: file, file: events.jsonl, rotate: { size: 2KiB, keep: 2 } }] }',
  )
  const files = (): string[] => readdirSync(gateway.folder).filter((name) => /^events.*\.jsonl$/.test(name))
  for (let n = 0; n < 8; n++) {
    await callTimes(gateway, 2)
    await wait(250)
  }
  await until(() => files().length === 3, 'two beside the one that is written to')
  const lines = files().flatMap((name) => readFileSync(join(gateway.folder, name), 'utf8').trim().split('\n'))
  for (const line of lines) assert.equal((JSON.parse(line) as AuditEvent).operation, 'readPublic')
})

describe('configuration', () => {
  const refused = async (sink: string): Promise<string> => {
    try {
      const gateway = await startGateway({ contract: thingsContract, top: `audit: { sinks: [${sink}] }` })
      await gateway.close()
      return ''
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
  }
  test('plain text to another machine must be asked for, and members belong to their kind', async () => {
    assert.match(await refused('{ kind: syslog, url: "udp://siem.example:514" }'), /plain text/)
    assert.match(await refused('{ kind: webhook, url: "http://hooks.example/in" }'), /plain text/)
    assert.match(await refused('{ kind: webhook }'), /needs `url`/)
    assert.match(await refused('{ kind: webhook, url: "https://a:b@hooks.example/in" }'), /without a user/)
    assert.match(await refused('{ kind: file, file: a.jsonl, secret: x }'), /has no `secret`/)
    assert.match(await refused('{ kind: file, file: a, name: log }'), /two sinks/)
    assert.equal(await refused('{ kind: syslog, url: "tcp://127.0.0.1:1" }'), '')
  })
})
