import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newKey } from '../../../../test/contract/api-key-store.ts'
import { arrivedCall, plainOperation } from '../../../../test/flow/fakes.ts'
import { createSteeredClock } from '../../../../test/support/steered-clock.ts'
import { createApiKeyText } from '../../../crypto/api-key-text.ts'
import { digestOf } from '../../../crypto/digest.ts'
import type { ApiKeyPatch } from '../../../kernel/api-key.ts'
import { Fields } from '../../../kernel/fields.ts'
import type { Principal } from '../../../kernel/principal.ts'
import { type Denial, isDenied } from '../../../kernel/verdict.ts'
import { createMemoryApiKeyStore } from '../../../stores/memory/api-key-store.ts'
import { createApiKey } from './api-key.ts'
import { createKeyDirectory, type KeyDirectory } from './key-directory.ts'

const start = 1_900_000_000_000
const clock = createSteeredClock(start)
const first = createApiKeyText()
const second = createApiKeyText(first.id)
const store = createMemoryApiKeyStore()
let directory: KeyDirectory

const secret = (text: string, until?: number) => ({ digest: digestOf(text), until })

before(async () => {
  await store.create(
    newKey({
      id: first.id,
      secrets: [secret(first.text), secret(second.text, start + 1000)],
      expires: start + 60_000,
      scopes: ['a', 'b'],
      created: start,
    }),
  )
  directory = createKeyDirectory({ store, clock, everyMs: 60_000 })
  await directory.start()
})
after(() => directory.close())

function read(fields: readonly string[]): Principal | Denial | undefined | Promise<Principal | Denial> {
  const credential = createApiKey({ header: 'x-api-key', directory, clock })
  return credential.read({
    ...arrivedCall({ fields: new Fields(fields) }),
    operation: plainOperation(),
    params: {},
  })
}

async function present(text: string): Promise<string> {
  const outcome = await read(['accept', '*/*', 'x-api-key', text])
  return outcome === undefined ? 'none' : isDenied(outcome) ? outcome.code : outcome.sub
}

async function patched(patch: ApiKeyPatch, work: () => Promise<void>): Promise<void> {
  const other = createMemoryApiKeyStore()
  await other.create({ ...newKey({ id: first.id, secrets: [secret(first.text)] }) })
  await other.update(first.id, () => patch)
  const kept = directory
  directory = createKeyDirectory({ store: other, clock })
  await directory.start()
  try {
    await work()
  } finally {
    await directory.close()
    directory = kept
  }
}

describe('R15: API keys', () => {
  it('a good key is a principal of its own kind, never a user', async () => {
    const principal = await read(['x-api-key', first.text])
    assert.ok(principal !== undefined && !isDenied(principal))
    const { claims, ...rest } = principal
    assert.deepEqual(rest, {
      issuer: 'keys',
      sub: `key:${first.id}`,
      client: 'team-a',
      roles: ['robot'],
      scopes: ['a', 'b'],
      amr: [],
      kind: 'api-key',
      expires: (start + 60_000) / 1000,
      credential: digestOf(first.text).slice(0, 16),
    })
    assert.equal(Object.getPrototypeOf(claims), null)
    assert.equal(JSON.stringify(principal).includes(first.text), false)
    assert.equal(JSON.stringify(principal).includes(digestOf(first.text)), false)
    assert.equal(read(['x-api-key', first.text]), principal, 'nothing is made on a call')
  })

  it('no field is no key; two are one too many', async () => {
    assert.equal(read(['accept', '*/*']), undefined)
    const twice = await read(['x-api-key', first.text, 'x-api-key', first.text])
    assert.ok(isDenied(twice))
    assert.equal(twice.code, 'IDENTIFY_MALFORMED')
  })

  it('what is no key, no key of ours, or another secret gets one answer', async () => {
    const refusals = new Set<string>()
    for (const text of [
      '',
      'x',
      first.text.slice(0, -1),
      `${first.text} `,
      first.text.toUpperCase(),
      createApiKeyText().text,
      createApiKeyText(first.id).text,
      `Bearer ${first.text}`,
      'x'.repeat(100_000),
    ]) {
      const outcome = await read(['x-api-key', text])
      assert.ok(isDenied(outcome), text.slice(0, 60))
      refusals.add(JSON.stringify([outcome.code, outcome.fields]))
      assert.equal(text.length > 10 && outcome.reason.includes(text), false)
    }
    assert.deepEqual(
      [...refusals],
      [JSON.stringify(['IDENTIFY_TOKEN_INVALID', ['www-authenticate', 'Bearer error="invalid_token"']])],
    )
  })

  it('the secret before a rotation works until its time is over', async () => {
    assert.equal(await present(second.text), `key:${first.id}`)
    clock.pass(999)
    assert.equal(await present(second.text), `key:${first.id}`)
    clock.pass(1)
    assert.equal(await present(second.text), 'IDENTIFY_TOKEN_EXPIRED')
    assert.equal(await present(first.text), `key:${first.id}`)
  })

  it('a key ends', async () => {
    clock.pass(58_999)
    assert.equal(await present(first.text), `key:${first.id}`)
    clock.pass(1)
    assert.equal(await present(first.text), 'IDENTIFY_TOKEN_EXPIRED')
  })

  it('disabled and revoked are told to who holds the secret, and to nobody else', async () => {
    for (const patch of [{ disabled: true }, { revoked: start }])
      await patched(patch, async () => {
        assert.equal(await present(first.text), 'IDENTIFY_TOKEN_REVOKED')
        assert.equal(await present(createApiKeyText(first.id).text), 'IDENTIFY_TOKEN_INVALID')
      })
  })

  it('where the store cannot be read nothing passes', async () => {
    const kept = directory
    directory = { ...kept, isFresh: () => false }
    assert.equal(await present(first.text), 'IDENTIFY_KEYS_UNAVAILABLE')
    directory = { ...kept, find: () => Promise.reject(new Error('down')) }
    assert.equal(await present(first.text), 'IDENTIFY_KEYS_UNAVAILABLE')
    directory = kept
  })

  it('costs little', async (t) => {
    await patched({}, async () => {
      const credential = createApiKey({
        header: 'x-api-key',
        directory,
        clock: { now: Date.now, monotonic: Date.now },
      })
      const fields = new Fields(
        [...Array(10)].flatMap((_, i) => [`header-${i}`, 'value']).concat('x-api-key', first.text),
      )
      const call = { ...arrivedCall({ fields }), operation: plainOperation(), params: {} }
      let best = Infinity
      for (let round = 0; round < 5; round++) {
        const began = performance.now()
        for (let i = 0; i < 20_000; i++) credential.read(call)
        best = Math.min(best, (performance.now() - began) / 20)
      }
      t.diagnostic(`${best.toFixed(2)} µs a call`)
      assert.ok(best < 20, `${best} µs`)
    })
  })
})
