import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { AuditEvent } from '../../src/kernel/event.ts'
import { startGateway } from '../flow/running-gateway.ts'
import { thingsContract } from '../flow/things-contract.ts'
import { createTestAuthority } from '../stand-in/certificates.ts'
import { freePort, spawnOwned } from '../support/servers/owned-process.ts'

const program = '/usr/sbin/rsyslogd'
const skip =
  !existsSync(program) &&
  process.env['CI'] !== 'true' &&
  'no rsyslog on this machine: nothing of it was tested (apt-get install rsyslog rsyslog-gnutls)'

/** What rsyslog understood of one message. */
interface Understood {
  readonly via: string
  readonly severity: string
  readonly facility: string
  readonly program: string
  readonly id: string
  readonly data: string
  readonly protocol: string
  readonly text: string
}

/** One member a line of the file that rsyslog writes: JSON, as its own writer escapes it. */
const template = [
  'via="inputname"',
  'severity="syslogseverity-text"',
  'facility="syslogfacility-text"',
  'program="app-name"',
  'id="msgid"',
  'data="structured-data"',
  'protocol="protocol-version"',
  'text="msg"',
]
  .map((one) => {
    const [name = '', property = ''] = one.replaceAll('"', '').split('=')
    return `  property(outname="${name}" name="${property}" format="jsonf")`
  })
  .join('\n  constant(value=",")\n')

test('rsyslog reads what is sent by UDP, TCP and TLS', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-rsyslog-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const authority = await createTestAuthority()
  const { key, cert } = await authority.issue(['localhost', '127.0.0.1'])
  for (const [name, text] of Object.entries({
    'ca.pem': authority.ca,
    'server.pem': cert,
    'server.key': key,
  }))
    writeFileSync(join(folder, name), text, { mode: 0o600 })
  const [udp, tcp, tls] = [await freePort(), await freePort(), await freePort()]
  const out = join(folder, 'out.jsonl')
  const configuration = join(folder, 'rsyslog.conf')
  writeFileSync(
    configuration,
    `global(workDirectory="${folder}" maxMessageSize="64k"
  defaultNetstreamDriverCAFile="${folder}/ca.pem"
  defaultNetstreamDriverCertFile="${folder}/server.pem"
  defaultNetstreamDriverKeyFile="${folder}/server.key")
module(load="imudp")
module(load="imtcp")
template(name="understood" type="list") {
  constant(value="{")
${template}
  constant(value="}\\n")
}
ruleset(name="all") { action(type="omfile" file="${out}" template="understood") }
input(type="imudp" address="127.0.0.1" port="${udp}" name="udp" ruleset="all")
input(type="imtcp" address="127.0.0.1" port="${tcp}" name="tcp" ruleset="all")
input(type="imtcp" address="127.0.0.1" port="${tls}" name="tls" ruleset="all"
  streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
`,
  )
  const server = spawnOwned(program, ['-n', '-f', configuration, '-i', join(folder, 'pid')])
  t.after(() => server.stop('SIGKILL'))
  await wait(500)
  const gateway = await startGateway({
    contract: thingsContract,
    files: { 'ca.pem': authority.ca },
    top: `audit:
  sinks:
    - { kind: syslog, name: udp, url: "udp://127.0.0.1:${udp}" }
    - { kind: syslog, name: tcp, url: "tcp://127.0.0.1:${tcp}", facility: local3 }
    - { kind: syslog, name: tls, url: "tls://localhost:${tls}", authorities: ca.pem }`,
  })
  t.after(() => gateway.close())
  for (const path of ['/public', '/public', '/nothing'])
    await (await fetch(gateway.url + path, { headers: { 'x-request-id': 'odd-1' } })).arrayBuffer()
  let messages: Understood[] = []
  for (let tries = 0; messages.length < 9 && tries < 200; tries++) {
    await wait(50)
    const lines = existsSync(out) ? readFileSync(out, 'utf8').trim().split('\n') : []
    messages = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Understood)
  }
  assert.equal(messages.length, 9, server.output())
  for (const via of ['udp', 'tcp', 'tls']) {
    const mine = messages.filter((message) => message.via === via)
    assert.deepEqual(
      mine.map(({ severity, program: name, id, protocol, facility }) => [
        severity,
        name,
        id,
        protocol,
        facility,
      ]),
      ['info', 'info', 'warning'].map((severity) => [
        severity,
        'sallyport',
        'call',
        '1',
        via === 'tcp' ? 'local3' : 'audit',
      ]),
    )
    for (const { data, text } of mine) {
      assert.match(data, /^\[origin software="Sallyport" swVersion="[\d.]+"\]\[meta sequenceId="\d+"\]$/)
      const event = JSON.parse(text.replace(/^\ufeff/, '')) as AuditEvent
      assert.ok(event.operation === 'readPublic' || event.code === 'MATCH_NO_OPERATION')
    }
  }
})
