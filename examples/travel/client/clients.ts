import type { ClientRegistration } from '../../../src/authority/client-registration.ts'

/** A client of the example, with what it may ask for. */
export interface TravelClient {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  /** A client of one's own house: its consent is remembered. */
  readonly verified: boolean
}

/** The travel agency's own web site. */
export const travelWeb: TravelClient = {
  id: 'travel-web',
  name: 'Travel web site',
  scopes: ['profile:read', 'calendar:read'],
  verified: true,
}

/** Somebody else's: it may see calendars and nothing more. */
export const calendarWidget: TravelClient = {
  id: 'calendar-widget',
  name: 'Calendar widget',
  scopes: ['calendar:read'],
  verified: false,
}

export const travelClients: readonly TravelClient[] = [travelWeb, calendarWidget]

/** As the authorization server is told of one; it keeps no secret, so PKCE stands alone. `origin`: of the page below. */
export function registrationOf(client: TravelClient, origin: string): ClientRegistration {
  return {
    name: client.name,
    redirectUris: [`${origin}/callback`],
    postLogoutRedirectUris: [`${origin}/`],
    authentication: 'none',
    grants: ['code'],
    scopes: client.scopes,
    verified: client.verified,
  }
}
