import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One row of a case file; see the README beside the files. */
export interface Row {
  readonly id: string
  readonly suite: string
  readonly label: 'attack' | 'benign' | 'other' | 'policy'
  readonly category: string
  readonly family: string
  readonly kind: string
  readonly label_strength?: string
  readonly fragment?: boolean
  readonly payload?: string
  readonly payload_b64?: string
  readonly place?: readonly string[]
  readonly encoder?: string
  readonly paranoia_level?: number
  readonly benign_grade?: string
  readonly request?: RequestRow
}

export interface RequestRow {
  readonly method?: string
  readonly target?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | null
  readonly body_b64?: string
  readonly raw_b64?: string
}

/** How a row counts in the figures. */
export type Standing =
  /** attack classes of the headline */
  | { readonly kind: 'attack'; readonly class: string }
  /** (a) real API traffic, (b) near misses, (c) policy */
  | { readonly kind: 'benign'; readonly set: 'real' | 'near' | 'policy' }
  /** reported apart: encoders that only matter where a backend decodes them, weak labels, other categories */
  | { readonly kind: 'apart'; readonly class: string }
  | { readonly kind: 'none' }

/** The injection suites of the case folder. Empty where there is none. */
export function loadRows(folder: string): Row[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readRows(join(folder, name)))
}

export function readRows(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

/** Which of the five parts a family falls into. */
export function foldOf(family: string): number {
  return (createHash('sha256').update(family).digest()[0] as number) % 5
}

/**
 * Which half a family belongs to. Rules are written with the misses of the open half in sight; those of the blind half
 * are counted and never shown. The fold that was blind from the beginning stays so; of the others in the blind half some
 * were looked at before the halves were drawn.
 */
export function sideOf(family: string): 'open' | 'blind' {
  const [first = 0, second = 0] = createHash('sha256').update(family).digest()
  return first % 5 === 0 || second % 2 === 0 ? 'blind' : 'open'
}

const classes: ReadonlyMap<string, string> = new Map([
  ['sqli', 'sqli'],
  ['nosqli', 'nosqli'],
  ['cmdi', 'cmdi'],
  ['rce', 'cmdi'],
  ['shellshock', 'cmdi'],
  ['traversal', 'traversal'],
  ['traversal_lfi', 'traversal'],
  ['ptrav', 'traversal'],
  ['rfi', 'ssrf'],
  ['xss', 'xss'],
  ['xxe', 'xxe'],
  ['ssti', 'ssti'],
  ['ssi', 'ssti'],
  ['ssrf', 'ssrf'],
  ['ssrf_bypass', 'ssrf'],
  ['ssrf_host', 'ssrf'],
  ['ldapi', 'ldapi'],
  ['xpath', 'xpath'],
  ['crlf', 'crlf'],
  ['maili', 'mail'],
  ['log4shell', 'el'],
  ['java_attack', 'el'],
  ['php_injection', 'code'],
  ['nodejs_dos', 'code'],
  ['ruby_injection', 'code'],
  ['prototype_pollution', 'prototype'],
  ['generic_injection', 'nosqli'],
])

/** Suites whose rows are about something else: replies, URL parsing. */
const elsewhere = new Set(['crs_response_leaks', 'url_parsing_wpt'])

/** Suites whose attacks make the headline; the others are reported apart. */
const headline = new Set([
  'gotestwaf',
  'nemesida_waf_bypass',
  'crs_regression',
  'mgm_waf_payloads',
  'libinjection_data',
  'httpparams',
  'patt_lists',
  'payloadbox',
  'community_bypasses',
])

export function standingOf(row: Row): Standing {
  const suite = row.suite.split('/').at(-1) ?? ''
  if (elsewhere.has(suite) || row.kind === 'grpc') return { kind: 'none' }
  if (row.label === 'benign') {
    if (suite === 'openapi_examples_benign' || suite === 'httpparams') return { kind: 'benign', set: 'real' }
    if (/with_code/.test(row.category) || (suite === 'crs_regression' && row.benign_grade !== 'field_fp'))
      return { kind: 'benign', set: 'policy' }
    return { kind: 'benign', set: 'near' }
  }
  if (row.label !== 'attack') return { kind: 'none' }
  const name = classes.get(row.category)
  if (name === undefined) return { kind: 'apart', class: row.category }
  if (!headline.has(suite)) return { kind: 'apart', class: `${name} (other suites)` }
  const weak = row.fragment === true || row.label_strength === 'weak'
  const encoded =
    (row.encoder !== undefined && /base64|utf-?16/i.test(row.encoder)) ||
    (suite === 'crs_regression' && (row.paranoia_level ?? 1) > 2)
  return {
    kind: weak || encoded ? 'apart' : 'attack',
    class: weak ? `${name} (weak)` : encoded ? `${name} (encoded or PL3+)` : name,
  }
}

export function payloadOf(row: Row): string | undefined {
  return row.payload_b64 === undefined ? row.payload : Buffer.from(row.payload_b64, 'base64').toString('utf8')
}
