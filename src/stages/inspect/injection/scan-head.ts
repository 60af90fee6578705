import type { Matched } from '../../../kernel/facts.ts'
import { type HeadTexts, noText } from '../../../kernel/text-plan.ts'
import { contextOf, type Scan, scanText } from './scan-value.ts'

/**
 * Fields whose values were proven by another stage, or mean nothing but to the gateway: framing, credentials, ids,
 * negotiation that is parsed strictly.
 */
const settled = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'authorization',
  'dpop',
  'traceparent',
  'x-request-id',
  'connection',
  'expect',
  'sec-websocket-key',
  'sec-websocket-version',
])

/** Fields in which a browser names the page that it shows (Fetch §3.2, RFC 9110 §10.1.3). */
const pages = new Set(['origin', 'referer'])

/** Values of fields that were found clean, most of them the same on every call: user agents, languages. */
const maxClean = 512
const maxCleanLength = 256

/** Scans path parameters, query, fields and cookies; `texts` is undefined where the schema was not enforced. */
export function createScanHead(): (scan: Scan, matched: Matched, texts: HeadTexts | undefined) => void {
  const cleanFields = new Set<string>()
  const cleanPages = new Set<string>()

  function scanField(
    scan: Scan,
    text: string,
    pointer: string,
    place: 'header' | 'cookie',
    page: boolean,
  ): void {
    const clean = page ? cleanPages : cleanFields
    if (text.length <= maxCleanLength && clean.has(text)) return
    const before = scan.findings.length
    scanText(scan, text, { pointer, place, page })
    if (scan.spent || scan.findings.length > before || text.length > maxCleanLength) return
    if (clean.size >= maxClean) clean.clear()
    clean.add(text)
  }

  return (scan, { params, path, pairs, fields, operation }, texts) => {
    const declared = operation.input.texts
    let free = 0
    for (const name in params) {
      const plan = texts?.path.get(name)
      if (plan === noText || plan?.text === 'none') continue
      scanText(scan, params[name] ?? '', contextOf(`/path/${name}`, 'path', plan))
      free++
    }
    // Segments that say nothing alone: `/proc/self`.
    if (free > 1) scanText(scan, decodedPath(path), { pointer: '/path', place: 'path' })
    for (let i = 0; i < pairs.length; i++) {
      const { name, value } = pairs[i] as { name: string; value: string }
      const known = declared.query.has(name)
      const plan = texts?.query.get(name)
      if (plan?.quiet === true) continue
      const pointer = known ? `/query/${name}` : '/query/*'
      if (!known) scanText(scan, name, { pointer, place: 'name' })
      scanText(scan, value, contextOf(pointer, 'query', plan))
    }
    const { flat } = fields
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string
      if (settled.has(name)) continue
      const plan = texts?.header.get(name)
      if (plan?.quiet === true) continue
      const value = flat[i + 1] as string
      if (name === 'cookie') scanCookies(scan, value, texts)
      else scanField(scan, value, `/header/${name}`, 'header', pages.has(name))
    }
  }

  function scanCookies(scan: Scan, header: string, texts: HeadTexts | undefined): void {
    for (const part of header.split(';')) {
      const equals = part.indexOf('=')
      const name = equals < 0 ? '' : part.slice(0, equals).trim()
      if (texts?.cookie.get(name)?.quiet === true) continue
      scanField(scan, part.trim(), '/cookie/*', 'cookie', false)
      if (equals >= 0) scanField(scan, part.slice(equals + 1).trim(), '/cookie/*', 'cookie', false)
    }
  }
}

function decodedPath(path: string): string {
  return path.includes('%') ? decodeURIComponent(path) : path
}
