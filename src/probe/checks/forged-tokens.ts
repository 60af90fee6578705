import { type Identity, tokenOf } from '../identity.ts'
import { authLine } from '../policy-line.ts'
import type { Confidence } from '../probe-finding.ts'
import { reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import type { World } from '../state/world.ts'
import type { TokenKeys } from '../token-keys.ts'
import { bySignature } from './by-signature.ts'
import {
  guessSecret,
  publicHalf,
  putTogether,
  signWithKey,
  signWithSecret,
  spellingsOf,
  type Token,
  takeApart,
} from './forge-token.ts'
import { publishedBy, signingKey } from './known-keys.ts'
import { type Anchor, accepted, anchorsOf, gets } from './token-anchors.ts'

/** API2: tokens that nobody should accept, each on reads that only a true token gets. */
export async function checkForgedTokens(world: World, keys: TokenKeys): Promise<void> {
  for (const identity of world.identities) {
    await world.session.freshen(identity, 60)
    const text = tokenOf(identity)
    const token = text === undefined ? undefined : takeApart(text)
    if (text === undefined || token === undefined || text.split('.').length !== 3) continue
    const [anchors, blind] = await bySignature(world, await anchorsOf(world, identity), token)
    const [first] = anchors
    if (first === undefined) continue
    for (const { anchor, exchange } of blind)
      report(world, anchor, 'auth.signature', exchange, changedTaken, 'certain')
    await tryAll(world, { identity, text, token, anchors, first, keys })
    if (token.claims['exp'] === undefined && world.operations.some(({ signIn }) => signIn))
      reportWeakness(world, {
        rule: 'auth.no-expiry',
        operation: undefined,
        detail: '',
        message: `the token of ${identity.name} has no exp`,
        confidence: 'certain',
        policy: authLine(first.view.operation),
        steps: [[`${identity.name} reads`, first.view.exchange]],
      })
    return
  }
}

const changedTaken = 'a token whose claims were changed is accepted'

interface Forging {
  readonly identity: Identity
  readonly text: string
  readonly token: Token
  readonly anchors: readonly Anchor[]
  readonly first: Anchor
  readonly keys: TokenKeys
}

type Sign = (head: Record<string, unknown>, claims: Record<string, unknown>) => Promise<string>

async function tryAll(world: World, forging: Forging): Promise<void> {
  const { token, anchors, first, text } = forging
  const { head, claims, signature } = token
  const stamped = { ...claims, sallyport_probe: 1 }
  const unsigned = ['none', 'None', 'NONE', 'nOnE'].map((alg) => putTogether({ ...head, alg }, claims, ''))
  const none = await accepted(world, first, unsigned, 'FORGED_UNSIGNED')
  if (none !== undefined)
    await reportOn(world, anchors, 'auth.alg-none', none, 'an unsigned token (alg none) is accepted')
  const changed = putTogether(head, stamped, signature)
  const loose = await accepted(world, first, [changed, putTogether(head, claims, '')], 'FORGED_SIGNATURE')
  if (loose !== undefined) await reportOn(world, anchors, 'auth.signature', loose, changedTaken)
  else if (anchors.length > 1 && none === undefined)
    await tryOthers(world, anchors.slice(1), unsigned[0] ?? '')
  let sign: Sign | undefined
  const words = [
    claims['iss'],
    claims['aud'],
    world.contract.title,
    world.contract.title.toLowerCase(),
  ].filter((one) => typeof one === 'string')
  const secret = guessSecret(text, words)
  if (secret !== undefined) {
    const made = signWithSecret(head, stamped, secret, String(head['alg']))
    const weak = await accepted(world, first, [made], 'FORGED_WEAK')
    if (weak !== undefined) {
      await reportOn(
        world,
        [first],
        'auth.weak-secret',
        weak,
        'tokens are signed with a secret from word lists',
      )
      sign = async (h, c) => signWithSecret(h, c, secret, String(head['alg']))
    }
  }
  if (loose === undefined) await tryKeys(world, forging)
  const own = await signingKey(text, forging.keys)
  if (own !== undefined) sign = (h, c) => signWithKey(own, h, c)
  if (sign === undefined && loose !== undefined) sign = async (h, c) => putTogether(h, c, signature)
  if (sign === undefined && none !== undefined)
    sign = async (h, c) => putTogether({ ...h, alg: 'none' }, c, '')
  await tryClaims(world, forging, sign)
}

/** Keys that the token brings, and the published one as an HMAC secret. */
async function tryKeys(world: World, { token, first, keys }: Forging): Promise<void> {
  const { head, claims } = token
  const published = [...keys.published, ...(await publishedBy(world))]
  const secrets = (await Promise.all(published.map(spellingsOf))).flat()
  const confused = await accepted(
    world,
    first,
    secrets.slice(0, 24).map((pem) => signWithSecret(head, claims, pem)),
    'FORGED_CONFUSED',
  )
  if (confused !== undefined)
    await reportOn(
      world,
      [first],
      'auth.key-confusion',
      confused,
      'the published key is taken for an HMAC secret',
    )
  // Of the kind that the token's own key is of: a verifier that takes one kind only is asked with that.
  const rsa = /^[RP]S/.test(String(head['alg']))
  const key = rsa ? keys.rsa : keys.own
  const shown = publicHalf(key)
  const at = world.canary === undefined ? undefined : `${world.canary.url}/${rsa ? 'rsa' : 'jwks'}.json`
  const heads: Record<string, unknown>[] = [
    { ...head, jwk: shown, kid: 'sallyport-probe' },
    ...(at === undefined
      ? []
      : [
          { ...head, jku: at, kid: 'sallyport-probe' },
          { ...head, x5u: at, kid: 'sallyport-probe' },
          { ...head, kid: at },
        ]),
  ]
  const spoofed = await Promise.all(heads.map((one) => signWithKey(key, one, claims)))
  const kid = ['../../../../../../dev/null', '/dev/null', "' UNION SELECT '' -- ", ''].map((one) =>
    signWithSecret({ ...head, kid: one }, claims, ''),
  )
  const taken = await accepted(world, first, [...spoofed, ...kid], 'FORGED_KEY')
  if (taken !== undefined)
    await reportOn(world, [first], 'auth.jwks-spoof', taken, 'a token is checked with a key that it brings')
}

/** Tokens that are signed well enough and still not good. */
async function tryClaims(
  world: World,
  { identity, token, first }: Forging,
  sign: Sign | undefined,
): Promise<void> {
  const { head, claims } = token
  const now = Math.floor(Date.now() / 1000)
  const given = async (value: string | undefined, rule: string, message: string): Promise<void> => {
    const taken = value === undefined ? undefined : await accepted(world, first, [value], 'GIVEN_TOKEN')
    if (taken !== undefined) await reportOn(world, [first], rule, taken, message)
  }
  await given(identity.expired, 'auth.expired', 'an expired token is accepted')
  await given(identity.idToken, 'auth.id-token', 'an ID token is accepted as access token')
  if (sign === undefined) return
  // A token that is right in everything must be accepted, or the others prove nothing.
  const right = await accepted(world, first, [await sign({ ...head }, { ...claims })], 'FORGED_RIGHT')
  if (right === undefined) return
  const wrong: readonly (readonly [
    string,
    string,
    Record<string, unknown>,
    Record<string, unknown>,
    boolean,
  ])[] = [
    [
      'auth.expired',
      'an expired token is accepted',
      head,
      { ...claims, iat: now - 7200, nbf: now - 7200, exp: now - 3600 },
      true,
    ],
    [
      'auth.audience',
      'a token for another audience is accepted',
      head,
      { ...claims, aud: 'https://sallyport-probe.invalid' },
      claims['aud'] !== undefined,
    ],
    [
      'auth.audience',
      'a token of another issuer is accepted',
      head,
      { ...claims, iss: 'https://sallyport-probe.invalid' },
      claims['iss'] !== undefined && claims['aud'] === undefined,
    ],
    [
      'auth.id-token',
      'an ID token is accepted as access token',
      { ...head, typ: 'JWT' },
      idTokenOf(claims),
      /^at\+jwt$/i.test(String(head['typ'])) || claims['client_id'] !== undefined,
    ],
  ]
  for (const [rule, message, h, c, applies] of wrong) {
    if (!applies) continue
    const taken = await accepted(world, first, [await sign({ ...h }, { ...c })], 'FORGED_CLAIMS')
    if (taken !== undefined) await reportOn(world, [first], rule, taken, message)
  }
}

function idTokenOf(claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { scope: _, scp: __, client_id: client, ...rest } = claims
  return {
    ...rest,
    aud: client ?? 'sallyport-probe-client',
    nonce: 'n-0S6_WzA2Mj',
    auth_time: Math.floor(Date.now() / 1000),
  }
}

/** One finding for all reads that take the token, or one each where only some do. */
async function reportOn(
  world: World,
  anchors: readonly Anchor[],
  rule: string,
  { token, exchange }: { readonly token: string; readonly exchange: Exchange },
  message: string,
): Promise<void> {
  const [first] = anchors
  if (first === undefined) return
  let taking = 1
  for (const anchor of anchors.slice(1, 6))
    if (gets(anchor, await world.session.call(anchor.identity, anchor.view.call, { token }))) taking += 1
  report(
    world,
    first,
    rule,
    exchange,
    taking > 1 ? `${message}, on ${taking} of ${Math.min(anchors.length, 6)} operations tried` : message,
    'certain',
  )
}

/** An operation that takes unsigned tokens although the first one does not. */
async function tryOthers(world: World, anchors: readonly Anchor[], unsigned: string): Promise<void> {
  for (const anchor of anchors) {
    const none = await accepted(world, anchor, [unsigned], 'FORGED_UNSIGNED')
    if (none !== undefined)
      report(
        world,
        anchor,
        'auth.alg-none',
        none.exchange,
        'an unsigned token (alg none) is accepted',
        'certain',
      )
  }
}

function report(
  world: World,
  anchor: Anchor,
  rule: string,
  exchange: Exchange,
  message: string,
  confidence: Confidence,
): void {
  const { identity, view, nobody } = anchor
  reportWeakness(world, {
    rule,
    operation: view.operation,
    detail: '',
    message,
    confidence,
    policy: authLine(view.operation),
    steps: [
      [`${identity.name} reads with the true token`, view.exchange],
      ['the same without a credential', nobody],
      ['the same with the forged token', exchange],
    ],
  })
}
