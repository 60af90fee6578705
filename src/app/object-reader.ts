import type { Incoming } from '../kernel/body.ts'
import type { Inspected } from '../kernel/facts.ts'
import { denialOf } from '../kernel/fault.ts'
import { Fields } from '../kernel/fields.ts'
import type { Operation } from '../kernel/operation.ts'
import { type Denial, deny, isDenied } from '../kernel/verdict.ts'
import { parseJson, printableValue } from '../media/json.ts'
import { isJsonType, parseMediaType } from '../media/media-type.ts'
import type { ObjectReader, ReadReply } from '../stages/authorize/options.ts'
import type { Forward } from '../stages/forward/forward.ts'
import { plainBytes } from '../stages/screen/plain-bytes.ts'
import type { PolicyApi } from './policy/policy.ts'

/** Longest time that a write waits for the read before it, in milliseconds. */
const deadlineMs = 5_000
const limits = { depth: 64, members: 100_000 }

/** Fields of a write that do not belong to the read before it. */
const dropped =
  /^(?:content-.*|if-.*|range|accept|expect|prefer|idempotency-key|x-http-method(?:-override)?|x-method-override)$/

const noBody: Incoming = {
  declared: undefined,
  present: false,
  read: () => Promise.resolve(new Uint8Array()),
  stream: () => {
    throw new Error('a read has no body')
  },
}

/** Reads nothing: `explain` says what would be read, and stops there. */
export const passiveReader: ObjectReader = {
  read: (_call, operation) =>
    Promise.resolve(
      deny('GATEWAY_DRAINING', 'explain', `${operation.method} ${operation.template} would be read first`),
    ),
}

/** Reads objects through the API's own forward stage: same pool, same credentials, same assertion of who calls. */
export function createObjectReader(
  apis: readonly PolicyApi[],
  forwardOf: (api: string) => Forward | undefined,
): ObjectReader {
  const byName = new Map(apis.map((api) => [api.config.name, api]))
  return {
    async read(call, operation, params) {
      const api = byName.get(operation.api)
      const forward = forwardOf(operation.api)
      if (api === undefined || forward === undefined)
        return deny('GATEWAY_FAULT', 'authorize.read', 'API without an upstream')
      const waited = AbortSignal.timeout(Math.min(deadlineMs, api.config.upstream.timeout))
      try {
        const reading = readingOf(call, operation, params, api.basePath, waited)
        const reply = await readReply(forward, reading, api.config.bounds.responseBody)
        return waited.aborted ? late() : reply
      } catch (thrown) {
        return waited.aborted ? late() : denialOf(thrown)
      }
    },
  }
}

function late(): Denial {
  return deny('FORWARD_TIMEOUT', 'authorize.read', 'the object could not be read in time')
}

/** The GET that stands before the write. */
function readingOf(
  call: Inspected,
  operation: Operation,
  params: Readonly<Record<string, string>> | undefined,
  basePath: string,
  waited: AbortSignal,
): Inspected {
  const kept: string[] = ['accept', 'application/json']
  const { flat } = call.fields
  for (let i = 0; i < flat.length; i += 2)
    if (!dropped.test(flat[i] as string)) kept.push(flat[i] as string, flat[i + 1] as string)
  const same = operation === call.operation
  return {
    ...call,
    method: 'GET',
    path: params === undefined ? call.path : basePath + filled(operation.template, params),
    query: same ? call.query : '',
    pairs: same ? call.pairs : [],
    operation,
    params: params ?? call.params,
    fields: new Fields(kept),
    body: noBody,
    upgrade: undefined,
    input: { value: undefined, body: undefined, mediaType: undefined },
    signal: AbortSignal.any([call.signal, waited]),
  }
}

/** The template with its parameters; authorize has seen to it that they are single segments. */
function filled(template: string, params: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([^{}]+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''))
}

async function readReply(
  forward: Forward,
  reading: Inspected,
  maxBytes: number,
): Promise<ReadReply | Denial> {
  const answer = await forward.run(reading)
  if (isDenied(answer)) return answer
  const { status } = answer
  const essence = parseMediaType(answer.fields.get('content-type') ?? '')?.essence
  const bytes = await plainBytes(answer, maxBytes)
  if (!(bytes instanceof Uint8Array)) return bytes
  const contract = reading.operation.output.find(status, essence)
  const json = essence !== undefined && isJsonType(essence) ? parseJson(bytes, limits) : 'another type'
  if (typeof json === 'string') return { status, json: false, contract, value: undefined, exact: undefined }
  return { status, json: true, contract, value: json.value, exact: printableValue(json) }
}
