import { BlockList, isIP } from 'node:net'
import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

const internal4 = new BlockList()
const internal6 = new BlockList()
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  internal4.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['2001::', 32],
  ['2002::', 16],
] as const)
  internal6.addSubnet(address, prefix, 'ipv6')

/** Names that mean this machine or its cloud, and services whose names carry an address. */
const localName =
  /^(?:(?:ip)?v?6?-?(?:localhost|loopback)\d?(?:\.localdomain\d?)?|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|metadata(?:\.google(?:\.internal)?)?|instance-data|ip6-localhost|ip6-loopback|broadcasthost|kubernetes(?:\.default(?:\.svc)?)?|host\.docker\.internal|rancher-metadata)$|\.(?:localhost|local|svc|localdomain|internal|intranet|corp|home|lan|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|nip\.io|sslip\.io|xip\.io|xip\.name|1u\.ms|rbndr\.us|r3dir\.me|yoogle\.com|oastify\.com|interact\.sh|burpcollaborator\.net|dnslog\.cn|readme\.localtest\.me)$|^(?:spoofed|customer\d?|bugbounty|mail\.ebc|www\.oo0o)\./
const schemes =
  /^(?:gopher|dict|ldaps?|tftp|sftp|ssh|jar|netdoc|file|ftp|php|phar|expect|data|javascript|vbscript|blob|view-source|rmi|smb|telnet|nfs|imap|pop3|smtp|mailto|ws|unix|about|chrome|jdbc|mysql|redis|memcached):/
const metadata = compileSearch(
  /(?:^|[/@.])(?:169\.254\.169\.254|169\.254\.170\.2|100\.100\.100\.200|192\.0\.0\.192|metadata\.google\.internal|fd00:ec2::254)(?:$|[/:?])|latest\/(?:meta-data|user-data|dynamic)|computemetadata\/v1|\/metadata\/(?:instance|v1|identity)|opc\/v[12]\/|\/v1\/(?:keys|agent|kv)\/?\?/,
)

/** Ports of services that are no web servers (among them the bad ports of the Fetch standard). */
const servicePorts = new Set(
  '7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 79 110 111 113 135 137 139 143 161 179 389 427 445 465 512 513 514 515 532 540 548 554 563 587 601 636 873 989 990 993 995 1025 1433 1521 1719 1720 1723 2049 2375 2379 3306 3389 3659 4045 5432 5900 6000 6379 6667 9042 11211 27017'.split(
    ' ',
  ),
)

/** In the authority: two targets in a row; signs that only look like letters and figures; a base no parser agrees on. */
const odd = /[;,].{0,40}[.:]|[\u2460-\u24ff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3002\uff0e]|^0o\d|\.0o\d/

/** A page, and the names that this machine and its network have. */
const pageStart = /^https?:\/\/([^/?#\\@:[\]\s]{1,200}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?(?=$|[/?#])/
const ownName = /^localhost$|\.(?:localhost|local|localdomain|internal|intranet|corp|home|lan)$/

/** How much of a text names a page of this machine or network, with an address written as browsers write it. */
function ownPage(text: string): number {
  const [start, host] = pageStart.exec(text) ?? []
  if (start === undefined || host === undefined || metadata.test(text)) return 0
  if (ownName.test(host)) return start.length
  const plain = host.startsWith('[') ? host.slice(1, -1) : host
  return isIP(plain) > 0 && new URL(`http://${host}`).hostname === host ? start.length : 0
}

function run({ lower, urlTyped, place, depth, page }: View): number {
  const trimmed = lower.trim()
  const own = page && depth === 0 ? ownPage(trimmed) : 0
  const text = trimmed.slice(own)
  const found = own > 0 ? 0 : judge(text, lower, urlTyped, place, depth)
  if (found >= 0.7 || text.length > 4_096 || /\s/.test(text)) return found
  // A target behind a slash, a quote, a parameter or another scheme.
  inner.lastIndex = 0
  let best = found
  for (let hit = inner.exec(text), count = 0; hit !== null && count < 4; hit = inner.exec(text), count++) {
    const one = judge(hit[1] ?? '', hit[1] ?? '', false, place, depth)
    if (one >= 0.75 && one > best) best = Math.max(0.76, one - 0.08)
  }
  return best
}

const inner =
  /[/=?&;,"'(:|]((?:https?|ftps?|gopher|dict|ldaps?|tftp|sftp|file|netdoc|jar|smb|rmi|phar):[/\\]{1,3}[^\s"'&<>]{1,300})/g

function judge(text: string, lower: string, urlTyped: boolean, place: View['place'], depth: number): number {
  if (text.length > 4096 || /\s/.test(text)) {
    // A blank ends the host for one parser, and is left out by another.
    if (text.length < 400 && /^(?:[a-z][a-z0-9+.-]{1,20}:)?[/\\]{2}\S{1,80}\s{1,3}[&#?]?@\S/.test(text))
      return 0.8
    return metadata.test(lower) ? 0.7 : 0
  }
  if (metadata.test(text)) return 0.92
  const remote =
    /^["'=]{0,2}(?:[a-z][a-z0-9+.-]{1,20}:)?[/\\]{2,8}/.exec(text) ?? /^(?:url:)?https?:\/?/.exec(text)
  if (remote === null) {
    const bare = /^([a-z0-9.-]{3,80})(?::\d{1,5})?\//.exec(text)?.[1]
    if (bare !== undefined && localName.test(bare)) return 0.76
    if (/^(?:https?|ftps?|file)\?{1,3}$/.test(text)) return 0.72
    // An address of ours, four parts however they are written, and a path.
    if (
      !urlTyped &&
      /^(?:0x[\da-f]{1,8}|\d{1,11})(?:\.(?:0x[\da-f]{1,8}|\d{1,11})){3}(?::\d{1,5})?\/[a-z?]/.test(text)
    )
      return hostOf(`http://${text}`, false) >= 0.85 ? 0.76 : 0
    if (!urlTyped) return 0
    if (schemes.test(text)) return 0.9
    return hostOf(`http://${text}`, true)
  }
  const strange = schemes.test(text)
  // `!` ends the archive of a `jar:` URL.
  const rest = text.slice(remote[0].length).replace('!/', '/')
  const authority = /^[^/?#]{0,400}/.exec(rest)?.[0] ?? ''
  if (
    strange &&
    remote[0].length > 0 &&
    /^(?:gopher|dict|ldaps?|tftp|sftp|jar|netdoc|php|phar|expect|smb|rmi)/.test(text)
  )
    return 0.88
  if (strange && urlTyped) return 0.88
  // A port that speaks something else than HTTP: what browsers refuse to fetch, and stores.
  const port = /:(\d{1,5})$/.exec(authority)?.[1]
  if (port !== undefined && /^https?:|^\/\//.test(text) && servicePorts.has(port))
    return urlTyped ? 0.88 : 0.76
  // Two hosts in one authority: parsers disagree on which one is meant.
  if (
    /[\\#&;\s]{1,3}@|@.{0,60}@|^[^@]{0,100}[?#\\].{0,60}@|%(?:25)?(?:2f|5c|23|40|00|0a|09)/.test(authority) ||
    /^[^/?]{0,80}\\|^[^/@]{1,200}[?#]@/.test(rest)
  )
    return urlTyped ? 0.85 : 0.75
  if (authority.startsWith('unix:')) return urlTyped ? 0.88 : 0.8
  if (odd.test(authority)) return urlTyped ? 0.85 : 0.76
  const user = authority.includes('@')
    ? authority.slice(0, authority.indexOf('@')).replace(/:\d{0,5}$/, '')
    : ''
  if (user !== '' && (isIP(user) > 0 || localName.test(user))) return urlTyped ? 0.85 : 0.78
  const found = hostOf(`http://${rest}`, urlTyped || depth > 0)
  if (found > 0) return found
  if (/^https?:\/\/[a-z0-9.-]{1,80}(?:\/\S{0,100})?\?$/.test(text)) return 0.74
  // A file of code on another host, cut off by `?`: what remote inclusion wants.
  if (
    /^(?:https?|ftps?):\/\/[^/]{1,100}\/.{0,200}\.(?:txt|php\d?|inc|dat|gif|jpe?g|asp|jsp)(?:\?{1,3}|%00|\0)?$/.test(
      text,
    ) &&
    /(?:\?|%00|\0|\.txt|\.php|\.inc)$/.test(text)
  )
    return /(?:\?|%00|\0)$/.test(text) ? 0.8 : place === 'header' || depth > 0 ? 0.5 : 0.5
  return 0
}

function hostOf(url: string, typed: boolean): number {
  const raw = /^https?:[/\\]{1,8}([^/\\?#]{0,300})/.exec(url)?.[1] ?? ''
  let host: string
  try {
    host = new URL(url).hostname
  } catch {
    return typed ? 0.8 : /^\[|^0x|^\d{4,}|@/.test(raw) ? 0.5 : 0
  }
  if (host === '') return typed ? 0.8 : 0
  const plain = host.startsWith('[') ? host.slice(1, -1) : host.replace(/\.$/, '')
  const version = isIP(plain)
  if (version > 0) {
    const written = raw.slice(raw.lastIndexOf('@') + 1).replace(/:\d*$/, '')
    const literal = written === host || written === plain
    const inside = version === 6 ? internal6.check(plain, 'ipv6') : internal4.check(plain, 'ipv4')
    if (!literal) return inside ? 0.93 : 0.85
    if (inside) return typed ? 0.93 : 0.85
    return 0
  }
  if (localName.test(plain)) return typed ? 0.9 : /^localhost$/.test(plain) ? 0.76 : 0.82
  if (typed && !plain.includes('.')) return 0.75
  return 0
}

/** Server-side request forgery and remote inclusion: where a URL points. */
export const urlTargetDetector: Detector = {
  name: 'url.target',
  class: 'ssrf',
  forUrls: true,
  needs: [
    [
      '/',
      '\\',
      ':',
      'http?',
      'https?',
      'ftp?',
      'ftps?',
      'file?',
      'metadata',
      'meta-data',
      'user-data',
      '169.254.',
      '100.100.',
      '192.0.0.',
    ],
  ],
  run,
}
