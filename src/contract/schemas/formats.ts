import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import type { Format } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'

type Test = (text: string) => boolean

/** Texts longer than this are no address, host, URI or date of any kind; also bounds the expressions below. */
const maxLength = 8_192

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDate(text: string): boolean {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (m === null) return false
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])]
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 && leap ? 29 : (days[month - 1] ?? 0))
}

/** RFC 3339 full-time; a leap second only where it is 23:59:60 in UTC. */
function isTime(text: string): boolean {
  const m = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:z|([+-])(\d{2}):(\d{2}))$/i.exec(text)
  if (m === null) return false
  const [hour, minute, second] = [Number(m[1]), Number(m[2]), Number(m[3])]
  const [zoneHour, zoneMinute] = [Number(m[5] ?? 0), Number(m[6] ?? 0)]
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return false
  if (second < 60) return true
  const offset = (m[4] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute)
  return (hour * 60 + minute - offset + 2880) % 1440 === 1439
}

function isDateTime(text: string): boolean {
  return /^.{10}t/i.test(text) && isDate(text.slice(0, 10)) && isTime(text.slice(11))
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

function isHostname(text: string): boolean {
  if (text.length > 253) return false
  return text
    .split('.')
    .every((part) => label.test(part) && (!/^xn--/i.test(part) || domainToASCII(part) !== ''))
}

function isIdnHostname(text: string): boolean {
  if (text.split('.').some((part) => part.slice(2, 4) === '--' && !/^xn--/i.test(part))) return false
  if (isHostname(text)) return true
  if (/[\s@/?#:[\]\\%]/.test(text)) return false
  const ascii = domainToASCII(text)
  return ascii !== '' && isHostname(ascii)
}

const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const quotedPart = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (at < 1 || at > 64 || text.length > 320) return false
  const local = text.slice(0, at)
  return (localPart.test(local) || quotedPart.test(local)) && isMailHost(text.slice(at + 1))
}

function isMailHost(host: string): boolean {
  const literal = /^\[(?:IPv6:([0-9a-f:.]+)|([0-9.]+))\]$/i.exec(host)
  if (literal === null) return isHostname(host)
  return literal[1] === undefined ? isIPv4(literal[2] ?? '') : isIPv6(literal[1])
}

function isIdnEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  return at > 0 && text.length <= 320 && !/[\s@]/.test(text.slice(0, at)) && isIdnHostname(text.slice(at + 1))
}

const uriCharacters = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/
const iriCharacters =
  /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef]|[\ud800-\udbff][\udc00-\udfff]|%[0-9A-Fa-f]{2})*$/

/** RFC 3986 by its parts; `reference` also allows one without scheme. */
function isUri(text: string, allowed: RegExp, reference: boolean): boolean {
  if (!allowed.test(text)) return false
  const m = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text)
  if (m === null) return false
  const [, scheme, authority, path = '', query = '', fragment = ''] = m
  if (scheme === undefined ? !reference : !/^[a-z][a-z0-9+.-]*$/i.test(scheme)) return false
  if (/[[\]]/.test(path + query + fragment) || fragment.includes('#')) return false
  if (authority === undefined) return !path.startsWith('//')
  return isAuthority(authority)
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@')
  if (at >= 0 && /[@[\]]/.test(authority.slice(0, at))) return false
  const host = authority.slice(at + 1)
  const literal = /^\[(.*)\](?::\d*)?$/.exec(host)
  if (literal !== null) {
    const inner = literal[1] ?? ''
    return isIPv6(inner) && !inner.includes('%')
      ? true
      : /^v[0-9a-f]+\.[a-z0-9\-._~!$&'()*+,;=:]+$/i.test(inner)
  }
  return /^[^:[\]]*(?::\d*)?$/.test(host)
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}

const uriTemplate =
  /^(?:[^\x00-\x20\x7f"<>%\\^`{|}]|%[0-9a-f]{2}|\{[+#./;?&=,!@|]?(?:\.?(?:[a-z0-9_]|%[0-9a-f]{2}))+(?::[1-9]\d{0,3}|\*)?(?:,(?:\.?(?:[a-z0-9_]|%[0-9a-f]{2}))+(?::[1-9]\d{0,3}|\*)?)*\})*$/i

const tests: Readonly<Record<string, Test>> = {
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  duration: (s) =>
    /^P(?:\d+W|(?=\d|T\d)(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$/.test(
      s,
    ),
  email: isEmail,
  'idn-email': isIdnEmail,
  hostname: isHostname,
  'idn-hostname': isIdnHostname,
  ipv4: isIPv4,
  ipv6: (s) => isIPv6(s) && !s.includes('%'),
  uri: (s) => isUri(s, uriCharacters, false),
  'uri-reference': (s) => isUri(s, uriCharacters, true),
  iri: (s) => isUri(s, iriCharacters, false),
  'iri-reference': (s) => isUri(s, iriCharacters, true),
  'uri-template': (s) => uriTemplate.test(s),
  url: (s) => isUri(s, uriCharacters, false),
  uuid: (s) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(s),
  'json-pointer': (s) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(s),
  'relative-json-pointer': (s) => /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/.test(s),
  regex: isRegex,
}

/** Formats that hold for texts of any length. */
const texts: Readonly<Record<string, Test>> = {
  byte: (s) => s.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(s),
  base64url: (s) => s.length % 4 !== 1 && /^[A-Za-z0-9_-]*$/.test(s),
}

/**
 * Formats that are enforced (OpenAPI 3.1 §4.4 with its format registry, JSON Schema 2020-12 §7.3). All others, `password` and
 * `binary` among them, say nothing about a value.
 */
export const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ...Object.entries(tests).map(([name, test]): [string, Format] => [
    name,
    { type: 'string', validate: (text: string) => text.length <= maxLength && test(text) },
  ]),
  ...Object.entries(texts).map(([name, validate]): [string, Format] => [name, { type: 'string', validate }]),
  ['int32', fullFormats.int32],
  [
    'int64',
    { type: 'number', validate: (n: number) => Number.isInteger(n) && n >= -(2 ** 63) && n <= 2 ** 63 },
  ],
  [
    'float',
    { type: 'number', validate: (n: number) => Number.isFinite(n) && Math.abs(n) <= 3.4028234663852886e38 },
  ],
  ['double', { type: 'number', validate: (n: number) => Number.isFinite(n) }],
])
