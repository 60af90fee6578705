import { readFileSync } from 'node:fs'
import { isObject } from '../contract/schema.ts'
import { Unusable } from '../kernel/finding.ts'
import type { TargetClient } from '../outbound/create-target-client.ts'
import { type Identity, tokenOf } from './identity.ts'
import type { Evidence } from './probe-finding.ts'
import { isLike, relationsOf, type Step } from './step-relations.ts'
import { variableOf } from './variable-of.ts'

/** A finding of a report, as far as it is needed to send it again. */
export interface StoredFinding {
  readonly id: string
  readonly rule: string
  readonly message: string
  readonly evidence: readonly Evidence[]
}

/**
 * `there`: every step stands to the others as it did. `gone`: the first one does, a later one does not. `stale`: the first one does
 * not either, so that nothing can be said. `unfit`: its requests cannot be sent again as they are.
 */
export type Replayed = 'there' | 'gone' | 'stale' | 'unfit'

/** Reads one finding of a JSON report. Throws `Unusable`. */
export function readFinding(file: string, id: string): StoredFinding {
  let list: unknown
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    list = isObject(value) ? value['findings'] : undefined
  } catch {
    list = undefined
  }
  if (!Array.isArray(list)) throw wrong(`${file}: not a report of the probe as JSON`)
  const found: unknown = list.find((one) => isObject(one) && one['id'] === id)
  if (!isObject(found) || !Array.isArray(found['evidence'])) throw wrong(`${file}: has no finding ${id}`)
  return {
    id,
    rule: String(found['rule']),
    message: String(found['message']),
    evidence: found['evidence'].filter(isObject).map((step) => ({
      ...(step as unknown as Evidence),
      headers: isObject(step['headers'])
        ? Object.entries(step['headers']).map(([name, value]) => [name, String(value)] as const)
        : [],
    })),
  }
}

/** What a burst or a wait proves no single request does. */
const counted = /^(?:limit|flow)\.|^injection\.regex$/

/** Sends the requests of a finding again, in their order, with the credentials that identities have now. */
export async function replayFinding(
  { rule, evidence }: StoredFinding,
  options: {
    readonly client: TargetClient
    readonly identities: readonly Identity[]
    /** Anything but GET, HEAD, OPTIONS and TRACE may be sent. */
    readonly write: boolean
  },
): Promise<Replayed> {
  const secrets = new Map<string, string>()
  for (const one of options.identities) secrets.set(variableOf(one.name), tokenOf(one) ?? '')
  const safe = ({ method }: Evidence): boolean => options.write || /^(?:GET|HEAD|OPTIONS|TRACE)$/.test(method)
  const waited = evidence.some(({ ms }) => ms >= 1500)
  if (counted.test(rule) || waited || evidence.length === 0 || !evidence.every(safe)) return 'unfit'
  const steps: Step[] = []
  for (const step of evidence) {
    const [path, body] = [filled(step.path, secrets, true), filled(step.body ?? '', secrets, false)]
    const headers = step.headers.map(([name, value]) => [name, filled(value, secrets, false)] as const)
    if (path === undefined || body === undefined || body.length >= 2000) return 'unfit'
    const whole = headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
    if (whole.length < headers.length || step.relations === undefined) return 'unfit'
    const reply = await options.client.send({
      method: step.method,
      path,
      headers: whole,
      ...(step.body === undefined ? {} : { body }),
    })
    steps.push({ body: step.body === undefined ? undefined : body, reply })
  }
  const now = relationsOf(steps)
  const like = evidence.map(({ relations }, i) => {
    const again = now[i]
    return relations !== undefined && again !== undefined && isLike(relations, again)
  })
  if (like.every((one) => one)) return 'there'
  return like[0] === true && evidence.length > 1 ? 'gone' : 'stale'
}

/** Puts credentials in the place of their names; undefined where a name is none of an identity: a token that the probe made. */
function filled(text: string, secrets: ReadonlyMap<string, string>, encoded: boolean): string | undefined {
  let known = true
  const whole = text.replaceAll(/\$\{([A-Z0-9_]+)\}/g, (_, name: string) => {
    const secret = secrets.get(name) ?? ''
    if (secret === '') known = false
    return encoded ? encodeURIComponent(secret) : secret
  })
  return known && !/\[(?:masked|token)\]/.test(text) ? whole : undefined
}

function wrong(message: string): Unusable {
  return new Unusable([
    {
      rule: 'probe.report',
      severity: 'error',
      message,
      fix: '--report takes what --format json --out FILE wrote',
    },
  ])
}
