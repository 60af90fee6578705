import { randomBytes } from 'node:crypto'
import type { AdapterPayload } from 'oidc-provider'
import { digestOf } from '../crypto/digest.ts'
import type { Clock } from '../kernel/clock.ts'
import { Unusable } from '../kernel/finding.ts'
import type { ClientRepository, StoredClient } from '../repositories/clients.ts'
import {
  type ClientRegistration,
  checkRegistration,
  providerMetadata,
  usesSecret,
} from './client-registration.ts'

/** A client as commands show it: no secret, no digest. */
export interface ClientSummary {
  readonly id: string
  readonly registration: ClientRegistration
  readonly disabled: boolean
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly updated: number
}

/** What an operator does with clients. */
export interface Clients {
  /** The secret is told once and kept as a digest. Throws `Unusable` for a registration that cannot be used. */
  create(
    registration: ClientRegistration,
    id?: string,
  ): Promise<{ readonly client: ClientSummary; readonly secret: string | undefined }>
  find(id: string): Promise<ClientSummary | undefined>
  list(limit: number, after?: string): Promise<readonly ClientSummary[]>
  /** Its tokens end too. False where there is no such client; the same for the others. */
  disable(id: string): Promise<boolean>
  enable(id: string): Promise<boolean>
  remove(id: string): Promise<boolean>
  /** The old secret ends at once. Undefined where there is no such client, or none with a secret. */
  rotateSecret(id: string): Promise<string | undefined>
}

/** Beside what commands need: what the protocol server reads. */
export interface ClientDirectory extends Clients {
  /** Metadata of a client that may be used; at most `freshMs` old, so that another process's change counts soon. */
  metadata(id: string): Promise<AdapterPayload | undefined>
  forget(): void
}

export interface ClientOptions {
  readonly repository: ClientRepository
  readonly clock: Clock
  /** Ends everything a client was issued. */
  readonly endTokens: (id: string) => Promise<void>
  /** Whether a user has this subject: a client must not be mistaken for one (row A27). */
  readonly isSubject: (id: string) => Promise<boolean>
}

const idPattern = /^[A-Za-z][A-Za-z0-9._~-]{1,99}$/
const freshMs = 2_000
/** Clients are an operator's: few. Ids that are asked for are anybody's: the table of what was found is bounded. */
const capacity = 10_000

export function createClients(options: ClientOptions): ClientDirectory {
  const { repository, clock } = options
  const known = new Map<string, { readonly payload: AdapterPayload; readonly until: number }>()

  async function change(id: string, update: Parameters<ClientRepository['update']>[1]): Promise<boolean> {
    const done = await repository.update(id, update, clock.now())
    known.delete(id)
    return done
  }

  return {
    async create(registration, id = `client-${randomBytes(9).toString('hex')}`) {
      const wrong = [...checkRegistration(registration)]
      if (!idPattern.test(id)) wrong.push('a client id is a letter, then letters, digits, `.`, `_`, `~`, `-`')
      if (wrong.length === 0 && (await options.isSubject(id))) wrong.push('this id is the subject of a user')
      if (wrong.length > 0) throw unusable(wrong)
      const secret = usesSecret(registration) ? makeSecret() : undefined
      const now = clock.now()
      const stored: StoredClient = {
        id,
        metadata: JSON.stringify(registration),
        secretDigest: secret === undefined ? undefined : digestOf(secret),
        disabled: undefined,
        created: now,
        updated: now,
      }
      if (!(await repository.insert(stored))) throw unusable(['there is a client with this id'])
      return { client: summaryOf(stored), secret }
    },
    async find(id) {
      const stored = await repository.find(id)
      return stored === undefined ? undefined : summaryOf(stored)
    },
    list: async (limit, after) => (await repository.list(limit, after)).map(summaryOf),
    async disable(id) {
      const done = await change(id, { disabled: clock.now() })
      if (done) await options.endTokens(id)
      return done
    },
    enable: (id) => change(id, { disabled: undefined }),
    async remove(id) {
      const done = await repository.remove(id)
      known.delete(id)
      if (done) await options.endTokens(id)
      return done
    },
    async rotateSecret(id) {
      const stored = await repository.find(id)
      if (stored === undefined || !usesSecret(registrationOf(stored))) return undefined
      const secret = makeSecret()
      return (await change(id, { secretDigest: digestOf(secret) })) ? secret : undefined
    },
    async metadata(id) {
      const now = clock.monotonic()
      const cached = known.get(id)
      if (cached !== undefined && cached.until > now) return cached.payload
      const stored = await repository.find(id)
      if (stored === undefined || stored.disabled !== undefined) {
        known.delete(id)
        return undefined
      }
      const payload = providerMetadata(id, registrationOf(stored), stored.secretDigest) as AdapterPayload
      if (known.size >= capacity) known.clear()
      known.set(id, { payload, until: now + freshMs })
      return payload
    },
    forget: () => known.clear(),
  }
}

/** 256 bits behind a prefix that secret scanners can look for. */
function makeSecret(): string {
  return `spcs_${randomBytes(32).toString('base64url')}`
}

function registrationOf(stored: StoredClient): ClientRegistration {
  return JSON.parse(stored.metadata) as ClientRegistration
}

function summaryOf(stored: StoredClient): ClientSummary {
  return {
    id: stored.id,
    registration: registrationOf(stored),
    disabled: stored.disabled !== undefined,
    created: stored.created,
    updated: stored.updated,
  }
}

function unusable(wrong: readonly string[]): Unusable {
  return new Unusable(wrong.map((message) => ({ rule: 'client.registration', severity: 'error', message })))
}
