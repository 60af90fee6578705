import type { Deliverer } from '../../../outbound/create-outbound.ts'
import { assertTaken } from '../sinks/delivery-error.ts'

/** An attribute as OTLP's JSON encoding writes it; integers are texts there (64 bits). */
export interface OtlpAttribute {
  readonly key: string
  readonly value:
    | { readonly stringValue: string }
    | { readonly intValue: string }
    | { readonly doubleValue: number }
    | { readonly boolValue: boolean }
}

export interface OtlpResource {
  readonly attributes: readonly OtlpAttribute[]
}

export interface OtlpTarget {
  /** Whole URL, `https://collector:4318/v1/logs`. */
  readonly url: string
  /** Credentials of the collector. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** Undefined where there is no value, or an empty one. */
export function attribute(
  key: string,
  value: string | number | boolean | undefined,
): OtlpAttribute | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string') return { key, value: { stringValue: value } }
  if (typeof value === 'boolean') return { key, value: { boolValue: value } }
  return Number.isInteger(value)
    ? { key, value: { intValue: String(value) } }
    : { key, value: { doubleValue: value } }
}

/** Who sends: name and version of the service, and which of its instances. */
export function resourceOf(name: string, version: string, instance: string): OtlpResource {
  return {
    attributes: [
      attribute('service.name', name),
      attribute('service.version', version),
      attribute('service.instance.id', instance),
    ].filter((one) => one !== undefined),
  }
}

/**
 * POSTs one request in OTLP's JSON encoding; returns how many records the collector rejected of a batch it otherwise took
 * (`partialSuccess`). Throws `DeliveryError` or `OutboundError`.
 */
export async function sendOtlp(
  outbound: Deliverer,
  { url, headers, timeoutMs }: OtlpTarget,
  rejected: 'rejectedLogRecords' | 'rejectedSpans',
  request: object,
): Promise<number> {
  const { status, retryAfterMs, text } = await outbound.deliver({
    url,
    body: JSON.stringify(request),
    headers: { ...headers, 'content-type': 'application/json' },
    timeoutMs,
  })
  assertTaken(status, retryAfterMs)
  return rejectedIn(text, rejected)
}

function rejectedIn(text: string | undefined, member: string): number {
  if (text === undefined || text === '') return 0
  try {
    const reply = JSON.parse(text) as { readonly partialSuccess?: Readonly<Record<string, unknown>> | null }
    const count = Number(reply.partialSuccess?.[member] ?? 0)
    return Number.isSafeInteger(count) && count > 0 ? count : 0
  } catch {
    // A collector that answers in protobuf all the same took the batch.
    return 0
  }
}
