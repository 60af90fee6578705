import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Finding } from '../kernel/finding.ts'
import { Unusable } from '../kernel/finding.ts'
import { whyUnreadable } from '../kernel/unreadable-file.ts'
import { findBrokenFiles } from './broken-files.ts'
import type { Config } from './config.ts'
import { configSchema } from './config-schema.ts'
import { assertConsistent } from './consistent/assert-consistent.ts'
import { findOpenDoors } from './consistent/open-doors.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { LoadedConfig } from './loaded-config.ts'
import { findNotYet } from './not-yet.ts'
import { Reading } from './reading.ts'
import { rememberSources } from './redact-config.ts'
import { anomalySection } from './sections/anomaly-section.ts'
import { apiKeySection } from './sections/api-key-section.ts'
import { apiSection } from './sections/api-section.ts'
import { auditSection } from './sections/audit-section.ts'
import { authoritySection, impliedIssuer } from './sections/authority-section.ts'
import { certificatesSection } from './sections/certificates-section.ts'
import { boundsSection, logSection, storeSection, timeoutsSection } from './sections/gateway-section.ts'
import { identitySection } from './sections/identity-section.ts'
import { issuerSection } from './sections/issuer-section.ts'
import { adminSection, listenSection } from './sections/listen-section.ts'
import { overloadSection } from './sections/overload-section.ts'
import { sealingSection } from './sections/sealing-section.ts'
import { tracesSection } from './sections/traces-section.ts'
import { fillDefaults } from './shape.ts'
import { validateConfig } from './validate-config.ts'
import { parseCidr } from './values/parse-cidr.ts'
import { countWorkers } from './workers.ts'
import { substitute } from './yaml/substitute.ts'
import { parseYaml, pointerToken } from './yaml/yaml-document.ts'

/**
 * Reads `sallyport.yaml`. Throws `Unusable` with every problem that could be found, each with its place and, where it
 * is known, what to write instead.
 */
export function loadConfig(file: string, env: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const absolute = resolve(file)
  return parseConfig(readText(absolute), absolute, env)
}

/** The same for a text that stands for the file. */
export function parseConfig(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const folder = dirname(file)
  const document = parseYaml(text, file)
  const substituted = substitute(document, folder, env)
  const reading = new Reading(document, folder, substituted.pointers)
  for (const [name, pointer] of substituted.files) reading.files.set(name, { pointer, secret: true })

  const invalid = [...substituted.findings]
  // A value that could not be put in is told once, not again as an empty text.
  const known = new Set(invalid.map((finding) => finding.place?.pointer))
  for (const finding of validateConfig(substituted.value, reading))
    if (!known.has(finding.place?.pointer)) invalid.push(finding)
  const later = findNotYet(substituted.value, document)
  if (invalid.length > 0) throw new Unusable(inOrder([...invalid, ...later]))

  fillDefaults(configSchema, substituted.value)
  const config = readConfig(substituted.value as Raw, reading)
  assertConsistent(config, reading)
  findBrokenFiles(reading)
  findOpenDoors(config, reading)
  const errors = [...later, ...reading.findings.filter((finding) => finding.severity === 'error')]
  if (errors.length > 0) throw new Unusable(inOrder(errors))

  deepFreeze(config)
  rememberSources(config, substituted.sources)
  return {
    file,
    config,
    files: Object.freeze([file, ...[...reading.files.keys()].filter((name) => name !== file)]),
    findings: Object.freeze(inOrder(reading.findings)),
    place: (pointer) => document.place(pointer),
  }
}

type Raw = Readonly<Record<string, unknown>> & {
  readonly trustedProxies: readonly string[]
  readonly workers: number | 'auto'
  readonly state: string
  readonly issuers: Readonly<Record<string, unknown>>
  readonly apis: Readonly<Record<string, unknown>>
}

function readConfig(raw: Raw, reading: Reading): Config {
  const each = <T>(
    entries: Readonly<Record<string, unknown>>,
    key: string,
    read: (raw: unknown, pointer: string, reading: Reading) => T,
  ): T[] =>
    Object.entries(entries).map(([name, entry]) => read(entry, `/${key}/${pointerToken(name)}`, reading))
  const authority =
    raw['authority'] === undefined
      ? undefined
      : authoritySection.read(raw['authority'], '/authority', reading)
  const issuers = each(raw.issuers, 'issuers', issuerSection.read)
  if (authority !== undefined && !issuers.some((issuer) => issuer.keys.kind === 'authority'))
    issuers.push(impliedIssuer(authority))
  return {
    listen: listenSection.read(raw['listen'], '/listen', reading),
    admin: raw['admin'] === undefined ? undefined : adminSection.read(raw['admin'], '/admin', reading),
    trustedProxies: raw.trustedProxies.map((block) => {
      const { address, prefix } = parseCidr(block) ?? { address: block, prefix: 0 }
      return `${address}/${prefix}`
    }),
    workers: countWorkers(raw.workers),
    state: reading.path(raw.state),
    store: storeSection.read(raw['store'], '/store', reading),
    timeouts: timeoutsSection.read(raw['timeouts'], '/timeouts', reading),
    bounds: boundsSection.read(raw['bounds'], '/bounds', reading),
    log: logSection.read(raw['log'], '/log', reading),
    overload: overloadSection.read(raw['overload'], '/overload', reading),
    issuers,
    keys: raw['keys'] === undefined ? undefined : apiKeySection.read(raw['keys'], '/keys', reading),
    certificates:
      raw['certificates'] === undefined
        ? undefined
        : certificatesSection.read(raw['certificates'], '/certificates', reading),
    authority,
    anomalies: anomalySection.read(raw['anomalies'], '/anomalies', reading),
    audit: auditSection.read(raw['audit'], '/audit', reading),
    traces: raw['traces'] === undefined ? undefined : tracesSection.read(raw['traces'], '/traces', reading),
    sealing:
      raw['sealing'] === undefined ? undefined : sealingSection.read(raw['sealing'], '/sealing', reading),
    identity: identitySection.read(raw['identity'], '/identity', reading),
    apis: each(raw.apis, 'apis', apiSection.read),
  }
}

function readText(file: string): string {
  try {
    if (statSync(file).size <= 2_097_152) return readFileSync(file, 'utf8')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const { reason, fix } = whyUnreadable(error)
    const finding: Finding = {
      rule: 'config.unreadable',
      severity: 'error',
      message: `the configuration file ${reason}`,
      place: { file },
      fix: missing
        ? 'write one with `sallyport init OPENAPI --upstream URL`, or name another with --config'
        : fix,
    }
    throw new Unusable([finding])
  }
  throw new Unusable([
    { rule: 'config.syntax', severity: 'error', message: 'the file is larger than 1 MiB', place: { file } },
  ])
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  )
}
