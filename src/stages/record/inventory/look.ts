import type { Arrived, Inspected, Matched, Progress, Reply } from '../../../kernel/facts.ts'
import type { Operation } from '../../../kernel/operation.ts'
import type { QueryPair } from '../../../kernel/query.ts'
import type { Looked } from './looked.ts'

/** Query parameters of one call that are looked at. */
const mostParameters = 32
/** Replies that are larger are not looked into. */
const mostBytes = 32_768
/** Of an operation the first calls are looked into, then one of so many. */
const firstCalls = 16
const oneOf = 64
/** Bodies that may wait to be looked at, over all calls. */
const mostWaiting = 4

/** Takes what the inventory needs of a call: on the hot path, so only names of undeclared parameters nearly always. */
export interface Looker {
  /** Undefined where there is nothing to look at. */
  take(progress: Progress, reply: Reply | undefined): Looked | undefined
  /** A body that was taken has been looked at. */
  done(looked: Looked): void
  /** Bodies of calls that were lost on their way are waited for no longer. */
  reset(): void
}

interface Known {
  readonly operation: Operation
  /** Names of declared query parameters. */
  readonly declared: ReadonlySet<string>
  calls: number
}

export function createLooker(): Looker {
  const known: Known[] = []
  let waiting = 0

  function of(operation: Operation): Known {
    const one = known[operation.slot]
    if (one !== undefined && one.operation === operation) return one
    const declared = new Set(
      operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
    )
    const made = { operation, declared, calls: 0 }
    known[operation.slot] = made
    return made
  }

  return {
    take(progress, reply) {
      const operation = (progress as Partial<Matched>).operation
      if (operation === undefined) return unmatched(progress)
      const one = of(operation)
      const parameters = progress.pairs.length === 0 ? none : undeclared(progress.pairs, one.declared)
      const turn = one.calls++
      if ((turn >= firstCalls && turn % oneOf !== 0) || waiting >= mostWaiting)
        return parameters.length === 0 ? undefined : { ...nothing, parameters }
      const input = (progress as Partial<Inspected>).input
      const bytes = bytesOf(reply)
      if (input?.value === undefined && bytes === undefined && parameters.length === 0) return undefined
      waiting++
      return {
        parameters,
        presented: undefined,
        mediaType: input?.mediaType,
        request: input?.value,
        reply: bytes,
        replyType: bytes === undefined ? undefined : typeOf(reply),
      }
    },
    done({ request, reply }) {
      if (request !== undefined || reply !== undefined) waiting = Math.max(0, waiting - 1)
    },
    reset() {
      waiting = 0
    },
  }
}

const none: Looked['parameters'] = Object.freeze([])
const nothing: Looked = Object.freeze({
  parameters: none,
  presented: undefined,
  mediaType: undefined,
  request: undefined,
  reply: undefined,
  replyType: undefined,
})

function undeclared(pairs: readonly QueryPair[], declared: ReadonlySet<string>): Looked['parameters'] {
  let found: { name: string; value: string }[] | undefined
  for (let i = 0; i < pairs.length && i < mostParameters; i++) {
    const { name, value } = pairs[i] as QueryPair
    if (declared.has(name)) continue
    const bracket = name.indexOf('[')
    if (bracket > 0 && declared.has(name.slice(0, bracket))) continue
    found ??= []
    found.push({ name, value })
  }
  return found ?? none
}

function unmatched(arrived: Arrived): Looked {
  const type = arrived.fields.get('content-type')
  return {
    ...nothing,
    parameters: arrived.pairs.slice(0, mostParameters),
    presented: presentedIn(arrived),
    mediaType: type === undefined ? undefined : type.slice(0, 100),
  }
}

const schemes: ReadonlySet<string> = new Set([
  'bearer',
  'basic',
  'dpop',
  'digest',
  'negotiate',
  'hmac',
  'apikey',
])

/** A scheme by its name, or the kind of field; never a credential. */
function presentedIn({ fields, channel }: Arrived): string {
  const authorization = fields.get('authorization')
  if (authorization !== undefined) {
    const scheme = authorization.slice(0, 12).split(' ', 1)[0]?.toLowerCase() ?? ''
    return schemes.has(scheme) ? scheme : 'other'
  }
  if (fields.has('x-api-key')) return 'api-key'
  if (channel.certificate !== undefined) return 'certificate'
  return fields.has('cookie') ? 'cookie' : 'none'
}

function bytesOf(reply: Reply | undefined): Uint8Array | undefined {
  if (reply === undefined || reply.status < 200 || reply.status >= 300) return undefined
  const { body } = reply
  if (!(body instanceof Uint8Array) || body.length === 0 || body.length > mostBytes) return undefined
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(typeOf(reply) ?? '') ? body : undefined
}

function typeOf(reply: Reply | undefined): string | undefined {
  const fields = reply?.fields ?? []
  for (let i = 0; i + 1 < fields.length; i += 2)
    if (fields[i]?.toLowerCase() === 'content-type') return fields[i + 1]
  return undefined
}
