/** What the attacks and the demonstration need to know of a running example. */
export interface Scene {
  /** Tokens from the example's issuer. */
  readonly tokens: {
    /** User 123 with every scope of a traveller. */
    readonly alice: string
    /** User 456, likewise. */
    readonly bob: string
    /** User 123 whose client was also given `admin:users`, but who holds no role. */
    readonly overscoped: string
    /** User 123, with a token that ended an hour ago. */
    readonly expired: string
  }
  /** A loopback address that only the upstream's side should reach; it answers with `canary`. */
  readonly internal: string
}

/** The text that `Scene.internal` answers with. */
export const canary = 'internal-metadata-7f1c'

/** What a traveller's client may ask for. */
export const travellerScopes: readonly string[] = [
  'profile:read',
  'profile:write',
  'calendar:read',
  'bookings:read',
  'bookings:write',
  'search:read',
  'reviews:read',
  'reviews:write',
  'documents:read',
  'webhooks:write',
  'files:read',
  'files:write',
]
