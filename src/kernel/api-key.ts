/** One secret of a key. Two are valid while a rotation overlaps. */
export interface ApiKeySecret {
  /** SHA-256 of the whole key as the caller sends it, hex. */
  readonly digest: string
  /** Milliseconds since the epoch; undefined: as long as the key. */
  readonly until: number | undefined
}

/** What its maker says of an API key. */
export interface NewApiKey {
  /** Public part of the key; names it in logs and commands. */
  readonly id: string
  readonly name: string
  /** Who answers for it; becomes the client of its principal. */
  readonly owner: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** Newest first. */
  readonly secrets: readonly ApiKeySecret[]
  /** Milliseconds since the epoch. */
  readonly created: number
  /** Milliseconds since the epoch; undefined: no end. */
  readonly expires: number | undefined
}

/** An API key that the gateway issued; the key itself is nowhere. */
export interface ApiKey extends NewApiKey {
  /** Refused for now. */
  readonly disabled: boolean
  /** Refused for good since then, milliseconds since the epoch. */
  readonly revoked: number | undefined
  /** Milliseconds since the epoch, late by some seconds; undefined: never. */
  readonly lastUsed: number | undefined
  /** Grows with every write but those of `lastUsed`, in the order in which writes become visible. */
  readonly change: number
}

export type ApiKeyPatch = Partial<Pick<ApiKey, 'secrets' | 'disabled' | 'revoked'>>

/** Keys written after some change, and the newest change there is. */
export interface ApiKeyChanges {
  readonly latest: number
  /** Oldest write first. */
  readonly keys: readonly ApiKey[]
}

/** Durable place of API keys. */
export interface ApiKeyStore {
  /** Rejects where the id is taken. */
  create(key: NewApiKey): Promise<ApiKey>
  find(id: string): Promise<ApiKey | undefined>
  /**
   * Changes a key by what it is now, with no other change in between; undefined where there is none. A revoked key
   * stays as it is.
   */
  update(id: string, change: (key: ApiKey) => ApiKeyPatch): Promise<ApiKey | undefined>
  /** At most `limit` keys written after `after`; without it, only the newest change. */
  changes(after: number | undefined, limit: number): Promise<ApiKeyChanges>
  /** Notes uses: id → milliseconds since the epoch. Never moves one back; unknown ids are nothing. */
  touch(uses: ReadonlyMap<string, number>): Promise<void>
}
