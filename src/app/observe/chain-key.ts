import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Config } from '../../config/config.ts'
import { withKeyFile } from '../key-file.ts'

/** PKCS #8 of an Ed25519 key up to its 32 octets (RFC 8410). */
const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key that signs the audit log, from `log.key` of the state folder; made where there is none. Throws `Unusable`. */
export function provideChainKey({ state }: Config): KeyObject {
  return withKeyFile(
    {
      folder: state,
      name: 'log.key',
      rule: 'log.key',
      fix: 'restore it from a backup: without it the signatures of the audit log cannot be verified',
    },
    ([seed = new Uint8Array()]) => {
      if (seed.length !== 32) throw new Error('it is no key of 256 bits')
      return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
    },
  )
}

/** What verifies the log, as PEM: may be given to anybody. */
export function publicChainKey(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}
