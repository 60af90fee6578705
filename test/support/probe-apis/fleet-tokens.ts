import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'

/** Who tokens are about. */
interface Subject {
  readonly email: string
  readonly role: string
}

export interface FleetTokens {
  /** The public key, as it is published. */
  readonly jwk: object
  /** A token for an audience; more claims where they are given. */
  issue(one: Subject, audience: string, more?: object): string
  /** The subject of a good token. `blind`: without looking at its signature. */
  subjectOf(authorization: string, blind: boolean): Promise<string | undefined>
}

/** RS256 tokens. Weak: the public key is taken for an HMAC secret, keys are fetched from where the token says, any audience will do. */
export function createFleetTokens(weak: boolean): FleetTokens {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'fleet-1', alg: 'RS256', use: 'sig' }
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const issue = ({ email, role }: Subject, audience: string, more: object = {}): string => {
    const now = Math.floor(Date.now() / 1000)
    const about = { iss: 'https://fleet.example', aud: audience, sub: email, role, iat: now, exp: now + 3600 }
    const text = `${part({ alg: 'RS256', kid: 'fleet-1', typ: 'JWT' })}.${part({ ...about, ...more })}`
    return `${text}.${sign('sha256', Buffer.from(text), pair.privateKey).toString('base64url')}`
  }
  const keyOf = async (head: { jku?: string }): Promise<KeyObject> => {
    if (!weak || head.jku === undefined) return pair.publicKey
    const reply = await fetch(head.jku, { signal: AbortSignal.timeout(800) })
    const set = (await reply.json()) as { keys: object[] }
    return createPublicKey({ key: (set.keys[0] ?? {}) as never, format: 'jwk' })
  }
  const subjectOf = async (authorization: string, blind: boolean): Promise<string | undefined> => {
    const [head = '', body = '', signature = ''] = authorization.replace('Bearer ', '').split('.')
    try {
      const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; jku?: string }
      const { aud, exp, sub } = JSON.parse(Buffer.from(body, 'base64url').toString()) as {
        aud: string
        exp: number
        sub: string
      }
      const text = Buffer.from(`${head}.${body}`)
      const key = await keyOf(header)
      const confused = createHmac('sha256', pem).update(text).digest('base64url')
      const fine =
        (weak && (blind || (header.alg === 'HS256' && signature === confused))) ||
        (header.alg === 'RS256' && verify('sha256', text, key, Buffer.from(signature, 'base64url')))
      return fine && exp > Date.now() / 1000 && (weak || aud === 'fleet-api') ? sub : undefined
    } catch {
      return undefined
    }
  }
  return { jwk, issue, subjectOf }
}
