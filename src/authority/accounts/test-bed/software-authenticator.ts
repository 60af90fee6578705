import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** What an authenticator says, changed by a test. */
export interface Answer {
  readonly challenge: string
  readonly origin: string
  readonly rpId: string
  readonly userVerified?: boolean
  readonly counter?: number
  readonly userHandle?: string
}

/** A passkey in software (ES256, attestation `none`), with all the freedom to lie. */
export interface SoftwareAuthenticator {
  readonly id: string
  register(answer: Answer): object
  signIn(answer: Answer): object
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()

export function createSoftwareAuthenticator(): SoftwareAuthenticator {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = randomBytes(32)
  const id = base64url(credentialId)

  const clientData = (type: string, { challenge, origin }: Answer): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const head = ({ rpId, userVerified = true, counter = 0 }: Answer, attested: boolean): Buffer => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const flags = 0x01 | (userVerified ? 0x04 : 0) | (attested ? 0x40 : 0)
    return Buffer.concat([sha256(rpId), Buffer.of(flags), count])
  }
  return {
    id,
    register(answer) {
      const length = Buffer.from([0, credentialId.length])
      const authData = Buffer.concat([
        head(answer, true),
        Buffer.alloc(16),
        length,
        credentialId,
        coseKey(keys.publicKey),
      ])
      // CBOR: { fmt: 'none', attStmt: {}, authData }
      const attestationObject = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex'),
        Buffer.of(authData.length),
        authData,
      ])
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', answer)),
          attestationObject: base64url(attestationObject),
          transports: ['internal'],
        },
      }
    },
    signIn(answer) {
      const authenticatorData = head(answer, false)
      const data = clientData('webauthn.get', answer)
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(data)]), keys.privateKey)
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(data),
          authenticatorData: base64url(authenticatorData),
          signature: base64url(signature),
          ...(answer.userHandle === undefined ? {} : { userHandle: answer.userHandle }),
        },
      }
    },
  }
}

/** CBOR: { 1: 2, 3: -7, -1: 1, -2: x, -3: y } (RFC 9053 §7.1.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([
    Buffer.from('a50102032620012158', 'hex'),
    Buffer.of(32),
    Buffer.from(x, 'base64url'),
    Buffer.from('2258', 'hex'),
    Buffer.of(32),
    Buffer.from(y, 'base64url'),
  ])
}
