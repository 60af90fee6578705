/** Host and port as a Host field, an absolute target or `:authority` names them. */
const form = /^(?:([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)\.?|(\[[0-9a-f:.]{2,45}\]))(?::([0-9]{1,5}))?$/

const known = new Map<string, string | undefined>()
const capacity = 1000

/**
 * The canonical authority (lower-case, one trailing dot removed, port kept), or `undefined` for anything that
 * is not host and port: user information, slash, space, empty host, a port that is no number (RFC 9110 §7.2).
 */
export function parseAuthority(raw: string): string | undefined {
  if (known.has(raw)) return known.get(raw)
  const authority = read(raw)
  // A caller may send any host: what is kept is bounded, in number and in length.
  if (raw.length <= 128) {
    if (known.size >= capacity) known.clear()
    known.set(raw, authority)
  }
  return authority
}

function read(raw: string): string | undefined {
  if (raw.length > 260) return undefined
  const match = form.exec(raw.toLowerCase())
  if (match === null) return undefined
  const host = match[1] ?? match[2] ?? ''
  if (host.includes('..')) return undefined
  const port = match[3]
  if (port === undefined) return host
  return Number(port) <= 65535 ? `${host}:${port}` : undefined
}
