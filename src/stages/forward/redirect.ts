import type { Answer } from '../../kernel/facts.ts'
import { Fields } from '../../kernel/fields.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import type { Origin } from './dial.ts'
import type { ForwardOptions } from './forward-options.ts'

/** Judges where a reply sends the caller. Replies that send nobody anywhere are returned as they are. */
export type JudgeRedirect = (outcome: Answer | Denial) => Answer | Denial

/** A reference that names a scheme, a host or a path from the root; others stay below where the caller is. */
const rooted = /^(?:[a-z][a-z0-9+.-]*:|[/\\])/i

/**
 * Redirects are never followed. A `Location` inside the upstream's own origin becomes a path, so that the inner
 * address stays inside and the caller comes back through the gate. With `redirectHosts`, any other host is
 * refused (`FORWARD_MALFORMED`).
 */
export function compileRedirect(origin: Origin, options: ForwardOptions): JudgeRedirect {
  const { basePath } = origin
  const { stripPrefix = '', publicAuthority, redirectHosts } = options
  const inner = `${origin.secure ? 'https' : 'http'}://${origin.authority}`
  const hosts = redirectHosts === undefined ? undefined : new Set(redirectHosts)

  /** What the caller should get: the text itself, another text, or undefined where it may not go there. */
  function place(text: string): string | undefined {
    const to = URL.canParse(text, inner) ? new URL(text, inner) : undefined
    if (to?.origin === inner) return rooted.test(text) ? outerPath(to) : text
    if (hosts === undefined) return text
    return to !== undefined && (hosts.has(to.host) || to.host === publicAuthority) ? text : undefined
  }

  function outerPath(to: URL): string {
    const below = basePath !== '' && (to.pathname === basePath || to.pathname.startsWith(`${basePath}/`))
    const path = below ? to.pathname.slice(basePath.length) || '/' : to.pathname
    return stripPrefix + path + to.search + to.hash
  }

  return (outcome) => {
    if (isDenied(outcome)) return outcome
    const { status, fields } = outcome
    if (status !== 201 && (status < 300 || status > 399)) return outcome
    let flat = fields.flat
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== 'location') continue
      const text = flat[i + 1] as string
      const told = place(text)
      if (told === undefined) {
        destroyBody(outcome)
        return deny('FORWARD_MALFORMED', 'forward.redirect', 'redirect to a host that is not allowed')
      }
      if (told !== text) flat = flat.with(i + 1, told)
    }
    return flat === fields.flat ? outcome : { ...outcome, fields: new Fields(flat) }
  }
}

function destroyBody(answer: Answer): void {
  if (answer.body !== undefined && 'destroy' in answer.body) answer.body.destroy()
}
