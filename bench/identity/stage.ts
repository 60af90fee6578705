import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { issueApiKey } from '../../src/app/state/api-keys.ts'
import { jwkThumbprint } from '../../src/crypto/jwk-thumbprint.ts'
import type { Matched } from '../../src/kernel/facts.ts'
import { Fields } from '../../src/kernel/fields.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { createOutbound } from '../../src/outbound/create-outbound.ts'
import { createKeyDirectory } from '../../src/stages/identify/api-key/key-directory.ts'
import { createIdentify } from '../../src/stages/identify/create-identify.ts'
import { createMemoryApiKeyStore } from '../../src/stores/memory/api-key-store.ts'
import { createMemoryReplayStore } from '../../src/stores/memory/replay-store.ts'
import { arrivedCall, plainOperation } from '../../test/flow/fakes.ts'

/** Microseconds a call of the stage `identify`, by kind of credential; the best of several rounds. */
export interface StageCost {
  readonly token: number
  readonly apiKey: number
  readonly dpop: number
  /** A token that is seen for the first time. */
  readonly newToken: number
  /** A token whose signature is wrong, never the same one twice. */
  readonly badToken: number
}

const issuer = 'https://id.travel.example'
const audience = 'https://api.travel.example'
const callers = 1000
const proofs = 2000

/** Measures the stage by itself, in this process. */
export async function measureStage(): Promise<StageCost> {
  const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = holder.publicKey.export({ format: 'jwk' })
  const jkt = jwkThumbprint(jwk as Record<string, unknown>) ?? ''
  const store = createMemoryApiKeyStore()
  const directory = createKeyDirectory({ store })
  const keys = await Promise.all(
    Array.from({ length: callers }, (_, n) =>
      issueApiKey(
        store,
        { name: `key ${n}`, owner: 'bench', scopes: [], roles: [], expires: undefined },
        Date.now(),
      ),
    ),
  )
  await directory.start()
  const operations = [operation(0, 'bearer'), operation(1, 'key')] as const
  const identify = createIdentify({
    issuers: [
      {
        name: 'travel',
        issuer,
        audience: [audience],
        algorithms: ['ES256'],
        keys: {
          kind: 'jwks',
          value: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] },
        },
      },
    ],
    apis: [
      {
        name: 'travel',
        schemes: [
          { name: 'bearer', type: 'http', scheme: 'bearer' },
          { name: 'key', type: 'apiKey', in: 'header', field: 'x-api-key' },
        ],
        security: [
          { scheme: 'bearer', issuers: ['travel'] },
          { scheme: 'key', issuers: ['keys'] },
        ],
        operations,
      },
    ],
    outbound: createOutbound({}),
    replays: createMemoryReplayStore({ capacity: 100_000 }),
    apiKeys: { header: 'x-api-key', directory },
  })
  await identify.ready()

  const jws = (header: object, claims: object, key: typeof signer.privateKey): string => {
    const input = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
  const now = Math.floor(Date.now() / 1000)
  const token = (jti: string, more: object = {}): string =>
    jws(
      { alg: 'ES256', kid: 'k1', typ: 'at+jwt' },
      { iss: issuer, aud: audience, sub: '123', iat: now, exp: now + 3600, scope: 'a b', jti, ...more },
      signer.privateKey,
    )
  const call = (slot: 0 | 1, fields: readonly string[]): Matched => ({
    ...arrivedCall({ fields: new Fields(fields) }),
    operation: operations[slot],
    params: {},
  })
  /** Microseconds a call; every call must come out as `good` says. */
  const time = async (calls: readonly Matched[], good: boolean): Promise<number> => {
    const start = performance.now()
    for (const one of calls) {
      const answer = identify.run(one)
      const principal = answer instanceof Promise ? await answer : answer
      if (isDenied(principal) === good) throw new Error('a call came out otherwise than it should')
    }
    return ((performance.now() - start) * 1000) / calls.length
  }
  const best = async (rounds: number, make: () => readonly Matched[], good = true): Promise<number> => {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < rounds; i++) least = Math.min(least, await time(make(), good))
    return least
  }

  try {
    const texts = Array.from({ length: callers }, (_, n) => token(`warm-${n}`))
    const warm = texts.map((text) => call(0, ['authorization', `Bearer ${text}`]))
    await time(warm, true)
    const held = keys.map(({ text }) => call(1, ['x-api-key', text]))
    await time(held, true)
    const bound = token('bound', { cnf: { jkt } })
    const ath = createHash('sha256').update(bound).digest('base64url')
    const proven = (): Matched[] =>
      Array.from({ length: proofs }, () => {
        const claims = {
          jti: randomUUID(),
          htm: 'GET',
          htu: 'http://localhost/things',
          iat: Math.floor(Date.now() / 1000),
          ath,
        }
        const proof = jws({ typ: 'dpop+jwt', alg: 'ES256', jwk }, claims, holder.privateKey)
        return call(0, ['authorization', `DPoP ${bound}`, 'dpop', proof])
      })
    const fresh = (): Matched[] =>
      Array.from({ length: callers }, () => call(0, ['authorization', `Bearer ${token(randomUUID())}`]))
    const bad = (): Matched[] =>
      texts.map((text) => {
        const forged = Buffer.from(randomUUID() + randomUUID())
          .subarray(0, 64)
          .toString('base64url')
        return call(0, ['authorization', `Bearer ${text.slice(0, text.lastIndexOf('.'))}.${forged}`])
      })
    return {
      token: await best(60, () => warm),
      apiKey: await best(60, () => held),
      dpop: await best(4, proven),
      newToken: await best(4, fresh),
      badToken: await best(4, bad, false),
    }
  } finally {
    identify.close()
    await directory.close()
  }
}

function operation(slot: number, scheme: string): Operation {
  return plainOperation({ slot, security: [[{ scheme, scopes: [] }]] })
}
