import type { Clock } from '../kernel/clock.ts'
import type { RevocationStore } from '../kernel/revocation.ts'
import type { AuthorityRecord, AuthorityRecords, RecordFilter } from '../repositories/authority-records.ts'
import type { RecordBox } from './record-box.ts'

/** An access token that was issued under a grant: kept so that it can be refused before its time. */
export interface UnderGrant {
  readonly jti: string
  readonly grantId: string
  readonly account: string | undefined
  readonly client: string | undefined
  /** Seconds since the epoch. */
  readonly expires: number
}

/** What is revoked together. Access tokens are JWTs: they end on the deny-list, everything else in the store. */
export interface Families {
  /** Keeps a token; where its grant has been taken back meanwhile, the token is refused at once. */
  issued(token: UnderGrant): Promise<void>
  revokeIssued(grantId: string): Promise<void>
  revoke(grantId: string): Promise<void>
  /** Ends records, and refuses every access token, of a subject or a client. */
  revokeAll(filter: { readonly account: string } | { readonly client: string }): Promise<void>
  /** Ends the grants of a user to a client with all tokens. */
  revokeBetween(account: string, client: string): Promise<void>
  /** Refuses one token. `until`: seconds since the epoch. */
  deny(jti: string, until: number): Promise<void>
}

export interface FamilyOptions {
  readonly records: AuthorityRecords
  readonly box: RecordBox
  readonly clock: Clock
  readonly revocations: RevocationStore | undefined
  readonly issuerNames: readonly string[]
  /** Seconds an access token lives at most. */
  readonly tokenSeconds: number
}

export function createFamilies(options: FamilyOptions): Families {
  const { records, box, clock, revocations, issuerNames, tokenSeconds } = options
  const now = (): number => Math.floor(clock.now() / 1000)

  async function denyAll(kind: 'token' | 'subject' | 'client', value: string, until: number): Promise<void> {
    const at = clock.now()
    for (const issuer of issuerNames)
      await revocations?.add({ kind, issuer, value, before: at, until: until * 1000 }, at)
  }

  async function denyIssued(filter: RecordFilter): Promise<void> {
    for (const one of await records.list({ ...filter, model: 'Issued', now: now() }))
      await denyAll('token', one.id, one.expires)
    await records.destroyAll({ ...filter, model: 'Issued' })
  }

  return {
    async issued(token) {
      const family = box.familyOf(token.grantId)
      const record: AuthorityRecord = {
        model: 'Issued',
        id: token.jti,
        payload: '',
        family,
        account: token.account,
        client: token.client,
        created: now(),
        expires: token.expires,
      }
      await records.upsert(record)
      const grant = await records.find('id', 'Grant', box.idOf('Grant', token.grantId), now())
      if (grant === undefined) await denyIssued({ family })
    },
    revokeIssued: (grantId) => denyIssued({ family: box.familyOf(grantId) }),
    async revoke(grantId) {
      const family = box.familyOf(grantId)
      await records.destroy('Grant', box.idOf('Grant', grantId))
      await denyIssued({ family })
      await records.destroyAll({ family })
    },
    async revokeAll(filter) {
      const [kind, value] =
        'account' in filter ? (['subject', filter.account] as const) : (['client', filter.client] as const)
      await denyAll(kind, value, now() + tokenSeconds)
      for (const model of [
        'Grant',
        'RefreshToken',
        'AuthorizationCode',
        'DeviceCode',
        'AccessToken',
        'Issued',
      ])
        await records.destroyAll({ ...filter, model })
    },
    async revokeBetween(account, client) {
      const grants = await records.list({ model: 'Grant', account, client, now: now() })
      await denyIssued({ account, client })
      for (const grant of grants) await records.destroy('Grant', grant.id)
      for (const model of ['RefreshToken', 'AuthorizationCode', 'DeviceCode', 'AccessToken'])
        await records.destroyAll({ account, client, model })
    },
    deny: (jti, until) => denyAll('token', jti, until),
  }
}
