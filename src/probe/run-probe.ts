import type { LoadedContract } from '../contract/load-contract.ts'
import { type Canary, createCanary } from '../outbound/create-canary.ts'
import { createTargetClient, type TargetClient } from '../outbound/create-target-client.ts'
import { checks } from './checks/all-checks.ts'
import { showsInside } from './checks/injection-signs.ts'
import { cleanUp } from './clean-up.ts'
import { findPrefix } from './find-prefix.ts'
import type { Identity } from './identity.ts'
import type { ProbeFinding } from './probe-finding.ts'
import type { ProbeReport } from './probe-report.ts'
import type { ProbeStage } from './probe-stage.ts'
import { ProbeStopped } from './probe-stopped.ts'
import { type Budget, Session } from './session.ts'
import { createJournal } from './state/journal.ts'
import { isYes } from './state/reply-facts.ts'
import { World } from './state/world.ts'
import { discover } from './steps-discover.ts'
import { makeObjects } from './steps-make.ts'
import type { TokenKeys } from './token-keys.ts'

export interface ProbeOptions {
  readonly contract: LoadedContract
  /** `http://127.0.0.1:4000`, with the path that all paths of the contract are below. */
  readonly target: string
  /** Path where the target has none. */
  readonly basePath: string
  readonly identities: readonly Identity[]
  readonly write: boolean
  readonly budget: Budget
  readonly seed: number
  readonly signal: AbortSignal
  /** Where what is made is written down; undefined: nowhere. */
  readonly journal: string | undefined
  /** Address of the canary; undefined: none. */
  readonly canary: string | undefined
  /** PEM authorities to trust beside the system's. */
  readonly authorities?: readonly string[]
  /** Keys of issuers that the operator has. */
  readonly keys: TokenKeys
  /** Rules, or beginnings of rules (`bola`), to look for; empty: all. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
  /** The finding that alone is looked for. */
  readonly verify?: string
  readonly onProgress?: (stage: string, sent: number) => void
}

/** Tests a running API. Rejects only where the target's name cannot be resolved or nothing answers at all. */
export async function runProbe(options: ProbeOptions): Promise<ProbeReport> {
  const url = new URL(options.target)
  const client = await createTargetClient({
    origin: url.origin,
    ...(options.authorities === undefined ? {} : { authorities: options.authorities }),
  })
  const canary = await canaryOf(options)
  try {
    return await probeWith(options, client, canary, url)
  } finally {
    await canary?.close()
    await client.close()
  }
}

async function probeWith(
  options: ProbeOptions,
  client: TargetClient,
  canary: Canary | undefined,
  url: URL,
): Promise<ProbeReport> {
  let stage = 'reading'
  const session = new Session({
    client,
    schemes: options.contract.schemes,
    identities: options.identities,
    budget: options.budget,
    signal: options.signal,
    write: options.write,
    onReply: (exchange) => {
      if (world.shown.length < 3 && showsInside(exchange.reply.text)) world.shown.push(exchange)
    },
    onRequest: (sent) => options.onProgress?.(stage, sent),
  })
  const journal = createJournal(options.write ? options.journal : undefined)
  const { contract, identities, seed } = options
  const world: World = new World({ contract, identities, session, journal, canary, seed })
  const remarks: string[] = []
  let stopped: ProbeStopped['reason'] | undefined
  const planned = checks.filter((one) => wants(one, options))
  try {
    session.prefix = await findPrefix(world, url, options.basePath)
    await discover(world)
    if (options.write) {
      stage = 'making objects'
      await makeObjects(world)
    }
    for (const check of planned) {
      stage = check.name
      await check.run(world, options.keys)
    }
  } catch (error) {
    if (!(error instanceof ProbeStopped)) throw error
    stopped = error.reason
  } finally {
    stage = 'cleaning up'
    await cleanUp(world)
    journal.close()
  }
  remarks.push(...remarksOn(world))
  return {
    api: contract.title || contract.api,
    target: url.origin + session.prefix,
    address: client.address,
    findings: inOrder(world.findings.filter((one) => isWanted(one, options))),
    identities: identities.map(({ name }) => name),
    seed,
    write: options.write,
    operations: world.operations.length,
    answered: world.operations.filter((one) =>
      identities.some((identity) => world.viewsOf(identity, one).length > 0),
    ).length,
    untried: untriedOf(world),
    requests: session.sent,
    seconds: Math.round(session.seconds * 10) / 10,
    throttled: session.throttled,
    stopped,
    made: world.made.length,
    left: journal.left(),
    journal: journal.left().length > 0 ? journal.file : undefined,
    remarks,
  }
}

async function canaryOf({ canary, keys }: ProbeOptions): Promise<Canary | undefined> {
  if (canary === undefined) return undefined
  return createCanary({
    address: canary,
    text: canaryText,
    documents: new Map([
      ['/jwks.json', keys.spoofed],
      ['/rsa.json', keys.spoofedRsa],
    ]),
  })
}

/** What the canary answers; found in a reply it says that the answer was handed on. */
const canaryText = 'sallyport-canary-answer'

function wants(check: ProbeStage, options: ProbeOptions): boolean {
  if (options.verify !== undefined && options.only.length === 0) return true
  return check.rules.some((rule) => named(rule, options))
}

function named(rule: string, { only, skip }: Pick<ProbeOptions, 'only' | 'skip'>): boolean {
  const fits = (word: string): boolean => rule === word || rule.startsWith(`${word}.`)
  return (only.length === 0 || only.some(fits)) && !skip.some(fits)
}

function isWanted(finding: ProbeFinding, options: ProbeOptions): boolean {
  return options.verify === undefined ? named(finding.rule, options) : finding.id === options.verify
}

function inOrder(findings: readonly ProbeFinding[]): readonly ProbeFinding[] {
  const rank = { error: 0, warning: 1, note: 2 }
  return [...findings].sort(
    (a, b) =>
      rank[a.severity] - rank[b.severity] ||
      (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0) ||
      (a.operation < b.operation ? -1 : a.operation > b.operation ? 1 : 0) ||
      (a.id < b.id ? -1 : 1),
  )
}

function remarksOn(world: World): string[] {
  const remarks: string[] = []
  for (const identity of world.identities)
    if (!world.views(identity).some(({ exchange, operation }) => isYes(exchange.reply) && !operation.open))
      remarks.push(`${identity.name} was refused everywhere: is its credential good?`)
  if (world.identities.length < 2)
    remarks.push('with one identity nobody else’s objects can be asked for: give two')
  return remarks
}

function untriedOf(world: World): { operation: string; reason: string }[] {
  const passed = world.passedOver.map((operation) => ({
    operation,
    reason: 'it does something, by its words',
  }))
  const untried = world.operations.flatMap((operation) => {
    if (!operation.reads && !world.session.write)
      return [{ operation: operation.title, reason: 'it writes: --write' }]
    const seen = world.identities.some((identity) => world.viewsOf(identity, operation).length > 0)
    const done = world.made.some((one) => one.operation === operation)
    if (seen || done || operation.open || operation.signIn || !operation.reads) return []
    return [{ operation: operation.title, reason: 'no identity got an answer' }]
  })
  return [...passed, ...untried]
}
