import { isDenied } from '../../src/kernel/verdict.ts'
import { parseForm } from '../../src/media/form.ts'
import type { Engine } from '../../src/stages/inspect/injection/engine.ts'
import type { InjectionFinding, TextContext, TextPlace } from '../../src/stages/inspect/injection/finding.ts'
import { parseTarget } from '../../src/stages/listen/target.ts'
import { payloadOf, type Row } from './cases.ts'

/** What became of one carrier of one case. */
export interface Outcome {
  readonly carrier: string
  /** Refused before the engine: a target or form that no parser should guess about. */
  readonly strict: boolean
  readonly findings: readonly InjectionFinding[]
  /** Budget spent. */
  readonly spent: boolean
  readonly microseconds: number
}

const quiet = new Set(['host', 'content-length', 'connection', 'authorization', 'content-type'])

/** Runs a case through the engine as the gateway would, without sockets. */
export function judgeRow(engine: Engine, row: Row): Outcome[] {
  const payload = payloadOf(row)
  if (row.request !== undefined) return [judgeRequest(engine, row)]
  if (payload === undefined) return []
  const place = row.place ?? []
  if (row.kind === 'json_body' || place.includes('json_body') || place.includes('json_body_whole'))
    return [one('json body', (scan) => scanJsonText(scan, payload))]
  if (place.includes('url_field') || place.includes('url_host'))
    return [
      one('url', (scan) => scan(payload, { pointer: '/body/url', place: 'json-string', urlTyped: true })),
    ]
  if (place.includes('query_or_form_raw')) return [one('query', (scan) => scanQuery(scan, payload))]
  if (place.includes('xml_body') || place.includes('http_example'))
    return [one('text', (scan) => scan(payload, { pointer: '/body', place: 'text' }))]
  return (['json-string', 'query', 'form'] as const).map((carrier) =>
    one(carrier, (scan) => scan(payload, { pointer: '/value', place: carrier })),
  )

  function one(carrier: string, run: (scan: Scan) => void): Outcome {
    return measure(engine, carrier, run)
  }
}

type Scan = (text: string, context: TextContext) => void

function measure(engine: Engine, carrier: string, run: (scan: Scan) => unknown): Outcome {
  const findings: InjectionFinding[] = []
  let spent = false
  const budget = { left: 4_000_000 }
  const before = performance.now()
  const strict = run((text, context) => {
    const found = engine.scanText(text, context, budget)
    if (found === undefined) spent = true
    else if (found.length > 0) findings.push(...found)
  })
  return {
    carrier,
    strict: strict === true,
    findings,
    spent,
    microseconds: (performance.now() - before) * 1000,
  }
}

function judgeRequest(engine: Engine, row: Row): Outcome {
  return measure(engine, 'request', (scan) => {
    const request = row.request ?? {}
    let { target = '/', headers = [], body } = request
    if (request.raw_b64 !== undefined) {
      const raw = Buffer.from(request.raw_b64, 'base64').toString('latin1')
      const [head = '', ...rest] = raw.split('\r\n\r\n')
      const [line = '', ...fields] = head.split('\r\n')
      target = line.split(' ').slice(1, -1).join(' ')
      headers = fields.map(
        (field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).trim()] as const,
      )
      body = rest.join('\r\n\r\n')
    }
    let strict = false
    const parsed = parseTarget(target)
    if (isDenied(parsed)) {
      strict = true
      // What listen refuses is scanned all the same, so that both figures are known.
      scan(target, { pointer: '/path', place: 'path' })
    } else {
      scan(decodeURIComponent(parsed.path), { pointer: '/path', place: 'path' })
      for (const { name, value } of parsed.pairs) {
        scan(name, { pointer: '/query', place: 'name' })
        scan(value, { pointer: '/query', place: 'query' })
      }
    }
    let type = ''
    for (const [name, value] of headers) {
      const lower = name.toLowerCase()
      if (lower === 'content-type') type = value.toLowerCase()
      if (quiet.has(lower)) continue
      if (lower === 'cookie') {
        for (const part of value.split(/; ?/))
          scan(part.slice(part.indexOf('=') + 1), { pointer: '/cookie', place: 'cookie' })
        scan(value, { pointer: '/header/cookie', place: 'cookie' })
      } else scan(value, { pointer: `/header/${lower}`, place: 'header' })
    }
    const content =
      request.body_b64 === undefined ? body : Buffer.from(request.body_b64, 'base64').toString('utf8')
    if (content === undefined || content === null || content === '') return strict
    if (type.includes('json')) scanJsonText(scan, content)
    else if (type === '' || type.includes('urlencoded')) {
      const pairs = parseForm(content)
      if (pairs === undefined) {
        strict = true
        scanQuery(scan, content)
      } else
        for (const { name, value } of pairs) {
          scan(name, { pointer: '/body', place: 'name' })
          scan(value, { pointer: '/body', place: 'form' })
        }
    } else if (type.includes('multipart')) scanMultipart(scan, content)
    else if (type.includes('xml')) scanXml(scan, content)
    else scan(content, { pointer: '/body', place: 'text' })
    return strict
  })
}

function scanQuery(scan: Scan, text: string): void {
  for (const part of text.split('&')) {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    scan(loose(name), { pointer: '/query', place: 'name' })
    if (equals >= 0) scan(loose(part.slice(equals + 1)), { pointer: '/query', place: 'query' })
  }
  scan(loose(text), { pointer: '/query', place: 'query' })
}

function loose(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function scanJsonText(scan: Scan, text: string): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    scan(text, { pointer: '/body', place: 'text' })
    return
  }
  walk(scan, value)
}

function walk(scan: Scan, value: unknown): void {
  if (typeof value === 'string') scan(value, { pointer: '/body', place: 'json-string' })
  else if (Array.isArray(value)) for (const item of value) walk(scan, item)
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      scan(key, { pointer: '/body', place: 'json-key' as TextPlace })
      walk(scan, inner)
    }
}

function scanMultipart(scan: Scan, text: string): void {
  for (const part of text.split(/^--[^\r\n]*\r?\n?/m)) {
    const gap = /\r?\n\r?\n/.exec(part)
    if (gap === null) continue
    const head = part.slice(0, gap.index)
    for (const [, value = ''] of head.matchAll(/(?:file)?name="([^"]*)"/g))
      scan(value, { pointer: '/body', place: 'name' })
    if (/filename=/.test(head)) continue
    scan(part.slice(gap.index + gap[0].length).replace(/\r?\n$/, ''), {
      pointer: '/body',
      place: 'multipart',
    })
  }
}

function scanXml(scan: Scan, text: string): void {
  scan(text, { pointer: '/body', place: 'xml' })
  for (const [, one, two] of text.matchAll(/="([^"]{1,2000})"|>([^<]{1,2000})</g))
    scan(one ?? two ?? '', { pointer: '/body', place: 'xml' })
}
