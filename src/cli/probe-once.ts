import { readFileSync, writeFileSync } from 'node:fs'
import type { LoadedConfig } from '../config/loaded-config.ts'
import { type LoadedContract, readContract } from '../contract/load-contract.ts'
import { isObject, own } from '../contract/schema.ts'
import { createTargetClient } from '../outbound/create-target-client.ts'
import { cleanJournal } from '../probe/clean-journal.ts'
import type { Identity } from '../probe/identity.ts'
import { probeRules } from '../probe/probe-rules.ts'
import { type NamedIdentity, parseIdentity, readIdentities } from '../probe/read-identities.ts'
import { readFinding, replayFinding, type StoredFinding } from '../probe/replay-finding.ts'
import { type ProbeFormat, probeFormats, renderProbe } from '../probe/report/render-probe.ts'
import { runProbe } from '../probe/run-probe.ts'
import { signIn } from '../probe/sign-in.ts'
import { createTokenKeys, type TokenKeys } from '../probe/token-keys.ts'
import { displayPath } from '../report/display-path.ts'
import { summarize } from '../report/render-text.ts'
import { type Call, textOf, textsOf, type Values } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { isProduction } from './production-target.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

/** One run of `sallyport probe`; loaded when it is asked for. */
export async function probeOnce({ values, positionals, terminal }: Call): Promise<number> {
  if (positionals.length > 0) throw new Misuse('probe: takes options only; the target is --target URL')
  const format = probeFormats.find((one) => one === textOf(values, 'format'))
  if (format === undefined) throw new Misuse(`probe: --format takes ${probeFormats.join(', ')}`)
  const failOn = textOf(values, 'fail-on') ?? 'error'
  if (!['error', 'warning', 'note', 'none'].includes(failOn))
    throw new Misuse('probe: --fail-on takes error, warning, note, none')
  const target = textOf(values, 'target')
  const url = target === undefined ? null : URL.parse(target)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Misuse('probe: write --target with the http or https URL of the API to test')
  if (url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Misuse('probe: --target takes scheme, host, port and path alone')
  const rules = (name: string): readonly string[] => ruleNames(textOf(values, name), name)
  const [only, skip] = [rules('only'), rules('skip')]
  const budget = {
    requests: number(values, 'requests'),
    seconds: number(values, 'seconds'),
    rate: number(values, 'rate'),
  }
  const source = await contractOf(values, terminal)
  if (values['allow-production'] !== true && isProduction(source.contract.document, url))
    throw new Misuse('probe: the contract calls this target production; --allow-production if that is meant')
  const ca = textOf(values, 'ca')
  const authorities = ca === undefined ? {} : { authorities: [readFileSync(ca, 'utf8')] }
  const identities = await identitiesOf(values, source, url, authorities)
  const clean = textOf(values, 'clean')
  if (clean !== undefined) return cleanOnly(clean, url, identities, source.contract, authorities, terminal)
  const verify = textOf(values, 'verify')
  const stored = storedFinding(values, verify)
  if (stored !== undefined) {
    const client = await createTargetClient({ origin: url.origin, ...authorities })
    const replayed = await replayFinding(stored, { client, identities, write: values['write'] === true })
    await client.close()
    terminal.err(`sallyport: ${stored.id}: ${replayWords[replayed]}\n`)
    if (replayed === 'there') terminal.out(`${stored.id} ${stored.rule}: ${stored.message}\n`)
    if (replayed === 'there' || replayed === 'gone') return replayed === 'there' ? 1 : 0
  }
  const stop = new AbortController()
  const onStop = (): void => {
    if (stop.signal.aborted) process.exit(130)
    terminal.err('\nsallyport: stopping, what was made is taken away; once more to stop at once\n')
    stop.abort()
  }
  process.on('SIGINT', onStop)
  process.on('SIGTERM', onStop)
  const shown = progress(terminal)
  try {
    const canary = textOf(values, 'canary')
    const report = await runProbe({
      contract: source.contract,
      target: url.href,
      basePath: source.basePath,
      identities,
      write: values['write'] === true,
      budget,
      seed:
        textOf(values, 'seed') === undefined ? Math.floor(Math.random() * 1_000_000) : number(values, 'seed'),
      signal: stop.signal,
      journal: textOf(values, 'journal'),
      canary: canary === 'none' ? undefined : canary,
      keys: await tokenKeys(source.loaded),
      only: only.length === 0 && stored !== undefined ? [stored.rule] : only,
      skip,
      onProgress: shown.show,
      ...authorities,
      ...(verify === undefined ? {} : { verify }),
    })
    shown.end()
    write(
      renderProbe(report, format as ProbeFormat, {
        colour: textOf(values, 'out') === undefined && terminal.colourOut,
        version: version(),
      }),
      values,
      terminal,
    )
    terminal.err(`sallyport: ${summarize(report.findings) || 'nothing found'}, ${report.requests} requests\n`)
    if (report.left.length > 0)
      terminal.err(
        `sallyport: ${report.left.length} things are left behind, each is in the report${report.journal === undefined ? '' : ` and in ${report.journal}`}\n`,
      )
    if (fails(report.findings, failOn)) return 1
    const refused = report.remarks.some((remark) => remark.includes('refused everywhere'))
    return report.stopped !== undefined || (refused && report.answered === 0) ? 2 : 0
  } finally {
    shown.end()
    process.off('SIGINT', onStop)
    process.off('SIGTERM', onStop)
  }
}

const replayWords = {
  there: 'its requests were sent again: it is still there',
  gone: 'its requests were sent again: it is gone',
  stale: 'its objects are not there any more; it is looked for anew',
  unfit:
    'its requests cannot be sent again as they are (made tokens, bursts, or --write is missing); it is looked for anew',
} as const

function storedFinding(values: Values, verify: string | undefined): StoredFinding | undefined {
  const file = textOf(values, 'report')
  if (file === undefined) return undefined
  if (verify === undefined) throw new Misuse('probe: --report goes with --verify ID')
  return readFinding(file, verify)
}

interface Source {
  readonly contract: LoadedContract
  readonly basePath: string
  readonly loaded: LoadedConfig | undefined
}

async function contractOf(values: Values, terminal: Terminal): Promise<Source> {
  const file = textOf(values, 'contract')
  if (file !== undefined) {
    const contract = readContract({ file, api: 'api', budgetMs: 0 })
    return { contract, basePath: contract.basePath, loaded: undefined }
  }
  const policy = await loadPolicy(textOf(values, 'config') ?? 'sallyport.yaml', terminal)
  const name = textOf(values, 'api')
  const names = policy.apis.map(({ contract }) => contract.api)
  const api = name === undefined ? policy.apis[0] : policy.apis.find(({ contract }) => contract.api === name)
  if (api === undefined || (name === undefined && policy.apis.length > 1))
    throw new Misuse(`probe: write --api with one of ${names.join(', ')}`)
  return { contract: api.contract, basePath: api.basePath, loaded: policy.loaded }
}

async function identitiesOf(
  values: Values,
  { contract, basePath }: Source,
  url: URL,
  authorities: { readonly authorities?: readonly string[] },
): Promise<readonly Identity[]> {
  const file = textOf(values, 'identities')
  const named: readonly NamedIdentity[] = [
    ...(file === undefined ? [] : readIdentities(file, process.env)),
    ...textsOf(values, 'identity').map((text) => parseIdentity(text, process.env)),
  ]
  if (named.length === 0) throw new Misuse('probe: write --identity NAME=TOKEN, twice or more')
  const names = named.map(({ identity }) => identity.name)
  if (new Set(names).size < names.length) throw new Misuse('probe: each identity needs a name of its own')
  const staff = new Set(textsOf(values, 'admin'))
  for (const name of staff) if (!names.includes(name)) throw new Misuse('probe: --admin names no identity')
  const client = await createTargetClient({ origin: url.origin, ...authorities })
  try {
    const own = url.pathname.replace(/\/+$/, '')
    const identities = await signIn(named, { contract, client, prefix: own === '' ? basePath : own })
    return identities.map((one) => (staff.has(one.name) ? { ...one, privileged: true } : one))
  } finally {
    await client.close()
  }
}

/** Keys of the configuration's issuers, and some of our own for tokens that bring their key. */
async function tokenKeys(loaded: LoadedConfig | undefined): Promise<TokenKeys> {
  const issuers = Object.values(loaded?.config.issuers ?? {})
  const published = issuers.flatMap(({ keys }) => (isObject(keys) ? jwksIn(own(keys, 'jwks')) : []))
  const signing = issuers.flatMap(({ signingKey }) => (signingKey === undefined ? [] : jwksIn(signingKey)))
  return createTokenKeys({ published, signing })
}

function jwksIn(file: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof file !== 'string' || /^https?:/.test(file)) return []
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const list = isObject(value) ? own(value, 'keys') : undefined
    return Array.isArray(list) ? list.filter(isObject) : isObject(value) ? [value] : []
  } catch {
    return []
  }
}

async function cleanOnly(
  file: string,
  url: URL,
  identities: readonly Identity[],
  contract: LoadedContract,
  authorities: { readonly authorities?: readonly string[] },
  terminal: Terminal,
): Promise<number> {
  const left = await cleanJournal({ file, origin: url.origin, identities, contract, ...authorities })
  for (const { type, id } of left) terminal.err(`sallyport: left behind: ${type} ${id}\n`)
  terminal.err(`sallyport: ${left.length === 0 ? 'nothing is left' : `${left.length} objects are left`}\n`)
  return left.length === 0 ? 0 : 1
}

function ruleNames(text: string | undefined, option: string): readonly string[] {
  const names = (text ?? '').split(',').filter((one) => one !== '')
  const ids = [...probeRules.keys()]
  for (const name of names)
    if (!ids.some((id) => id === name || id.startsWith(`${name}.`)))
      throw new Misuse(`probe: --${option}: there are ${ids.join(', ')}`)
  return names
}

function number(values: Values, name: string): number {
  const value = Number(textOf(values, name))
  if (!(value > 0 && value <= 10_000_000)) throw new Misuse(`probe: --${name} takes a number above 0`)
  return value
}

function write(text: string, values: Values, terminal: Terminal): void {
  const out = textOf(values, 'out')
  if (out === undefined) terminal.out(text)
  else {
    writeFileSync(out, text)
    terminal.err(`sallyport: wrote ${displayPath(out)}\n`)
  }
}

function fails(findings: readonly { readonly severity: string }[], failOn: string): boolean {
  const heavy =
    failOn === 'none'
      ? []
      : ['error', 'warning', 'note'].slice(0, ['error', 'warning', 'note'].indexOf(failOn) + 1)
  return findings.some(({ severity }) => heavy.includes(severity))
}

/** A line on the terminal once it has taken a second. */
function progress(terminal: Terminal): { show(stage: string, sent: number): void; end(): void } {
  const started = performance.now()
  let last = 0
  let shown = false
  return {
    show(stage, sent) {
      const now = performance.now()
      if (!terminal.interactive || now - started < 1000 || now - last < 200) return
      last = now
      shown = true
      terminal.err(`\r\u001b[2K${stage} … ${sent} requests, ${Math.round((now - started) / 1000)} s`)
    },
    end() {
      if (shown) terminal.err('\r\u001b[2K')
      shown = false
    },
  }
}
