import type { Answered, Reply } from '../../../kernel/facts.ts'
import type { Mode } from '../../../kernel/mode.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { parseJson, printableValue, printJson } from '../../../media/json.ts'
import { isJsonType, parseMediaType } from '../../../media/media-type.ts'
import { compileSecretSearch, type FoundSecret, redactSecrets } from './find-secrets.ts'
import type { SecretKind } from './secret-kinds.ts'

const check = 'screen.secrets'
const deepest = 64
const mostNamed = 8

/** What is done about secrets in the replies of one operation. */
export interface SecretPlan {
  readonly mode: Mode
  /** In `enforce`: what is done about them. */
  readonly action: 'redact' | 'block'
  readonly kinds: readonly SecretKind[]
}

export interface SecretScreen {
  /** Looks for secrets in a whole reply of text. Refuses with `SCREEN_SECRET` where the rule says so. */
  run(answered: Answered, reply: Reply): Reply | Denial
}

/** Builds it; `plans` are indexed by `Operation.slot`. Replies that are streamed are not looked through. */
export function createSecretScreen(plans: readonly (SecretPlan | undefined)[]): SecretScreen {
  const searches = new Map<string, ReturnType<typeof compileSecretSearch>>()
  for (const plan of plans)
    if (plan !== undefined && !searches.has(plan.kinds.join()))
      searches.set(plan.kinds.join(), compileSecretSearch(plan.kinds))
  return {
    run(answered, reply) {
      const plan = plans[answered.operation.slot]
      const { body } = reply
      if (plan === undefined || plan.mode === 'off' || !(body instanceof Uint8Array) || body.length < 11)
        return reply
      const search = searches.get(plan.kinds.join())
      const kind = kindOf(reply)
      if (search === undefined || kind === undefined) return reply
      const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
      // A look at the whole text, quotes and all, tells nearly always that there is nothing.
      if (search(text).length === 0 && !text.includes('\\')) return reply
      return judge(answered, reply, plan, search, kind, text)
    },
  }
}

function judge(
  answered: Answered,
  reply: Reply,
  plan: SecretPlan,
  search: ReturnType<typeof compileSecretSearch>,
  kind: 'json' | 'text',
  text: string,
): Reply | Denial {
  const named: string[] = []
  const name = (found: readonly FoundSecret[], pointer: string): void => {
    for (const one of found)
      if (named.length < mostNamed) named.push(`${one.kind} at ${pointer === '' ? 'the text' : pointer}`)
  }
  let left: string | undefined
  const json =
    kind === 'json' ? parseJson(Buffer.from(text), { depth: deepest, members: 2_000_000 }) : undefined
  if (json !== undefined && typeof json !== 'string') {
    const root = { value: printableValue(json) }
    if (rewrite(root as unknown as Record<string, unknown>, 'value', '', 0, search, name))
      left = printJson(root.value, json.exact)
  } else {
    const found = search(text)
    name(found, '')
    if (found.length > 0) left = redactSecrets(text, found)
  }
  if (left === undefined) return reply
  const reason = named.join(', ')
  if (plan.mode === 'observe') {
    answered.trail.note('screen', check, 'deny', 'SCREEN_SECRET', reason, true)
    return reply
  }
  if (plan.action === 'block') return deny('SCREEN_SECRET', check, reason)
  answered.trail.note('screen', check, 'allow', undefined, `removed: ${reason}`)
  return { ...reply, body: Buffer.from(left), fields: withoutDigests(reply.fields) }
}

/** Replaces the secrets of every text below a member, in place; true where there were some. */
function rewrite(
  holder: Record<string, unknown> | unknown[],
  key: string | number,
  pointer: string,
  depth: number,
  search: ReturnType<typeof compileSecretSearch>,
  name: (found: readonly FoundSecret[], pointer: string) => void,
): boolean {
  const value = (holder as Record<string | number, unknown>)[key]
  if (typeof value === 'string') {
    const found = search(value)
    if (found.length === 0) return false
    name(found, pointer)
    ;(holder as Record<string | number, unknown>)[key] = redactSecrets(value, found)
    return true
  }
  if (typeof value !== 'object' || value === null || depth >= deepest) return false
  let changed = false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++)
      if (rewrite(value, i, `${pointer}/${i}`, depth + 1, search, name)) changed = true
    return changed
  }
  for (const member of Object.keys(value)) {
    const at = `${pointer}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (rewrite(value as Record<string, unknown>, member, at, depth + 1, search, name)) changed = true
  }
  return changed
}

function kindOf(reply: Reply): 'json' | 'text' | undefined {
  for (let i = 0; i < reply.fields.length; i += 2) {
    const name = (reply.fields[i] as string).toLowerCase()
    if (name === 'content-encoding') return undefined
    if (name !== 'content-type') continue
    const essence = parseMediaType(reply.fields[i + 1] as string)?.essence
    if (essence === undefined) return undefined
    return isJsonType(essence) ? 'json' : essence.startsWith('text/') ? 'text' : undefined
  }
  return undefined
}

const ofBytes: ReadonlySet<string> = new Set([
  'etag',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
])

function withoutDigests(fields: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2)
    if (!ofBytes.has((fields[i] as string).toLowerCase()))
      kept.push(fields[i] as string, fields[i + 1] as string)
  return kept
}
