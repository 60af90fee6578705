import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuthorityRecords } from '../../src/repositories/authority-records.ts'
import { createAuthorityRecords } from '../../src/repositories/authority-records.ts'
import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'
import { startAuthority } from '../support/authority.ts'
import { createTestClient } from '../support/oauth.ts'

/** A store whose methods fail while `down` says so. */
function failing(
  records: AuthorityRecords,
  down: (method: string, model: string | undefined) => boolean,
): AuthorityRecords {
  const guard =
    <A extends unknown[], R>(name: string, run: (...given: A) => Promise<R>) =>
    (...given: A): Promise<R> => {
      const [first, second] = given as unknown[]
      const model =
        name === 'find' ? second : typeof first === 'string' ? first : (first as { model?: string }).model
      return down(name, model as string | undefined)
        ? Promise.reject(new Error('the disk is gone: /secret/path'))
        : run(...given)
    }
  return {
    upsert: guard('upsert', records.upsert),
    insertOnce: guard('insertOnce', records.insertOnce),
    find: guard('find', records.find),
    consume: guard('consume', records.consume),
    list: guard('list', records.list),
    destroy: guard('destroy', records.destroy),
    destroyAll: guard('destroyAll', records.destroyAll),
    sweep: guard('sweep', records.sweep),
  }
}

async function start(down: (method: string, model: string | undefined) => boolean) {
  const state = await createSqliteStateStore(':memory:')
  const running = await startAuthority({ records: failing(createAuthorityRecords(state.db), down) })
  return {
    running,
    async close() {
      await running.close()
      await state.close()
    },
  }
}

const tokensIn = (body: unknown): boolean =>
  /access_token|refresh_token|"code"|id_token/.test(JSON.stringify(body))

test('R18, A24: whatever the store does not do, nothing is issued and nothing said to be done', async () => {
  let broken: string | undefined
  const { running, close } = await start((method) => method === broken)
  try {
    const client = await createTestClient(running)
    for (const method of ['find', 'upsert', 'consume']) {
      const code = await client.code()
      broken = method
      const { status, body } = await client.redeem(code)
      broken = undefined
      assert.ok(status >= 400, `${method}: ${status}`)
      assert.ok(!tokensIn(body), method)
      assert.ok(!JSON.stringify(body).includes('disk'), 'the reason stays inside')
    }
    const tokens = (await client.redeem(await client.code())).body
    for (const [path, method] of [
      ['/revoke', 'find'],
      ['/revoke', 'destroy'],
      ['/introspect', 'find'],
    ] as const) {
      broken = method
      const { status, body } = await client.post(path, { token: String(tokens['refresh_token']) })
      broken = undefined
      assert.equal(status, 503, `${path} ${method}`)
      assert.equal(body['error'], 'temporarily_unavailable')
    }
    for (const method of ['find', 'upsert', 'consume']) {
      const next = (await client.redeem(await client.code())).body
      broken = method
      const { status, body } = await client.refresh(next['refresh_token'])
      broken = undefined
      assert.ok(status >= 400, method)
      assert.ok(!tokensIn(body), method)
    }
    broken = 'upsert'
    const { away, page } = await client.browser.visit(client.url())
    assert.equal(away?.searchParams.get('code') ?? null, null)
    assert.ok(away !== undefined || page.status >= 400)
    const pushed = await client.post('/par', Object.fromEntries(new URL(client.url()).searchParams))
    assert.ok(pushed.status >= 400)
    assert.equal(pushed.body['request_uri'], undefined)
  } finally {
    broken = undefined
    await close()
  }
})

test('R18: every single call of the store failing, one after the other, gives an error or the whole answer', async () => {
  let countdown = Number.POSITIVE_INFINITY
  const { running, close } = await start(() => countdown-- === 0)
  try {
    const client = await createTestClient(running)
    await client.code()
    for (let nth = 0; nth < 12; nth++) {
      countdown = Number.POSITIVE_INFINITY
      const code = await client.code()
      countdown = nth
      const { status, body } = await client.redeem(code)
      const struck = countdown < 0
      countdown = Number.POSITIVE_INFINITY
      if (struck) assert.ok(status >= 400 && !tokensIn(body), `call ${nth}: ${status}`)
      else assert.equal(status, 200, `call ${nth}`)
    }
  } finally {
    await close()
  }
})

test('R18: accounts that cannot be asked: nothing is issued', async () => {
  let down = false
  const running = await startAuthority({
    accounts: {
      find: (sub) =>
        down ? Promise.reject(new Error('accounts are gone')) : Promise.resolve(running.people.get(sub)),
    },
  })
  try {
    const client = await createTestClient(running)
    const code = await client.code()
    down = true
    const { status, body } = await client.redeem(code)
    assert.ok(status >= 500)
    assert.ok(!tokensIn(body))
    const { away } = await client.browser.visit(client.url())
    assert.equal(away?.searchParams.get('code') ?? null, null)
  } finally {
    down = false
    await running.close()
  }
})

test('R18: malformed cookies are no session', async () => {
  const running = await startAuthority()
  try {
    const client = await createTestClient(running)
    await client.authorize()
    for (const cookie of [
      'sallyport=%00; sallyport.sig=x',
      'sallyport=; sallyport.sig=',
      `sallyport=${'x'.repeat(5000)}; sallyport.sig=${'y'.repeat(27)}`,
      'sallyport=__proto__; sallyport.sig=constructor',
      'sallyport.sig=a; sallyport.sig=b; sallyport',
      '=; ; ;;=',
    ]) {
      const reply = await fetch(client.url({ prompt: 'none' }), { headers: { cookie }, redirect: 'manual' })
      assert.equal(
        new URL(reply.headers.get('location') ?? '').searchParams.get('error'),
        'login_required',
        cookie,
      )
    }
  } finally {
    await running.close()
  }
})

test('a sealing key that is not the one of before stops the start', async () => {
  const first = await startAuthority()
  try {
    await assert.rejects(
      startAuthority({
        keys: (await import('../../src/repositories/signing-keys.ts')).createSigningKeyRepository(
          first.state.db,
        ),
      }),
      /cannot be opened/,
    )
  } finally {
    await first.close()
  }
})

test('secrets run: no code, token, cookie or secret is in the store in clear', async () => {
  const running = await startAuthority()
  try {
    const client = await createTestClient(running)
    const code = await client.code({ nonce: 'canary-nonce', scope: 'openid profile:read' })
    const { body } = await client.redeem(code)
    const device = await running.register({
      grants: ['device'],
      authentication: 'none',
      scopes: ['profile:read'],
    })
    const started = (await (
      await fetch(`${running.issuer}/device_authorization`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: device.id, scope: 'profile:read' }),
      })
    ).json()) as Record<string, string>
    const cookies = client.browser.setCookies
      .map((line) => /=([^;]*)/.exec(line)?.[1] ?? '')
      .filter((one) => one.length > 10)
    const secrets = [
      code,
      client.secret,
      String(body['refresh_token']),
      String(body['access_token']),
      started['device_code'] ?? '',
      started['user_code'] ?? '',
      (started['user_code'] ?? '').replace('-', ''),
      'canary-nonce',
      ...cookies,
    ]
    let stored = ''
    for (const table of ['authority_records', 'authority_clients', 'authority_keys'])
      stored += JSON.stringify(
        await running.state.db
          .selectFrom(table as never)
          .selectAll()
          .execute(),
      )
    assert.ok(stored.length > 2000)
    for (const secret of secrets)
      assert.ok(secret.length > 7 && !stored.includes(secret), secret.slice(0, 12))
    assert.ok(!stored.includes('"d"'))
    const heard = JSON.stringify([running.outcomes, running.events])
    for (const secret of secrets) assert.ok(!heard.includes(secret))
  } finally {
    await running.close()
  }
})
