import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { DeclaredOperation } from '../contract/declared.ts'
import type { SecurityScheme } from '../kernel/operation.ts'
import type { TargetClient, TargetReply, TargetRequest } from '../outbound/create-target-client.ts'
import { carry, claimsOf, type Identity, secretsOf } from './identity.ts'
import { joinCookies } from './join-cookies.ts'
import { maskSecretMembers } from './mask-secret-members.ts'
import { bodyOf, type Call, pathOf } from './plan/build-call.ts'
import type { Evidence } from './probe-finding.ts'
import { ProbeStopped } from './probe-stopped.ts'
import type { SendOptions } from './send-options.ts'
import type { StepRelations } from './step-relations.ts'
import { variableOf } from './variable-of.ts'

export interface Budget {
  readonly requests: number
  readonly seconds: number
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds that a kind of call is waited for in all where the target says that it was too much. */
  readonly patience?: number
}

/** A request that was made, and its reply. */
export interface Exchange {
  readonly identity: Identity | undefined
  readonly request: TargetRequest
  readonly reply: TargetReply
  /** True where a credential was put on it. */
  readonly credential: boolean
}

export interface SessionOptions {
  readonly client: TargetClient
  readonly schemes: ReadonlyMap<string, SecurityScheme>
  readonly identities: readonly Identity[]
  readonly budget: Budget
  readonly signal: AbortSignal
  /** Anything but GET, HEAD, OPTIONS and TRACE may be sent. */
  readonly write: boolean
  /** Called with every reply. */
  readonly onReply?: (exchange: Exchange) => void
  /** Called before every request, for progress. */
  readonly onRequest?: (sent: number) => void
}

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const longestWait = 30_000
const shortWait = 1500
const maxRetries = 8

/** Everything that the probe sends goes through here: budget, pace, masks, and what counts as reading. */
export class Session {
  /** Requests so far. */
  sent = 0
  /** How often the target said that it was too much. */
  throttled = 0
  /** How often it said so of a read: of calls in general, not of a sign-in or a flow. */
  throttledReads = 0
  /** Prefix of every path of the contract. */
  prefix = ''
  readonly schemes: ReadonlyMap<string, SecurityScheme>
  readonly #options: SessionOptions
  readonly #started = performance.now()
  readonly #secrets = new Map<string, string>()
  /** Identity → when it may go on (`performance.now()`). */
  readonly #waits = new Map<string, number>()
  /** What was waited for a kind of call, in milliseconds. */
  readonly #waited = new Map<string, number>()
  /** Identity → when it signed in again. */
  readonly #renewals = new Map<string, number>()
  #next = 0
  #failures = 0
  #cleaning = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.schemes = options.schemes
    for (const identity of options.identities)
      for (const secret of secretsOf(identity)) this.hide(secret, `\${${variableOf(identity.name)}}`)
  }

  get write(): boolean {
    return this.#options.write
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  /** Part of the requests that is left, 0 to 1. */
  get left(): number {
    const { requests, seconds } = this.#options.budget
    return Math.max(0, Math.min(1 - this.sent / requests, 1 - this.seconds / seconds))
  }

  /** A text that never shows in a report. */
  hide(secret: string, shownAs: string): void {
    // A token forged well may be the true one: it keeps its name.
    if (secret.length >= 4 && !this.#secrets.has(secret)) this.#secrets.set(secret, shownAs)
  }

  mask(text: string): string {
    let shown = text
    for (const [secret, name] of [...this.#secrets].sort(([a], [b]) => b.length - a.length))
      shown = shown.split(secret).join(name).split(encodeURIComponent(secret)).join(name)
    return shown
  }

  /** From here on budget and stop switch do not count: what was made is taken away. */
  beginCleaning(): void {
    this.#cleaning = true
  }

  /** Signs an identity in again whose token ends within so many seconds, where it can. */
  async freshen(identity: Identity | undefined, seconds = 1): Promise<void> {
    if (identity?.renew === undefined) return
    const end = claimsOf(identity)?.['exp']
    if (typeof end !== 'number' || end > Date.now() / 1000 + seconds) return
    await this.#renew(identity)
  }

  async #renew(identity: Identity): Promise<boolean> {
    const last = this.#renewals.get(identity.name)
    // Where each sign-in is over at once a second one a moment later gives no more.
    if (identity.renew === undefined || (last !== undefined && performance.now() - last < 1000)) return false
    this.#renewals.set(identity.name, performance.now())
    this.sent += 1
    const secret = await identity.renew(this.#options.client)
    if (secret === undefined) return false
    this.hide(secret, `\${${variableOf(identity.name)}}`)
    return true
  }

  /** True where a refusal may only mean that the session is over: it is asked for a new one, not more than every 20 seconds. */
  async #over(identity: Identity | undefined, exchange: Exchange, options: SendOptions): Promise<boolean> {
    if (exchange.reply.status !== 401 || identity?.renew === undefined || options.token !== undefined)
      return false
    if (typeof claimsOf(identity)?.['exp'] === 'number') return false
    const last = this.#renewals.get(identity.name) ?? this.#started
    return performance.now() - last > 20_000 && this.#renew(identity)
  }

  /** Sends a call of the contract. Throws `ProbeStopped`. */
  async call(identity: Identity | undefined, call: Call, options: SendOptions = {}): Promise<Exchange> {
    if (options.token === undefined) await this.freshen(identity)
    const exchange = await this.#call(identity, call, options)
    return (await this.#over(identity, exchange, options)) ? this.#call(identity, call, options) : exchange
  }

  #call(identity: Identity | undefined, call: Call, options: SendOptions): Promise<Exchange> {
    const carried = carry(identity, call.operation, this.schemes, options.token)
    const body = bodyOf(call)
    const added = [...carried.headers, ...(options.headers ?? [])]
    return this.#send(
      identity,
      {
        method: call.operation.method,
        path: pathOf(call, this.prefix, [...carried.query, ...(options.query ?? [])]),
        headers: joinCookies([
          ['accept', 'application/json, */*;q=0.5'],
          ...(body === undefined ? [] : [['content-type', body.type] as const]),
          ...call.headers,
          ...added,
        ]),
        ...(body === undefined ? {} : { body: body.text }),
      },
      carried.headers.length + carried.query.length > 0,
      options,
    )
  }

  /** Sends something that the contract does not have; `like` tells which credential an operation would want. */
  async raw(
    identity: Identity | undefined,
    request: Omit<TargetRequest, 'headers'> & { readonly headers?: TargetRequest['headers'] },
    like?: DeclaredOperation,
    options: SendOptions = {},
  ): Promise<Exchange> {
    if (options.token === undefined) await this.freshen(identity)
    const carried = carry(
      identity,
      like ?? { security: [], securityDeclared: false },
      this.schemes,
      options.token,
    )
    const query = carried.query.map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    )
    const path =
      query.length === 0
        ? request.path
        : `${request.path}${request.path.includes('?') ? '&' : '?'}${query.join('&')}`
    const headers = joinCookies([
      ['accept', 'application/json, */*;q=0.5'],
      ...(request.headers ?? []),
      ...carried.headers,
    ])
    return this.#send(
      identity,
      { ...request, path, headers },
      carried.headers.length + query.length > 0,
      options,
    )
  }

  /** One step of a finding, masked. */
  evidence(
    step: string,
    { identity, request, reply, credential }: Exchange,
    relations: StepRelations | undefined,
  ): Evidence {
    const body = request.body === undefined ? undefined : String(request.body).slice(0, 2000)
    return {
      step,
      identity: credential ? identity?.name : undefined,
      method: request.method,
      path: this.mask(request.path).slice(0, 2000),
      headers: request.headers.map(([name, value]) => [name, this.mask(value).slice(0, 600)] as const),
      body: body === undefined ? undefined : this.mask(body),
      status: reply.status,
      reply: maskSecretMembers(this.mask(reply.text)).slice(0, 600),
      sha256: createHash('sha256').update(reply.text).digest('hex'),
      ms: Math.round(reply.ms),
      ...(relations !== undefined && { relations }),
    }
  }

  async #send(
    identity: Identity | undefined,
    request: TargetRequest,
    credential: boolean,
    options: SendOptions,
  ): Promise<Exchange> {
    if (!this.#options.write && !safe.has(request.method) && !this.#cleaning)
      throw new Error(`${request.method} was about to be sent without --write`)
    for (let attempt = 0; ; attempt++) {
      await this.#turn(identity, options.burst === true)
      const reply = await this.#options.client.send(
        request,
        this.#cleaning ? undefined : this.#options.signal,
      )
      if (this.#options.signal.aborted && !this.#cleaning) throw new ProbeStopped('interrupted')
      this.#count(reply)
      this.#options.onReply?.({ identity, request, reply, credential })
      const over = reply.status === 429 || (reply.status === 503 && reply.headers.has('retry-after'))
      if (reply.status === 429) {
        this.throttled += 1
        if (request.method === 'GET') this.throttledReads += 1
      }
      if (
        !over ||
        options.throttled === true ||
        attempt >= (reply.headers.has('retry-after') ? maxRetries : 3)
      )
        return { identity, request, reply, credential }
      const wait = waitOf(reply, attempt)
      // A limit of that one call is not to eat the time of all the others.
      const key = `${request.method} ${(request.path.split('?')[0] ?? '').replaceAll(/[0-9a-z_-]*\d[0-9a-z_-]*/gi, '#')}`
      const waited = this.#waited.get(key) ?? 0
      this.#waited.set(key, waited + wait)
      const patience = this.#options.budget.patience ?? longestWait
      if (wait > patience || (waited + wait > patience && (wait > shortWait || patience < longestWait)))
        return { identity, request, reply, credential }
      this.#waits.set(identity?.name ?? '', performance.now() + wait)
    }
  }

  #count(reply: TargetReply): void {
    this.#failures = reply.failure === undefined ? 0 : this.#failures + 1
    if (this.#failures >= 25 && !this.#cleaning) throw new ProbeStopped('unreachable')
  }

  async #turn(identity: Identity | undefined, burst: boolean): Promise<void> {
    const { budget, signal } = this.#options
    if (!this.#cleaning) {
      if (signal.aborted) throw new ProbeStopped('interrupted')
      if (this.sent >= budget.requests) throw new ProbeStopped('requests')
      if (this.seconds >= budget.seconds) throw new ProbeStopped('seconds')
    }
    const now = performance.now()
    const due = Math.max(burst ? 0 : this.#next, this.#waits.get(identity?.name ?? '') ?? 0)
    if (!burst) this.#next = Math.max(now, this.#next) + 1000 / budget.rate
    if (due > now) {
      const stop = this.#cleaning ? {} : { signal }
      await pause(Math.min(due - now, longestWait), undefined, stop).catch(() => {
        throw new ProbeStopped('interrupted')
      })
    }
    this.sent += 1
    this.#options.onRequest?.(this.sent)
  }
}

function waitOf(reply: TargetReply, attempt: number): number {
  const seconds = Number(reply.headers.get('retry-after'))
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 + 50 : 250 * 2 ** attempt
}
