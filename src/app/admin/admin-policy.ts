import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { PolicyCheckReply, PolicyFinding, PolicyReply } from '../../admin/contract.ts'
import type { PolicySource } from '../../admin/policy-routes.ts'
import { editorSchema } from '../../config/document/editor-schema.ts'
import { parseConfig } from '../../config/load-config.ts'
import type { AuditEvent } from '../../kernel/event.ts'
import { nobody } from '../../kernel/event.ts'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { EventStore } from '../../kernel/ports.ts'
import { displayPath } from '../../report/display-path.ts'
import type { Log } from '../../stages/record/log.ts'
import { compilePolicy } from '../policy/compile-policy.ts'
import type { Policy } from '../policy/policy.ts'
import { createRecordedJudge } from '../replay/judge-recorded.ts'
import { promotionAdvice } from '../replay/promotion.ts'
import { replay } from '../replay/replay.ts'
import { assertSameSockets } from '../same-sockets.ts'
import { createPolicyHistory } from './policy-history.ts'

const dayMs = 86_400_000
/** Most events that one look reads: some seconds of work. */
const mostEvents = 20_000

/** The configuration file of a running gateway. The file stays the truth: whoever changes it by hand changes the same. */
export function createAdminPolicy(policy: () => Policy, events: EventStore, log: Log): PolicySource {
  const first = policy()
  const file = first.loaded.file
  const history = createPolicyHistory(join(first.loaded.config.state, 'policy-history'))
  /** Texts of policies that were in force, by policy. */
  let seen: { readonly policy: Policy; readonly etag: string; readonly at: string } = notice(first)
  let looking = false

  function notice(now: Policy): typeof seen {
    const text = readText()
    const etag = etagOf(text)
    keep(text, etag, '', 'found in the file')
    return { policy: now, etag, at: new Date().toISOString() }
  }

  /** A state folder that cannot be written costs the history, and neither the start nor a change. */
  function keep(text: string, etag: string, by: string, note: string): void {
    try {
      history.add(text, etag, by, note)
    } catch (error) {
      log.error({ reason: error instanceof Error ? error.message : 'unknown' }, 'a policy could not be kept')
    }
  }

  function readText(): string {
    return readFileSync(file, 'utf8')
  }

  function current(): PolicyReply {
    const now = policy()
    if (now !== seen.policy) seen = notice(now)
    const text = readText()
    const etag = etagOf(text)
    return { text, etag, file: displayPath(file), loadedAt: seen.at, inForce: etag === seen.etag }
  }

  async function compile(
    text: string,
  ): Promise<{ readonly policy?: Policy; readonly findings: readonly Finding[] }> {
    try {
      const loaded = parseConfig(text, file, process.env)
      assertSameSockets(policy().loaded, loaded)
      const compiled = await compilePolicy(loaded)
      return { policy: compiled, findings: [...loaded.findings, ...compiled.findings] }
    } catch (error) {
      if (error instanceof Unusable) return { findings: error.findings }
      throw error
    }
  }

  /** One look at many events at a time. */
  async function alone<T>(look: () => Promise<T>): Promise<T | undefined> {
    if (looking) return undefined
    looking = true
    try {
      return await look()
    } finally {
      looking = false
    }
  }

  return {
    current,
    async check(text) {
      return checked((await compile(text)).findings)
    },
    dryRun: (text) =>
      alone(async () => {
        const { policy: next, findings } = await compile(text)
        if (next === undefined) return { ...checked(findings), calls: 0, same: 0, changed: [], unknown: [] }
        const judge = await createRecordedJudge(next)
        try {
          const report = await replay(recent(events, dayMs), judge)
          return { ...checked(findings), ...report }
        } finally {
          await judge.close()
        }
      }),
    async replace(text, etag, by, note) {
      if (etag !== current().etag) return 'changed'
      const { policy: next, findings } = await compile(text)
      if (next === undefined) return { faulty: checked(findings) }
      // Compiling took its time: somebody else may have been faster.
      if (etag !== etagOf(readText())) return 'changed'
      if (!write(file, text)) return 'fixed'
      keep(text, etagOf(text), by, note)
      return current()
    },
    history: () => history.list(),
    version: (version) => history.text(version),
    promotion: () => alone(() => promotionAdvice(recent(events, 7 * dayMs))),
    schema: editorSchema,
  }
}

function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`
}

/** At one go, with the mode that it has; false where it cannot be. A link stays one: what it points at is replaced. */
function write(file: string, text: string): boolean {
  let draft: string | undefined
  try {
    const real = realpathSync(file)
    draft = join(dirname(real), `.${basename(real)}.draft`)
    writeFileSync(draft, text, { mode: statSync(real).mode & 0o777, flush: true })
    renameSync(draft, real)
    return true
  } catch {
    if (draft !== undefined) rmSync(draft, { force: true })
    return false
  }
}

/** Stored events of the last `ms`, oldest first, no more than one look may read. */
async function* recent(events: EventStore, ms: number): AsyncGenerator<AuditEvent> {
  let read = 0
  for await (const line of events.lines({ since: Date.now() - ms })) {
    if (++read > mostEvents) return
    yield { ...nobody, ...(JSON.parse(line) as AuditEvent) }
    // Other requests have their turn.
    if (read % 200 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

function checked(findings: readonly Finding[]): PolicyCheckReply {
  return {
    findings: findings.map(
      ({ rule, severity, message, place, fix }): PolicyFinding => ({
        rule,
        severity,
        message,
        file: place === undefined ? null : displayPath(place.file),
        line: place?.line ?? null,
        column: place?.column ?? null,
        fix: fix ?? null,
      }),
    ),
  }
}
