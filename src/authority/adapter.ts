import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider'
import type { Clock } from '../kernel/clock.ts'
import type { AuthorityRecord, AuthorityRecords } from '../repositories/authority-records.ts'
import type { RecordBox } from './record-box.ts'
import { reachStore } from './store-unavailable.ts'

export interface AdapterOptions {
  readonly records: AuthorityRecords
  readonly box: RecordBox
  readonly clock: Clock
  /** Metadata of a client that may be used now. */
  readonly client: (id: string) => Promise<AdapterPayload | undefined>
  /** Ends everything of a grant: tokens of all kinds and the grant itself. */
  readonly revokeFamily: (grantId: string) => Promise<void>
  /** Refuses the access tokens that were issued under a grant. */
  readonly revokeIssued: (grantId: string) => Promise<void>
  /** Told when something that counts once was used twice at the same time. */
  readonly onReuse: (model: string, payload: AdapterPayload) => void
}

/** The storage interface of the protocol server over the repository. */
export function createAdapterFactory(options: AdapterOptions): AdapterFactory {
  const { records, box, clock } = options
  const now = (): number => Math.floor(clock.now() / 1000)

  return (model): Adapter => {
    const open = (record: AuthorityRecord | undefined): AdapterPayload | undefined =>
      record === undefined ? undefined : box.unpack(record)

    return {
      upsert: (id, payload, seconds) =>
        reachStore(() => records.upsert(box.pack(model, id, payload, seconds))),
      find: (id) =>
        model === 'Client'
          ? reachStore(() => options.client(id))
          : reachStore(async () => open(await records.find('id', model, box.idOf(model, id), now()))),
      findByUid: (uid) => reachStore(async () => open(await records.find('uid', model, uid, now()))),
      findByUserCode: (code) =>
        reachStore(async () => open(await records.find('userCode', model, box.userCodeOf(code), now()))),
      consume: (id) =>
        reachStore(async () => {
          const digest = box.idOf(model, id)
          if (await records.consume(model, digest, now())) return
          // Somebody was faster with the same code or token: that is reuse, only closer in time.
          const payload = open(await records.find('id', model, digest, now()))
          if (model === 'PushedAuthorizationRequest')
            throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
          if (payload !== undefined) options.onReuse(model, payload)
          if (payload?.grantId !== undefined) await options.revokeFamily(payload.grantId)
          throw new errors.InvalidGrant('already used')
        }),
      destroy: (id) => reachStore(() => records.destroy(model, box.idOf(model, id))),
      revokeByGrantId: (grantId) =>
        reachStore(async () => {
          if (model === 'AccessToken') await options.revokeIssued(grantId)
          await records.destroyAll({ model, family: box.familyOf(grantId) })
        }),
    }
  }
}
