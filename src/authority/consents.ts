import type { Clock } from '../kernel/clock.ts'
import type { AuthorityRecords } from '../repositories/authority-records.ts'
import type { RecordBox } from './record-box.ts'

/** What a user granted a client, remembered beyond the session it was granted in. */
export interface Consent {
  readonly id: string
  readonly account: string
  readonly client: string
  /** OpenID Connect scopes. */
  readonly openid: readonly string[]
  /** Claims granted one by one. */
  readonly claims: readonly string[]
  /** API scopes by resource. */
  readonly resources: readonly (readonly [string, readonly string[]])[]
  /** Seconds since the epoch. */
  readonly created: number
  readonly expires: number
}

export interface Consents {
  remember(consent: Omit<Consent, 'id' | 'created' | 'expires'>): Promise<void>
  find(account: string, client: string): Promise<Consent | undefined>
  list(account: string): Promise<readonly Consent[]>
  forget(account: string, client: string): Promise<void>
}

const model = 'Consent'

/** `seconds`: how long a consent is remembered. */
export function createConsents(
  records: AuthorityRecords,
  box: RecordBox,
  clock: Clock,
  seconds: number,
): Consents {
  const keyOf = (account: string, client: string): string => `${client} ${account}`
  const now = (): number => Math.floor(clock.now() / 1000)
  return {
    async remember(consent) {
      const key = keyOf(consent.account, consent.client)
      const record = box.pack(model, key, { extra: { ...consent } }, seconds)
      await records.upsert({ ...record, account: consent.account, client: consent.client })
    },
    async find(account, client) {
      const record = await records.find('id', model, box.idOf(model, keyOf(account, client)), now())
      return record === undefined ? undefined : read(record)
    },
    async list(account) {
      const found = await records.list({ model, account, now: now() })
      return found.map(read).filter((consent) => consent !== undefined)
    },
    forget: (account, client) => records.destroy(model, box.idOf(model, keyOf(account, client))),
  }

  function read(record: Parameters<RecordBox['unpack']>[0]): Consent | undefined {
    const extra = box.unpack(record)?.extra
    if (extra === undefined) return undefined
    const consent = extra as unknown as Omit<Consent, 'id' | 'created' | 'expires'>
    return { ...consent, id: record.id, created: record.created, expires: record.expires }
  }
}
