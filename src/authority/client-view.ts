import { extensionIn } from './client-registration.ts'
import type { ClientView } from './interaction.ts'

/** What of a protocol client the pages show. */
export function clientViewOf(client: object): ClientView {
  const { clientId, clientName, logoUri, policyUri, tosUri } = client as {
    clientId: string
    clientName?: string
    logoUri?: string
    policyUri?: string
    tosUri?: string
  }
  return {
    id: clientId,
    name: clientName ?? clientId,
    logoUri,
    policyUri,
    tosUri,
    verified: extensionIn(client).verified,
  }
}
