import type { Principal } from '../../kernel/principal.ts'

/** Who may call which tools. */
export interface ToolRule {
  /** Name, or a pattern with `*`. */
  readonly name: string
  /** Every one of these scopes is needed. */
  readonly scopes: readonly string[]
  /** One of these roles is needed; empty: none. */
  readonly roles: readonly string[]
  /** Nobody may. */
  readonly never: boolean
}

/** A list names the scopes that are needed and not there. */
export type ToolPolicy = (principal: Principal, tool: string) => 'allowed' | 'refused' | readonly string[]

/** The first rule that fits decides. Where rules are written, a tool that none fits is nobody's; where none is, everybody's. */
export function compileToolPolicy(rules: readonly ToolRule[]): ToolPolicy {
  if (rules.length === 0) return () => 'allowed'
  const compiled = rules.map((rule) => ({ rule, fits: patternOf(rule.name) }))
  return (principal, tool) => {
    const found = compiled.find(({ fits }) => fits(tool))?.rule
    if (found === undefined || found.never) return 'refused'
    if (!found.scopes.every((scope) => principal.scopes.includes(scope))) return found.scopes
    if (found.roles.length > 0 && !found.roles.some((role) => principal.roles.includes(role)))
      return 'refused'
    return 'allowed'
  }
}

/** `*` stands for any run of signs; matched part by part, so that it is linear in the name. */
function patternOf(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return (name) => name === pattern
  const [first = ''] = parts
  const last = parts.at(-1) ?? ''
  const inner = parts.slice(1, -1)
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
      return false
    let at = first.length
    for (const part of inner) {
      const found = name.indexOf(part, at)
      if (found < 0 || found + part.length > name.length - last.length) return false
      at = found + part.length
    }
    return true
  }
}
