/** What a browser's `PublicKeyCredential.toJSON()` gives, as far as it is read here. */
export interface PasskeyResponse {
  readonly id: string
  readonly challenge: string
  readonly userHandle: string | undefined
}

const mostText = 65_536

/** Reads the parts of an answer; undefined where it cannot be one. The signature is not checked here. */
export function parsePasskeyResponse(value: unknown): PasskeyResponse | undefined {
  const id = member(value, 'id')
  const response = member(value, 'response')
  const clientData = member(response, 'clientDataJSON')
  const userHandle = member(response, 'userHandle')
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,1400}$/.test(id)) return undefined
  if (typeof clientData !== 'string' || JSON.stringify(value).length > mostText) return undefined
  try {
    const challenge = member(JSON.parse(Buffer.from(clientData, 'base64url').toString()), 'challenge')
    if (typeof challenge !== 'string') return undefined
    return { id, challenge, userHandle: typeof userHandle === 'string' ? userHandle : undefined }
  } catch {
    return undefined
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}
