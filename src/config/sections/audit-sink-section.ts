// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static, type TSchema } from 'typebox'
import { duration, file, size, text } from '../document/words.ts'
import { bytes, milliseconds, type Reading } from '../reading.ts'
import { Secret } from '../secret.ts'
import { shape } from '../shape.ts'
import type { AuditSinkConfig, SyslogFacility } from '../types/record-config.ts'
import { isLoopback } from '../values/parse-address.ts'

const facilities: SyslogFacility[] = [
  'daemon',
  'auth',
  'syslog',
  'authpriv',
  'audit',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
]

const sink = shape('One more place for audit events, with a queue of its own.', {
  kind: Type.Enum(['stdout', 'file', 'syslog', 'otlp', 'webhook'] as AuditSinkConfig['kind'][], {
    description: 'What it is: `syslog` is RFC 5424, `otlp` is OpenTelemetry logs over HTTP.',
  }),
  name: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$',
      description: 'Its name in metrics and messages; its kind unless written.',
    }),
  ),
  format: Type.Enum(['events', 'ocsf'] as AuditSinkConfig['format'][], {
    description:
      '`events`: our own lines with their chain, which `sallyport log verify` reads; `ocsf`: OCSF events.',
    default: 'events',
  }),
  file: Type.Optional(file('For `file`: where to. Made with mode 0600.')),
  rotate: Type.Optional(
    shape('For `file`: when it is put aside for a new one.', {
      size: size('Before it is larger.', '100MiB'),
      age: duration('Once it is older.', '1d'),
      keep: Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description: 'Files put aside that stay.',
        default: 14,
      }),
    }),
  ),
  url: Type.Optional(
    text(
      'For `syslog`: `tls://HOST:6514`, `tcp://HOST:601`, `udp://HOST:514`. For `otlp` and `webhook`: the https URL, for `otlp` whole (`…/v1/logs`).',
    ),
  ),
  plaintext: Type.Optional(
    Type.Literal('allow', {
      description:
        'Lets `tcp:`, `udp:` and `http:` go to another machine: events then cross the network readable, an open door.',
    }),
  ),
  facility: Type.Enum(facilities, { description: 'For `syslog`.', default: 'audit' }),
  authorities: Type.Optional(file('For `syslog` over TLS: authorities to trust beside the system’s, PEM.')),
  certificate: Type.Optional(file('For `syslog` over TLS: certificate of the gateway, PEM.')),
  key: Type.Optional(file('For `syslog` over TLS: its private key, PEM.')),
  headers: Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), Type.String({ minLength: 1 }), {
    additionalProperties: false,
    description: 'For `otlp` and `webhook`: header fields, such as a credential. Write secrets as `${NAME}`.',
    default: {},
  }),
  secret: Type.Optional(
    text(
      'For `webhook`: signs the body, `Sallyport-Signature: t=SECONDS,v1=HMAC-SHA256(secret, t.body)`. Write it as `${NAME}` or `${file:PATH}`.',
    ),
  ),
  batch: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Events in one write.', default: 500 }),
  queue: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    description: 'Events that may wait; what comes on top is lost and counted.',
    default: 10_000,
  }),
})

/** One entry of `audit.sinks`. */
export const auditSinkSchema: TSchema = sink

type Raw = Static<typeof sink>

/** Which members belong to which kind; the rest belong to all. */
const members: Readonly<Record<string, readonly Raw['kind'][]>> = {
  file: ['file'],
  rotate: ['file'],
  url: ['syslog', 'otlp', 'webhook'],
  plaintext: ['syslog', 'otlp', 'webhook'],
  authorities: ['syslog'],
  certificate: ['syslog'],
  key: ['syslog'],
  secret: ['webhook'],
}

/** Reads one entry of `audit.sinks`; nothing where it cannot be used. `names`: those that are taken. */
export function readAuditSink(
  value: unknown,
  pointer: string,
  reading: Reading,
  names: Set<string>,
): AuditSinkConfig[] {
  const raw = value as Raw
  for (const [member, kinds] of Object.entries(members))
    if (raw[member as keyof Raw] !== undefined && !kinds.includes(raw.kind)) {
      reading.error(
        `${pointer}/${member}`,
        'config.sink',
        `a sink of kind ${raw.kind} has no \`${member}\``,
        'remove it',
      )
      return []
    }
  const name = raw.name ?? freeName(raw.kind, names)
  if (names.has(name)) {
    reading.error(
      `${pointer}/name`,
      'config.sink',
      `there are two sinks with the name ${name}`,
      'write another',
    )
    return []
  }
  names.add(name)
  const common = { name, format: raw.format, batch: raw.batch, queue: raw.queue, pointer }
  if (raw.kind === 'stdout') return [{ ...common, kind: 'stdout' }]
  if (raw.kind === 'file') return readFile(raw, common, pointer, reading)
  const url = raw.url === undefined ? undefined : (URL.parse(raw.url) ?? undefined)
  if (url === undefined || url.hostname === '') {
    reading.error(
      raw.url === undefined ? pointer : `${pointer}/url`,
      'config.sink',
      raw.url === undefined ? `a sink of kind ${raw.kind} needs \`url\`` : 'not a URL',
      raw.kind === 'syslog' ? 'write url: tls://HOST:6514' : 'write url: https://…',
    )
    return []
  }
  return raw.kind === 'syslog'
    ? readSyslog(raw, url, common, pointer, reading)
    : readHttp(raw, url, common, pointer, reading)
}

type Common = Pick<AuditSinkConfig, 'name' | 'format' | 'batch' | 'queue' | 'pointer'>

function readFile(raw: Raw, common: Common, pointer: string, reading: Reading): AuditSinkConfig[] {
  if (raw.file === undefined) {
    reading.error(pointer, 'config.sink', 'a sink of kind file needs `file`', 'write file: events.jsonl')
    return []
  }
  const { rotate } = raw
  return [
    {
      ...common,
      kind: 'file',
      file: reading.path(raw.file),
      rotate:
        rotate === undefined
          ? undefined
          : { bytes: bytes(rotate.size), ageMs: milliseconds(rotate.age), keep: rotate.keep },
    },
  ]
}

const syslogPorts: Readonly<Record<string, number>> = { 'tls:': 6514, 'tcp:': 601, 'udp:': 514 }

function readSyslog(
  raw: Raw,
  url: URL,
  common: Common,
  pointer: string,
  reading: Reading,
): AuditSinkConfig[] {
  const port = syslogPorts[url.protocol]
  if (port === undefined || url.username !== '' || !/^\/?$/.test(url.pathname) || url.search !== '') {
    reading.error(
      `${pointer}/url`,
      'config.sink',
      'not an address of a syslog server',
      'write url: tls://HOST:6514',
    )
    return []
  }
  const protocol = url.protocol.slice(0, -1) as 'tls' | 'tcp' | 'udp'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (protocol !== 'tls' && !mayBePlain(raw, host, pointer, reading)) return []
  if ((raw.certificate === undefined) !== (raw.key === undefined)) {
    reading.error(pointer, 'config.sink', '`certificate` and `key` belong together', 'write both')
    return []
  }
  const fileOf = (member: 'authorities' | 'certificate' | 'key'): string | undefined =>
    raw[member] === undefined
      ? undefined
      : reading.file(raw[member], `${pointer}/${member}`, member === 'key')
  return [
    {
      ...common,
      kind: 'syslog',
      protocol,
      host,
      port: url.port === '' ? port : Number(url.port),
      facility: raw.facility,
      authorities: fileOf('authorities'),
      certificate: fileOf('certificate'),
      key: fileOf('key'),
    },
  ]
}

function readHttp(raw: Raw, url: URL, common: Common, pointer: string, reading: Reading): AuditSinkConfig[] {
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '') {
    reading.error(`${pointer}/url`, 'config.sink', 'not an https URL without a user', 'write url: https://…')
    return []
  }
  if (url.protocol === 'http:' && !mayBePlain(raw, url.hostname, pointer, reading)) return []
  if (raw.secret !== undefined && !reading.isSubstituted(`${pointer}/secret`))
    reading.warn(
      `${pointer}/secret`,
      'config.secret-in-file',
      'a secret is written in the configuration file',
      'write `${NAME}` or `${file:PATH}`',
    )
  const http = { url: url.href, plain: url.protocol === 'http:', headers: secretsOf(raw.headers) }
  return raw.kind === 'otlp'
    ? [{ ...common, kind: 'otlp', ...http }]
    : [
        {
          ...common,
          kind: 'webhook',
          ...http,
          secret: raw.secret === undefined ? undefined : new Secret(raw.secret),
        },
      ]
}

/** Header fields may be credentials: nothing prints them. */
export function secretsOf(headers: Readonly<Record<string, string>>): ReadonlyMap<string, Secret> {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), new Secret(value)]))
}

function mayBePlain(raw: { plaintext?: 'allow' }, host: string, pointer: string, reading: Reading): boolean {
  if (host === 'localhost' || isLoopback(host)) return true
  if (raw.plaintext === 'allow') {
    reading.warn(
      `${pointer}/plaintext`,
      'open-door.plain-sink',
      'audit events cross the network in plain text',
      'use tls: or https:, and remove `plaintext: allow`',
    )
    return true
  }
  reading.error(
    `${pointer}/url`,
    'config.sink',
    'audit events would cross the network in plain text',
    'use tls: or https:, or write `plaintext: allow`',
  )
  return false
}

function freeName(kind: string, names: ReadonlySet<string>): string {
  if (!names.has(kind)) return kind
  for (let n = 2; ; n++) if (!names.has(`${kind}-${n}`)) return `${kind}-${n}`
}
