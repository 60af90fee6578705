import { isRecord } from './json-rpc.ts'

/** Where what is known of texts stands in a result: the object that REST callers get as `$context`. */
export const contextKey = 'dev.sallyport/context'
/** What the gate alone says. */
const own = 'dev.sallyport/'

/** Results that hold texts for a model. */
const telling = new Set(['tools/call', 'resources/read', 'prompts/get'])

/**
 * A message of a server with what the gate knows of its texts. What a server writes under the gate's own names is gone wherever
 * it stands: nobody vouches for himself.
 */
export function withContext(
  method: string,
  message: Readonly<Record<string, unknown>>,
  context: object | undefined,
): Readonly<Record<string, unknown>> {
  const plain = withoutForged(message) as Readonly<Record<string, unknown>>
  const { result } = plain
  if (context === undefined || !telling.has(method) || !isRecord(result)) return plain
  const meta = isRecord(result['_meta']) ? result['_meta'] : {}
  return { ...plain, result: { ...result, _meta: { ...meta, [contextKey]: context } } }
}

/** The same value where there is nothing to take out. */
function withoutForged(value: unknown): unknown {
  if (Array.isArray(value)) {
    const left = value.map(withoutForged)
    return left.some((one, i) => one !== value[i]) ? left : value
  }
  if (!isRecord(value)) return value
  let changed = false
  const left: [string, unknown][] = []
  for (const [name, member] of Object.entries(value)) {
    if (name.toLowerCase().startsWith(own)) {
      changed = true
      continue
    }
    const kept = withoutForged(member)
    if (kept !== member) changed = true
    left.push([name, kept])
  }
  return changed ? Object.fromEntries(left) : value
}

const envelopeType = 'application/vnd.sallyport.context+json'

/** A reply in the envelope as what it holds, and what is known of it; others as they are. */
export function openEnvelope(
  text: string,
  type: string | undefined,
): { readonly message: unknown; readonly context: object | undefined } {
  const value = JSON.parse(text) as unknown
  if (type !== envelopeType || !isRecord(value)) return { message: value, context: undefined }
  const context = value['$context']
  if (!isRecord(context)) return { message: value['data'], context: undefined }
  // It signs the octets of another place.
  const { signature: _signature, ...rest } = context
  return { message: value['data'], context: rest }
}
