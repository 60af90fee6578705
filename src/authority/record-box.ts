import type { AdapterPayload } from 'oidc-provider'
import type { Sealer } from '../crypto/sealer.ts'
import type { Clock } from '../kernel/clock.ts'
import type { AuthorityRecord } from '../repositories/authority-records.ts'

/**
 * Between what the protocol keeps and what the store sees. The id of a record is the code, token or cookie itself: the
 * store gets its keyed digest, and the payload sealed to that place.
 */
export interface RecordBox {
  idOf(model: string, id: string): string
  familyOf(grantId: string): string
  userCodeOf(code: string): string
  pack(model: string, id: string, payload: AdapterPayload, seconds: number | undefined): AuthorityRecord
  /** Undefined where the record was tampered with. */
  unpack(record: AuthorityRecord): AdapterPayload | undefined
}

/** Seconds for records that state no end. */
const longest = 90 * 86_400

export function createRecordBox(sealer: Sealer, clock: Clock): RecordBox {
  const placeOf = (model: string, id: string): string => `authority_records ${model} ${id}`
  const box: RecordBox = {
    idOf: (model, id) => sealer.digest(id, `id ${model}`),
    familyOf: (grantId) => sealer.digest(grantId, 'family'),
    userCodeOf: (code) => sealer.digest(code, 'user code'),
    pack(model, id, payload, seconds) {
      const digest = box.idOf(model, id)
      const { grantId, userCode, uid } = payload
      const now = Math.floor(clock.now() / 1000)
      return {
        model,
        id: digest,
        payload: sealer.seal(JSON.stringify({ ...payload, jti: payload.jti ?? id }), placeOf(model, digest)),
        family: grantId === undefined ? undefined : box.familyOf(grantId),
        uid: model === 'Session' ? uid : undefined,
        userCode: userCode === undefined ? undefined : box.userCodeOf(userCode),
        account: payload.accountId ?? payload.session?.accountId,
        client: payload.clientId,
        created: now,
        expires: now + (seconds ?? longest),
      }
    },
    unpack(record) {
      const text = sealer.open(record.payload, placeOf(record.model, record.id))
      if (text === undefined) return undefined
      const payload = JSON.parse(text) as AdapterPayload
      return record.consumed === undefined ? payload : { ...payload, consumed: record.consumed }
    },
  }
  return box
}
