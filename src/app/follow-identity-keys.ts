import type { Config } from '../config/config.ts'
import { systemClock } from '../kernel/clock.ts'
import { createIdentityKeyRepository } from '../repositories/identity-keys.ts'
import { createAssertion, type IdentitySigner } from '../stages/forward/identity.ts'
import { createIdentityKey, type IdentityKey, identityKeyId } from '../stages/forward/identity-key.ts'
import type { Log } from '../stages/record/log.ts'
import { createIdentityKeys, type IdentityKeys } from './identity-keys.ts'
import { provideIdentitySealer } from './sealers.ts'
import type { State } from './state/state.ts'

/** The signer of `Sallyport-Identity`, with the keys of the durable store. */
export interface FollowedSigner {
  readonly signer: IdentitySigner
  close(): void
}

/** Several times within the lead of a new key, so that all gateways have published it when one signs with it. */
const everyMs = 30_000

/**
 * Signs with what all gateways with the same database sign with; without one, with a key of this process. `onKeys`: the keys
 * at start and whenever they changed. Rejects where the store does not answer, throws `Unusable` without a key to open them.
 */
export async function followIdentityKeys(
  config: Config,
  { database }: Pick<State, 'database'>,
  log: Log,
  onKeys: (keys: readonly IdentityKey[]) => void = () => undefined,
): Promise<FollowedSigner> {
  const keys = await identityKeysOf(config, database)
  if (keys === undefined) {
    const own = [{ pem: createIdentityKey(), from: 0, created: systemClock.now() }]
    onKeys(own)
    return { signer: createAssertion({ keys: own }), close: () => undefined }
  }
  if (keys.foreign > 0)
    log.warn(
      { keys: keys.foreign },
      'other gateways sign with keys that cannot be opened here: their upstreams need `identity: { encryptionKey }` to be the same for all',
    )
  const signer = createAssertion({ keys: keys.all })
  onKeys(keys.all)
  let reading = false
  const timer = setInterval(async () => {
    if (reading) return
    reading = true
    try {
      if (await keys.refresh()) {
        signer.use(keys.all)
        onKeys(keys.all)
      }
    } catch {
      log.error({}, 'the keys of Sallyport-Identity could not be read; those of before are used')
    } finally {
      reading = false
    }
  }, everyMs).unref()
  return { signer, close: () => clearInterval(timer) }
}

/** Makes the next key; ids of all, it first. */
export async function rotateIdentityKeys(
  { database }: Pick<State, 'database'>,
  config: Config,
): Promise<readonly string[]> {
  const keys = await identityKeysOf(config, database)
  await keys?.rotate()
  return keys?.all.map(({ pem }) => identityKeyId(pem)) ?? []
}

async function identityKeysOf(
  config: Config,
  database: State['database'],
): Promise<IdentityKeys | undefined> {
  if (database === undefined) return undefined
  return createIdentityKeys({
    repository: createIdentityKeyRepository(database.db),
    sealer: provideIdentitySealer(config),
    clock: systemClock,
    rotateMs: config.identity.rotate,
  })
}
