/** A SPIFFE id in its parts. */
export interface SpiffeId {
  readonly trustDomain: string
  /** Empty, or from the first slash on. */
  readonly path: string
}

const form = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)*)$/

/**
 * Reads a SPIFFE id (SPIFFE-ID §2): lower-case trust domain without port or user, segments that are neither empty nor
 * dots, no query, no fragment, no escapes, no slash at the end, 2,048 bytes at most. Undefined for anything else.
 */
export function parseSpiffeId(text: string): SpiffeId | undefined {
  if (text.length > 2048) return undefined
  const match = form.exec(text)
  if (match === null) return undefined
  const [, trustDomain = '', path = ''] = match
  return path.split('/').some((segment) => segment === '.' || segment === '..')
    ? undefined
    : { trustDomain, path }
}
