import type { Config } from '../config/config.ts'
import { createIdSealer, type IdSealer } from '../crypto/id-sealer.ts'
import { createSealer, type Sealer } from '../crypto/sealer.ts'
import { withKeyFile } from './key-file.ts'

/**
 * What seals the authorization server's secrets at rest: by the key of the configuration, else by the first of
 * `authority.key` in the state folder. Throws `Unusable`.
 */
export function provideSealer({ authority, state }: Config): Sealer {
  if (authority?.encryptionKey !== undefined)
    return createSealer(Buffer.from(authority.encryptionKey.reveal(), 'base64url'))
  return withKeyFile(
    {
      folder: state,
      name: 'authority.key',
      rule: 'authority.key',
      fix: 'restore it from a backup: without it accounts, clients and keys cannot be opened',
    },
    ([key]) => createSealer(key ?? new Uint8Array()),
  )
}

/**
 * What seals the keys that sign `Sallyport-Identity`, by the key of the configuration, else by that of the authorization
 * server, else by `identity.key` of the state folder. Throws `Unusable`.
 */
export function provideIdentitySealer({ identity, authority, state }: Config): Sealer {
  const written = identity.encryptionKey ?? authority?.encryptionKey
  if (written !== undefined) return createSealer(Buffer.from(written.reveal(), 'base64url'))
  return withKeyFile(
    {
      folder: state,
      name: 'identity.key',
      rule: 'identity.key',
      fix: 'restore it from a backup, or remove it: another key then signs what upstreams are told of callers',
    },
    ([key]) => createSealer(key ?? new Uint8Array()),
  )
}

/**
 * What seals ids: by the keys of the configuration, else by those of `sealing.key` in the state folder, of which the first
 * seals: a new one is put on a line before it. Throws `Unusable`.
 */
export function provideIdSealer({ sealing, state }: Config): IdSealer {
  if (sealing !== undefined) return createIdSealer(sealing.keys.map((key) => Buffer.from(key.reveal())))
  return withKeyFile(
    {
      folder: state,
      name: 'sealing.key',
      rule: 'sealing.key',
      fix: 'restore it from a backup, or write `sealing: { key: … }`: without it the ids that callers hold do not open',
    },
    createIdSealer,
  )
}
