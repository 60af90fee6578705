import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type {
  AboutReply,
  ApisReply,
  BlockReply,
  BlocksReply,
  ContractReply,
  EventReply,
  EventsReply,
  FindingReply,
  FindingsReply,
  KeysReply,
  LocksReply,
  OverviewReply,
  PrincipalReply,
  ProblemReply,
} from '../../src/admin/contract.ts'
import { issueApiKey } from '../../src/app/state/api-keys.ts'
import { openState } from '../../src/app/state/state.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { type AdminBrowser, signInAdmin } from '../support/admin-client.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let gateway: RunningGateway
let admin: AdminBrowser

before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    durable: 'sqlite:events.db',
    top: 'trustedProxies: [127.0.0.1]\nkeys: { header: X-API-Key }\nanomalies: { block: { endpoint-spray: 15min } }',
    api: `    objects: { profile: { id: path.userId, owner: path.userId } }
    limits:
      - { for: "GET /public", per: ip, rate: 3/min, burst: 3, lock: 5min }`,
  })
  const [, token = ''] = /#setup=([\w-]+)/.exec(gateway.app.notes.join('\n')) ?? []
  admin = await signInAdmin(gateway.adminUrl, { kind: 'setup', token })
})
after(() => gateway.close())

async function call(path: string, from: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(gateway.url + path, { headers: { 'x-forwarded-for': from, ...headers } })
  await response.arrayBuffer()
  return response.status
}
const as = async (sub: string): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await gateway.token({ sub })}`,
})

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await ask()
    if (found !== undefined) return found
    await wait(50)
  }
  return assert.fail('it did not happen')
}

async function finding(kind: string): Promise<FindingReply> {
  return until(async () => {
    const reply = await admin.get(`/api/v1/findings?kind=${kind}`)
    return reply.json<FindingsReply>().findings[0]
  })
}

describe('responding to findings', () => {
  test('acknowledge, block, release, revoke; each is on the finding and on record', async () => {
    const caller = await as('77')
    for (let n = 0; n < 10; n++)
      assert.equal(await call(`/users/${1000 + n}/profile`, '198.51.100.7', caller), 403)
    const found = await finding('object-enumeration')
    assert.equal(found.state, 'open')
    assert.deepEqual(found.actions, ['acknowledge', 'block', 'revoke', 'step-up'])
    const path = `/api/v1/findings/${found.id}`
    const respond = async (action: string, more: object = {}) =>
      admin.send('POST', `${path}/respond`, { action, reason: `a ${action}`, ...more })
    const state = async () => (await admin.get(path)).json<FindingReply>().state

    assert.equal((await respond('acknowledge')).status, 200)
    assert.equal(await state(), 'acknowledged')
    assert.equal((await respond('release')).status, 409)
    assert.equal((await respond('explode')).json<ProblemReply>().code, 'ADMIN_INPUT')
    assert.equal((await respond('block', { minutes: 0 })).status, 400)
    const blocked = await respond('block', { minutes: 5 })
    assert.equal(blocked.json<FindingReply>().state, 'blocked')
    assert.equal(await call('/users/77/profile', '192.0.2.1', caller), 429)
    assert.equal((await respond('release')).status, 200)
    assert.equal(await call('/users/77/profile', '192.0.2.1', caller), 200)
    assert.equal((await respond('step-up')).status, 200)
    const anew = await fetch(`${gateway.url}/users/77/profile`, { headers: caller })
    await anew.arrayBuffer()
    assert.equal(anew.status, 401)
    assert.match(anew.headers.get('www-authenticate') ?? '', /insufficient_user_authentication/)
    assert.equal((await respond('release')).status, 200)
    assert.equal(await call('/users/77/profile', '192.0.2.1', caller), 200)
    assert.equal((await respond('revoke')).json<FindingReply>().state, 'resolved')
    assert.equal(await call('/users/77/profile', '192.0.2.1', caller), 401)
    const { responses } = (await admin.get(path)).json<FindingReply>()
    assert.deepEqual(
      responses.map(({ action, by, reason }) => [action, by, reason]),
      ['acknowledge', 'block', 'release', 'step-up', 'release', 'revoke'].map((one) => [
        one,
        'set-up',
        `a ${one}`,
      ]),
    )
    assert.equal(
      (await admin.get('/api/v1/findings?state=open&kind=object-enumeration')).json<FindingsReply>().findings
        .length,
      0,
    )
    assert.equal((await admin.get('/api/v1/findings/none')).status, 404)
    const event = (await admin.get(`/api/v1/events/${found.events[0]}`)).json<EventReply>()
    assert.deepEqual(event.findings, [found.id])
    assert.match(
      event.why ?? '',
      /^Refused by the check authorize\.object.* with AUTHORIZE_OBJECT \(403 Not allowed\)/,
    )
    const check = event.checks.find(({ code }) => code === 'AUTHORIZE_OBJECT')
    assert.deepEqual([check?.stage, check?.control, check?.verdict], ['authorize', 'object', 'deny'])
    const spent = event.checks.filter(({ stage }) => stage === 'authorize').map(({ micros }) => micros)
    assert.ok(spent.length > 1 && spent.every((micros) => micros !== null))
    const stage = event.stages.find(([name]) => name === 'authorize')?.[1] ?? 0
    assert.ok(spent.reduce<number>((sum, micros) => sum + (micros ?? 0), 0) <= stage + spent.length)
    await until(async () => {
      const { events } = (
        await admin.get('/api/v1/events?api=sallyport&operation=admin.respondToFinding&outcome=allowed')
      ).json<EventsReply>()
      return events.some(({ reason }) => reason === 'by set-up (administrator, setup): a revoke') || undefined
    })
  })

  test('findings with what was done, and the gateway’s own blocks, outlive a restart; others learn of them', async () => {
    for (let n = 0; n < 14; n++) await call(`/nowhere-${n}`, '198.51.100.99')
    const spray = await finding('endpoint-spray')
    assert.equal(await call('/public', '198.51.100.99'), 429, 'blocked by the gateway itself')
    assert.equal(spray.state, 'blocked')
    await admin.send('POST', `/api/v1/findings/${spray.id}/respond`, {
      action: 'acknowledge',
      reason: 'seen',
    })
    const other = await gateway.another()
    const otherAdmin = other.app.addresses.find(({ kind }) => kind === 'admin')?.url ?? ''
    try {
      // What is noticed is written a little later, in batches.
      await until(async () => {
        const response = await fetch(`${other.url}/nowhere`, {
          headers: { 'x-forwarded-for': '198.51.100.99' },
        })
        await response.arrayBuffer()
        return response.status === 429 || undefined
      })
      const view = async (): Promise<readonly FindingReply[]> => {
        const reply = await fetch(`${otherAdmin}/api/v1/findings?limit=500`)
        return ((await reply.json()) as FindingsReply).findings
      }
      const restored = await until(async () => {
        const all = await view()
        return all.some(({ id, responses }) => id === spray.id && responses.length > 0) ? all : undefined
      })
      const { actions: _, ...kept } = (await admin.get(`/api/v1/findings/${spray.id}`)).json<FindingReply>()
      const { actions: __, ...there } = restored.find(({ id }) => id === spray.id) as FindingReply
      assert.deepEqual(there, kept)
      assert.deepEqual(
        there.responses.map(({ action, by }) => [action, by]),
        [['acknowledge', 'set-up']],
      )
      const enumeration = restored.find(({ kind }) => kind === 'object-enumeration')
      assert.deepEqual([enumeration?.state, enumeration?.responses.length], ['resolved', 6])
      const blocks = (await (await fetch(`${otherAdmin}/api/v1/blocks`)).json()) as BlocksReply
      assert.deepEqual(
        blocks.blocks.map(({ kind, by }) => [kind, by]),
        [['endpoint-spray', '']],
      )
      // Released there, it is let in here.
      await admin.send('POST', `/api/v1/findings/${spray.id}/respond`, { action: 'release', reason: '' })
      await until(
        async () => (await view()).find(({ id }) => id === spray.id)?.state === 'resolved' || undefined,
      )
    } finally {
      await other.app.close(0)
    }
  })

  test('blocks by hand: an address, a caller; taken back; hostile values are refused', async () => {
    const block = (kind: string, value: string) =>
      admin.send('POST', '/api/v1/blocks', { kind, value, minutes: 5, reason: 'by hand' })
    const made = (await block('address', '203.0.113.9')).json<BlockReply>()
    assert.equal(await call('/public', '203.0.113.9'), 429)
    assert.equal(await call('/public', '203.0.113.10'), 200)
    const caller = (await block('subject', 'main/88')).json<BlockReply>()
    assert.equal(await call('/users/88/profile', '192.0.2.1', await as('88')), 429)
    const listed = (await admin.get('/api/v1/blocks')).json<BlocksReply>().blocks
    assert.deepEqual(
      listed.map(({ id, by, reason, kind }) => [id, by, reason, kind]),
      [made, caller].map(({ id }) => [id, 'set-up', 'by hand', 'by-hand']),
    )
    for (const { id } of [made, caller])
      assert.equal((await admin.send('DELETE', `/api/v1/blocks/${id}`)).status, 200)
    assert.equal((await admin.send('DELETE', `/api/v1/blocks/${made.id}`)).status, 404)
    assert.equal(await call('/public', '203.0.113.9'), 200)
    for (const [kind, value] of [
      ['address', '0.0.0.0/0'],
      ['address', 'fe80::1%eth0'],
      ['address', 'localhost'],
      ['subject', 'no-issuer'],
      ['subject', '/x'],
      ['credential', '../../x'],
      ['everyone', 'x'],
    ] as const)
      assert.equal((await block(kind, value)).status, 400, value)
    const v6 = (await block('address', '2001:DB8:0:0:0:0:0:1')).json<BlockReply>()
    assert.equal(v6.subject.key, '2001:db8::1')
  })

  test('a block by hand outlives a restart, and other processes learn of it and of its end', async () => {
    const other = await gateway.another()
    // A path that is nowhere: no limit counts these.
    const otherCall = async (from: string): Promise<number> => {
      const response = await fetch(`${other.url}/nowhere`, { headers: { 'x-forwarded-for': from } })
      await response.arrayBuffer()
      return response.status
    }
    try {
      await until(async () => ((await otherCall('2001:db8::1')) === 429 ? true : undefined))
      const sent = { kind: 'address', value: '203.0.113.77', minutes: 5, reason: '' }
      const made = (await admin.send('POST', '/api/v1/blocks', sent)).json<BlockReply>()
      await until(async () => ((await otherCall('203.0.113.77')) === 429 ? true : undefined))
      await admin.send('DELETE', `/api/v1/blocks/${made.id}`)
      await until(async () => ((await otherCall('203.0.113.77')) === 404 ? true : undefined))
    } finally {
      await other.app.close(0)
    }
  })
})

describe('credentials and locks', () => {
  test('API keys: listed in pages without secrets, disabled, enabled, revoked', async () => {
    const { config } = await loadConfig(join(gateway.folder, 'sallyport.yaml'), {})
    const state = await openState(config)
    for (let n = 0; n < 5; n++)
      await issueApiKey(
        state.apiKeys,
        { name: `key ${n}`, owner: 'team', scopes: [], roles: [], expires: undefined },
        Date.now(),
      )
    await state.close()
    const all: string[] = []
    for (let next: string | undefined = '0'; next !== undefined; ) {
      const page: KeysReply = (await admin.get(`/api/v1/keys?limit=2&after=${next}`)).json<KeysReply>()
      assert.doesNotMatch(JSON.stringify(page), /digest|secret/)
      all.push(...page.items.map(({ id }) => id))
      next = page.next
    }
    assert.equal(new Set(all).size, 5)
    const [id = ''] = all
    const stateOf = async () =>
      (await admin.get('/api/v1/keys')).json<KeysReply>().items.find((one) => one.id === id)?.state
    for (const [what, after] of [
      ['disable', 'disabled'],
      ['enable', 'active'],
      ['revoke', 'revoked'],
    ] as const) {
      assert.equal((await admin.send('POST', `/api/v1/keys/${id}/${what}`, { reason: 'x' })).status, 200)
      assert.equal(await stateOf(), after)
    }
    assert.equal((await admin.send('POST', `/api/v1/keys/${id}/enable`)).status, 409)
    assert.equal((await admin.send('POST', '/api/v1/keys/none/revoke')).status, 404)
  })

  test('revocations: a caller of an issuer, one token, nothing without an issuer or of two kinds', async () => {
    const revoke = (body: object) => admin.send('POST', '/api/v1/revocations', { reason: 'lost', ...body })
    const caller = await as('99')
    assert.equal(await call('/users/99/profile', '192.0.2.2', caller), 200)
    assert.equal((await revoke({ subject: '99' })).status, 409)
    assert.equal((await revoke({ subject: '99', issuer: 'elsewhere' })).status, 409)
    assert.equal((await revoke({ subject: '99', tokenId: 'x', issuer: 'main' })).status, 400)
    assert.equal((await revoke({})).status, 400)
    assert.equal((await revoke({ subject: '99', issuer: 'main' })).status, 200)
    assert.equal(await call('/users/99/profile', '192.0.2.2', caller), 401)
    const one = { authorization: `Bearer ${await gateway.token({ sub: '98', jti: 'token-1' })}` }
    assert.equal(await call('/users/98/profile', '192.0.2.3', one), 200)
    assert.equal((await revoke({ tokenId: 'token-1' })).status, 200)
    assert.equal(await call('/users/98/profile', '192.0.2.3', one), 401)
  })

  test('locks of limits are listed and opened', async () => {
    for (let n = 0; n < 5; n++) await call('/public', '203.0.113.50')
    assert.equal(await call('/public', '203.0.113.50'), 429)
    const lock = await until(async () => (await admin.get('/api/v1/locks')).json<LocksReply>().items[0])
    assert.equal(lock.api, 'things')
    assert.equal((await admin.send('DELETE', `/api/v1/locks/${lock.id}`)).status, 200)
    assert.equal((await admin.send('DELETE', `/api/v1/locks/${lock.id}`)).status, 404)
    await until(async () => ((await call('/public', '203.0.113.50')) === 200 ? true : undefined))
  })

  test('what is not configured is not there', async () => {
    for (const path of ['accounts', 'clients', 'sessions'])
      assert.equal((await admin.get(`/api/v1/${path}`)).status, 404)
    assert.equal((await admin.send('POST', '/api/v1/accounts/x/disable')).status, 404)
  })
})

describe('what there is', () => {
  test('a caller: what it did, what was noticed, whether it is refused; nobody who never was', async () => {
    const made = await admin.send('POST', '/api/v1/blocks', {
      kind: 'subject',
      value: 'main/77',
      minutes: 5,
      reason: '',
    })
    const got = (await admin.get('/api/v1/principals/main%2F77')).json<PrincipalReply>()
    assert.deepEqual([got.issuer, got.sub, got.account], ['main', '77', null])
    assert.ok(got.recent.calls >= 10 && got.recent.denied >= 10 && got.recent.objects >= 10)
    assert.ok(got.recent.addresses.includes('198.51.100.7'))
    assert.ok(got.recent.operations.some(({ api, denied }) => api === 'things' && denied >= 10))
    assert.ok(got.events.every(({ sub }) => sub === '77'))
    assert.equal(got.findings[0]?.kind, 'object-enumeration')
    assert.deepEqual(
      got.blocks.map(({ id }) => id),
      [made.json<BlockReply>().id],
    )
    const alone = (await admin.get('/api/v1/principals/77')).json<PrincipalReply>()
    assert.deepEqual([alone.issuer, alone.recent.calls], [null, got.recent.calls])
    for (const id of ['main%2Fnobody', 'other%2F77', '%2F77', 'x%00', "'%20or%201=1%20--", '__proto__'])
      assert.equal((await admin.get(`/api/v1/principals/${id}`)).status, 404, id)
    await admin.send('DELETE', `/api/v1/blocks/${made.json<BlockReply>().id}`)
  })

  test('APIs with the rule behind each cell, their documents, and what this is', async () => {
    const { items } = (await admin.get('/api/v1/apis')).json<ApisReply>()
    assert.deepEqual(
      items.map(({ name }) => name),
      ['things'],
    )
    const operation = items[0]?.operations.find(({ path }) => path === '/users/{userId}/profile')
    assert.equal(operation?.controls['object']?.state, 'enforce')
    assert.match(operation?.controls['object']?.place ?? '', /^sallyport\.yaml:\d+:\d+$/)
    const contract = (await admin.get('/api/v1/apis/things/contract')).json<ContractReply>()
    assert.equal(contract.file, 'contract.yaml')
    assert.ok((contract.document as { paths: object }).paths)
    assert.equal((await admin.get('/api/v1/apis/none/contract')).status, 404)
    assert.equal((await admin.get('/api/v1/apis/..%2f..%2fetc/contract')).status, 404)
    const about = (await admin.get('/api/v1/about')).json<AboutReply>()
    assert.equal(about.node, process.version)
    assert.match(String(about.assurance?.['Soak']), /^(?:held|did not hold), \d{4}-\d\d-\d\d$/)
    assert.ok(about.dependencies.some(({ name, licence }) => name === 'jose' && licence === 'MIT'))
  })

  test('the overview counts calls by verdict, stage, caller and operation', async () => {
    const view = await until(async () => {
      const reply = (await admin.get('/api/v1/overview?window=1h')).json<OverviewReply>()
      return reply.refusalsByStage.some(({ stage, count }) => stage === 'authorize' && count >= 10)
        ? reply
        : undefined
    })
    assert.ok(view.buckets.length === 60 && view.windowSeconds === 3600)
    assert.ok(view.topCallers.some(({ sub, denied }) => sub === '77' && denied >= 10))
    assert.ok(view.topOperations.some(({ api }) => api === 'things'))
    assert.ok((view.latency.total?.p99 ?? 0) >= (view.latency.gateway?.p50 ?? 1e9) / 10)
    assert.ok(view.posture.score > 0 && view.posture.score <= 100)
    assert.equal(view.partial, false, 'there are no events of before')
    assert.equal((await admin.get('/api/v1/overview?window=1y')).status, 400)
  })

  test('events by stage, by the beginning of the operation, by text; hostile filters are only values', async () => {
    const list = async (query: string) =>
      (await admin.get(`/api/v1/events?${query}`)).json<EventsReply>().events
    assert.ok((await list('stage=authorize')).every(({ code }) => code === 'AUTHORIZE_OBJECT'))
    assert.ok((await list('stage=limit&api=things')).length > 0)
    assert.ok((await list('q=/USERS/77&limit=500')).every(({ path }) => path.startsWith('/users/77')))
    assert.ok((await list('operationPrefix=admin.&limit=500')).every(({ api }) => api === 'sallyport'))
    for (const value of ["' or 1=1 --", '%', '\\', '"', '*', '(?:', '\u0000', '\u{10ffff}', '$.path'])
      for (const name of ['q', 'operationPrefix', 'method', 'api', 'sub', 'address', 'id'])
        assert.equal((await list(`${name}=${encodeURIComponent(value)}`)).length, 0, `${name}=${value}`)
    for (const query of ['stage=none', `q=${'x'.repeat(257)}`, 'before[]=1', 'limit=-1', 'since=now'])
      assert.equal((await admin.get(`/api/v1/events?${query}`)).status, 400, query)
  })
})
