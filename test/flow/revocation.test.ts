import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'
import { startIntrospectionServer } from '../rfc/introspection-server.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command, commandJson, sallyport } from './sallyport.ts'

/** R14, J17: what was taken back is refused, in every process, soon, and after a restart. */

const contract = `openapi: 3.1.0
info: { title: Things, version: "1" }
components: { securitySchemes: { bearer: { type: http, scheme: bearer } } }
paths:
  /things:
    get: { operationId: listThings, security: [{ bearer: [] }], responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } }
`

const ends: (() => Promise<void>)[] = []
let gateway: RunningGateway
let opaque: Awaited<ReturnType<typeof startIntrospectionServer>>

before(async () => {
  opaque = await startIntrospectionServer({ after: (end) => void ends.push(end) })
  gateway = await startGateway({
    contract,
    durable: 'sqlite:state.db',
    events: 'events.log',
    files: { 'client-secret': 'canary-client-secret-0123456789' },
    issuers: `  opaque: { issuer: https://opaque.example.test, audience: https://api.example.test, tokens: { introspection: "${opaque.url}", clientId: gateway, clientSecret: "\${file:client-secret}" } }`,
  })
})
after(async () => {
  await gateway.close()
  for (const end of ends) await end()
})
beforeEach(() => {
  gateway.upstream.seen.length = 0
})

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly challenge: string | null
}

async function call(token: string, url = gateway.url): Promise<Answer> {
  const response = await fetch(`${url}/things`, { headers: { authorization: `Bearer ${token}` } })
  const body = (await response.json()) as { code?: string }
  return { status: response.status, code: body.code, challenge: response.headers.get('www-authenticate') }
}

/** Waits for what a second may bring; fails after it. Says how long it took. */
async function withinASecond(holds: () => Promise<boolean>): Promise<number> {
  const began = performance.now()
  while (!(await holds())) {
    if (performance.now() - began > 1000) assert.fail('a second is over')
    await sleep(10)
  }
  return performance.now() - began
}

const revoke = (...args: string[]) => command(gateway.folder, 'tokens', 'revoke', ...args)

describe('R14: revocation', () => {
  it('by jti, of a token that is known to be good already', async () => {
    const token = await gateway.token({ jti: 'by-jti' })
    const other = await gateway.token({ jti: 'by-jti-2' })
    assert.equal((await call(token)).status, 200)
    assert.equal((await revoke('--jti', 'by-jti')).code, 0)
    await withinASecond(async () => (await call(token)).status === 401)
    gateway.upstream.seen.length = 0
    const refused = await call(token)
    assert.deepEqual([refused.status, refused.code], [401, 'IDENTIFY_TOKEN_REVOKED'])
    assert.match(refused.challenge ?? '', /^Bearer .*error="invalid_token"/)
    assert.equal((await call(other)).status, 200)
    assert.equal(gateway.upstream.seen.length, 1)
  })

  it('by subject: what was issued so far, of this issuer alone; what is issued later passes', async () => {
    const now = Math.floor(Date.now() / 1000)
    const before = await gateway.token({ sub: 'eve', iat: now - 10 })
    const other = await gateway.token({ sub: 'mallory', iat: now - 10 })
    opaque.tokens.set('of-eve-elsewhere', {
      ...{ active: true, sub: 'eve', aud: 'https://api.example.test', iat: now - 10, client_id: 'app' },
    })
    assert.equal((await call(before)).status, 200)
    assert.equal((await revoke('--subject', 'eve', '--issuer', 'main')).code, 0)
    await withinASecond(async () => (await call(before)).code === 'IDENTIFY_TOKEN_REVOKED')
    assert.equal((await call(other)).status, 200)
    assert.equal(
      (await call('of-eve-elsewhere')).status,
      200,
      'the same subject at another issuer is another',
    )
    await sleep(1000 - (Date.now() % 1000) + 5)
    const later = await gateway.token({ sub: 'eve', iat: Math.floor(Date.now() / 1000) })
    assert.equal((await call(later)).status, 200)
  })

  it('by client, of every issuer', async () => {
    const iat = Math.floor(Date.now() / 1000) - 10
    const token = await gateway.token({ client_id: 'leaky', iat })
    opaque.tokens.set('of-leaky', {
      ...{ active: true, sub: 'eve', aud: 'https://api.example.test', iat, client_id: 'leaky' },
    })
    assert.deepEqual([(await call(token)).status, (await call('of-leaky')).status], [200, 200])
    assert.equal((await revoke('--client', 'leaky')).code, 0)
    await withinASecond(async () => (await call(token)).code === 'IDENTIFY_TOKEN_REVOKED')
    assert.equal(
      (await call('of-leaky')).code,
      'IDENTIFY_TOKEN_REVOKED',
      'also while its answer is remembered',
    )
  })

  it('reaches every gateway on the database within a second, by the real command', async (t) => {
    const other = await gateway.another()
    t.after(() => other.app.close(0))
    const token = await gateway.token({ jti: 'everywhere' })
    assert.deepEqual([(await call(token)).status, (await call(token, other.url)).status], [200, 200])
    const { code, err } = await sallyport(gateway.folder, 'tokens', 'revoke', '--jti', 'everywhere')
    assert.equal(code, 0, err)
    const took = await withinASecond(
      async () => (await call(token)).status === 401 && (await call(token, other.url)).status === 401,
    )
    t.diagnostic(`${Math.round(took)} ms after the command`)
  })

  it('survives a restart, and a new process knows it before its first call', async () => {
    const token = await gateway.token({ jti: 'for-good' })
    await revoke('--jti', 'for-good')
    const file = join(gateway.folder, 'sallyport.yaml')
    const program = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.js')
    const child = spawn(process.execPath, [program, 'serve', '--config', file, '--no-watch'])
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    try {
      while (!said.includes('ready')) {
        assert.equal(child.exitCode, null, said)
        await sleep(20)
      }
      const url = /api (http:\/\/\S+)/.exec(said)?.[1] ?? ''
      assert.equal((await call(token, url)).code, 'IDENTIFY_TOKEN_REVOKED')
      assert.equal((await call(await gateway.token({ jti: 'another' }), url)).status, 200)
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  })

  it('a reload forgets nothing', async () => {
    const token = await gateway.token({ jti: 'reloaded' })
    await revoke('--jti', 'reloaded')
    await withinASecond(async () => (await call(token)).status === 401)
    await gateway.reload()
    assert.equal((await call(token)).code, 'IDENTIFY_TOKEN_REVOKED')
  })

  it('R18: where the list cannot be read, nothing passes and nothing is forwarded', async (t) => {
    const other = await gateway.another()
    t.after(() => other.app.close(0))
    const token = await gateway.token({ jti: 'innocent' })
    assert.equal((await call(token, other.url)).status, 200)
    const state = await createSqliteStateStore(join(gateway.folder, 'state.db'))
    await state.db.schema.alterTable('revocations').renameTo('revocations_away').execute()
    try {
      const began = performance.now()
      gateway.upstream.seen.length = 0
      let seen = 0
      while ((await call(token, other.url)).status !== 503) {
        assert.ok(performance.now() - began < 5000, 'within five seconds')
        await sleep(50)
        seen = gateway.upstream.seen.length
      }
      assert.equal((await call(token, other.url)).code, 'IDENTIFY_KEYS_UNAVAILABLE')
      assert.equal(gateway.upstream.seen.length, seen)
    } finally {
      await state.db.schema.alterTable('revocations_away').renameTo('revocations').execute()
      await state.close()
    }
    await withinASecond(async () => (await call(token, other.url)).status === 200)
    await withinASecond(async () => (await call(token)).status === 200)
  })
})

describe('sallyport tokens', () => {
  it('lists what is revoked', async () => {
    await revoke('--jti', 'listed', '--issuer', 'main', '--lifetime', '1h')
    const list = await commandJson<Record<string, unknown>[]>(gateway.folder, 'tokens', 'list')
    const { created, until, ...rest } = list.find((one) => one['value'] === 'listed') ?? {}
    assert.deepEqual(rest, { kind: 'token', issuer: 'main', value: 'listed', before: null })
    assert.ok(Math.abs(Date.parse(String(until)) - Date.parse(String(created)) - 3_600_000) < 1000)
    assert.match((await command(gateway.folder, 'tokens', 'list')).out, /token +main +listed/)
  })

  it('says what is wrong, with exit code 2', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /revoke, list/],
      [['revoke'], /one of --jti/],
      [['revoke', '--jti', 'a', '--client', 'b'], /one of --jti/],
      [['revoke', '--jti', ''], /one of --jti/],
      [['revoke', '--jti', 'x'.repeat(2000)], /that long/],
      [['revoke', '--subject', 'a'], /--issuer NAME/],
      [['revoke', '--subject', 'a', '--issuer', 'mian'], /did you mean `main`/],
      [['revoke', '--jti', 'a', '--before', 'yesterday'], /--before/],
      [['revoke', '--subject', 'a', '--issuer', 'main', '--before', '2099-01-01T00:00:00Z'], /five minutes/],
      [['revoke', '--jti', 'a', '--lifetime', 'x'], /30d/],
    ]
    for (const [args, says] of cases) {
      const { code, err } = await command(gateway.folder, 'tokens', ...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(err, says)
    }
  })

  it('a configuration that keeps nothing is told, at start and by the commands', async (t) => {
    const volatile = await startGateway({ contract, durable: 'none' })
    t.after(() => volatile.close())
    assert.ok(volatile.app.notes.some((note) => /do not survive a restart/.test(note)))
    assert.equal((await call(await volatile.token(), volatile.url)).status, 200)
    const { code, err } = await command(volatile.folder, 'tokens', 'list')
    assert.deepEqual([code, /sqlite/.test(err)], [2, true])
  })
})

describe('secrets of opaque tokens', () => {
  it('token and client secret are nowhere: database, log, events, metrics, replies', async () => {
    const token = 'canary-opaque-token-0123456789'
    opaque.tokens.set(token, { active: true, sub: 'eve', aud: 'https://api.example.test', client_id: 'app' })
    assert.equal((await call(token)).status, 200)
    assert.equal(gateway.upstream.seen[0]?.headers.authorization, undefined, 'R05')
    opaque.say(500, token)
    assert.equal((await call(`${token}-2`)).code, 'IDENTIFY_KEYS_UNAVAILABLE')
    opaque.say(200, `{"active":true,"sub":"${token}"}`)
    assert.equal((await call(`${token}-3`)).code, 'IDENTIFY_TOKEN_INVALID')
    await sleep(300)
    writeFileSync(join(gateway.folder, 'client-secret'), '')
    for (const name of readdirSync(gateway.folder)) {
      const file = join(gateway.folder, name)
      if (!statSync(file).isFile()) continue
      assert.equal(readFileSync(file).includes('canary-'), false, name)
    }
    for (const path of ['/metrics', '/api/v1/events?limit=500', '/readyz']) {
      const text = await (await fetch(gateway.adminUrl + path)).text()
      assert.equal(text.includes('canary-'), false, path)
      if (path.includes('events')) assert.ok(text.includes('"opaque"'))
    }
  })
})
