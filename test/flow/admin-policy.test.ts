import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type {
  DryRunReply,
  EventsReply,
  PolicyCheckReply,
  PolicyReply,
  PolicyVersion,
  PromotionReply,
} from '../../src/admin/contract.ts'
import { type AdminBrowser, type AdminReply, askAdmin, signInAdmin } from '../support/admin-client.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

/** The configuration file through the admin API: read, checked, tried, changed, taken back. */
describe('policy', { timeout: 60_000 }, () => {
  let gateway: RunningGateway
  let admin: AdminBrowser
  let file: string
  before(async () => {
    gateway = await startGateway({
      contract: thingsContract,
      durable: 'sqlite:events.db',
      events: 'store',
      api: '    controls: { injection: observe }\n',
    })
    file = join(gateway.folder, 'sallyport.yaml')
    const [, token = ''] = /#setup=([\w-]+)/.exec(gateway.app.notes.join('\n')) ?? []
    admin = await signInAdmin(gateway.adminUrl, { kind: 'setup', token })
  })
  after(() => gateway?.close())

  const current = async (): Promise<PolicyReply> => (await admin.get('/api/v1/policy')).json<PolicyReply>()
  const put = (text: string, etag?: string, note = ''): Promise<AdminReply> =>
    askAdmin(gateway.adminUrl, '/api/v1/policy', {
      method: 'PUT',
      headers: {
        cookie: admin.cookie,
        'x-csrf': admin.csrf,
        ...(etag !== undefined && { 'if-match': etag }),
      },
      body: { text, note },
    })
  const withRule = (text: string): string =>
    text.replace(
      '    controls:',
      '    objects: { thing: { id: path.thingId, owner: path.thingId } }\n    controls:',
    )

  test('nobody reads it without being an administrator', async () => {
    // Who sits at the machine is a viewer.
    for (const path of ['', '/history/1'])
      assert.equal((await askAdmin(gateway.adminUrl, `/api/v1/policy${path}`)).status, 403, path)
    for (const path of ['/history', '/promotion', '/schema'])
      assert.equal((await askAdmin(gateway.adminUrl, `/api/v1/policy${path}`)).status, 200, path)
    const bare = await askAdmin(gateway.adminUrl, '/api/v1/policy', {
      method: 'PUT',
      headers: { cookie: admin.cookie, 'if-match': (await current()).etag },
      body: { text: '' },
    })
    assert.equal(bare.status, 403)
  })

  test('what it says is what is in the file; check names line and fix and changes nothing', async () => {
    const { text, etag, inForce } = await current()
    assert.equal(text, readFileSync(file, 'utf8'))
    assert.equal(inForce, true)
    assert.match(etag, /^"[\w-]{43}"$/)
    const reply = await admin.send('POST', '/api/v1/policy/check', {
      text: text.replace('injection: observe', 'injecton: observe'),
    })
    const [finding] = reply.json<PolicyCheckReply>().findings
    assert.equal(finding?.severity, 'error')
    assert.ok((finding.line ?? 0) > 5)
    assert.match(`${finding.message} ${finding.fix}`, /injection/)
    assert.equal(readFileSync(file, 'utf8'), text)
    const fine = await admin.send('POST', '/api/v1/policy/check', { text })
    assert.ok(!fine.json<PolicyCheckReply>().findings.some(({ severity }) => severity === 'error'))
  })

  test('a dry run says whom a change would refuse, on recorded calls', async () => {
    const ann = await gateway.token({ sub: 'ann' })
    for (const path of ['/things/ann', '/things/1', '/things/2', "/things/x'%20OR%201=1%20--"])
      await fetch(gateway.url + path, { headers: { authorization: `Bearer ${ann}` } })
    for (let tries = 0; tries < 100; tries++) {
      const { events } = (await admin.get('/api/v1/events?api=things')).json<EventsReply>()
      if (events.length >= 4) break
      await wait(50)
    }
    const reply = await admin.send('POST', '/api/v1/policy/dry-run', {
      text: withRule((await current()).text),
    })
    assert.equal(reply.status, 200, reply.text)
    const report = reply.json<DryRunReply>()
    assert.equal(report.changed.length, 1)
    const [change] = report.changed
    assert.deepEqual(
      [change?.caller, change?.before, change?.after, change?.count],
      ['ann (main)', 'pass', 'AUTHORIZE_OBJECT', 3],
    )
    const broken = await admin.send('POST', '/api/v1/policy/dry-run', { text: 'listen: 1' })
    assert.ok(broken.json<DryRunReply>().findings.length > 0)
    const advice = (await admin.get('/api/v1/policy/promotion')).json<{ items: PromotionReply[] }>().items
    assert.equal(advice.find(({ check }) => check === 'inspect.injection')?.wouldRefuse, 1)
  })

  test('a change names what it replaces, is checked, kept, on record, in force after a reload, and can be taken back', async () => {
    const before = await current()
    const next = withRule(before.text)
    assert.equal((await put(next)).status, 428)
    assert.equal((await put(next, '"x"')).status, 412)
    // Who has not seen the file is told that first, whatever else is wrong.
    assert.equal((await put('listen: 1', '"x"')).status, 412)
    const faulty = await put(next.replace('owner: path.thingId', 'owner: path.nothing'), before.etag)
    assert.equal(faulty.status, 422)
    assert.ok(faulty.json<PolicyCheckReply>().findings.length > 0)
    // What needs a restart is said before, not found out later.
    assert.equal((await put(next.replace('events: store', 'events: none'), before.etag)).status, 422)
    assert.equal(readFileSync(file, 'utf8'), before.text)

    const mode = statSync(file).mode
    const done = await put(next, before.etag, 'whose a thing is')
    assert.equal(done.status, 200, done.text)
    assert.equal(readFileSync(file, 'utf8'), next)
    assert.equal(statSync(file).mode, mode)
    assert.equal(done.json<PolicyReply>().inForce, false)
    await gateway.reload()
    assert.equal((await current()).inForce, true)
    const ann = await gateway.token({ sub: 'ann' })
    const foreign = await fetch(`${gateway.url}/things/1`, { headers: { authorization: `Bearer ${ann}` } })
    assert.equal(foreign.status, 403)

    const { items } = (await admin.get('/api/v1/policy/history')).json<{ items: PolicyVersion[] }>()
    assert.deepEqual(
      items.map(({ version, note }) => [version, note]),
      [
        [2, 'whose a thing is'],
        [1, 'found in the file'],
      ],
    )
    const kept = join(gateway.folder, '.sallyport', 'policy-history', '000000002.json')
    assert.equal(statSync(kept).mode & 0o777, 0o600)
    const first = (await admin.get('/api/v1/policy/history/1')).json<{ text: string }>()
    assert.equal(first.text, before.text)
    assert.equal((await admin.get('/api/v1/policy/history/9')).status, 404)
    assert.equal((await admin.get('/api/v1/policy/history/..%2F..%2Fjwks')).status, 404)

    const back = await askAdmin(gateway.adminUrl, '/api/v1/policy/rollback', {
      method: 'POST',
      headers: { cookie: admin.cookie, 'x-csrf': admin.csrf, 'if-match': (await current()).etag },
      body: { version: 1 },
    })
    assert.equal(back.status, 200, back.text)
    assert.equal(readFileSync(file, 'utf8'), before.text)
    await gateway.reload()
    const passed = await fetch(`${gateway.url}/things/1`, { headers: { authorization: `Bearer ${ann}` } })
    assert.equal(passed.status, 200)
    await record()
  })

  const record = async (): Promise<void> => {
    for (let tries = 0; tries < 100; tries++) {
      const text = (await admin.get('/api/v1/events?limit=200')).text
      if (/replacePolicy/.test(text) && /rollBackPolicy/.test(text)) return
      await wait(50)
    }
    assert.fail('changes are not on record')
  }

  test('a change by hand is seen: it is kept, and the name of the old text no longer does', async () => {
    const { etag, text } = await current()
    writeFileSync(file, `${text}# by hand\n`)
    assert.equal((await put(text, etag)).status, 412)
    assert.equal((await current()).inForce, false)
    await gateway.reload()
    assert.equal((await current()).inForce, true)
    const { items } = (await admin.get('/api/v1/policy/history')).json<{ items: PolicyVersion[] }>()
    assert.equal(items[0]?.by, '')
  })
})

test('a history that cannot be kept stops neither the start nor a look at the policy', async () => {
  const gateway = await startGateway({ contract: thingsContract })
  try {
    const folder = join(gateway.folder, '.sallyport', 'policy-history')
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'no folder')
    const { app } = await gateway.another()
    try {
      const url = app.addresses.find(({ kind }) => kind === 'admin')?.url ?? ''
      const [, token = ''] = /#setup=([\w-]+)/.exec(app.notes.join('\n')) ?? []
      const admin = await signInAdmin(url, { kind: 'setup', token })
      assert.equal((await admin.get('/api/v1/policy')).json<PolicyReply>().inForce, true)
      assert.deepEqual((await admin.get('/api/v1/policy/history')).json(), { items: [] })
    } finally {
      await app.close(0)
    }
  } finally {
    await gateway.close()
  }
})
