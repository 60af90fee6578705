import Type, { type Static } from 'typebox'
import { size } from '../document/words.ts'
import { bytes, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { CallBoundConfig } from '../types/api-config.ts'

const bounds = shape('What one call may carry.', {
  requestBody: size('Bytes of a request body; then 413.', '1MiB'),
  responseBody: size('Bytes of a reply that is screened; then 502.', '8MiB'),
  depth: Type.Integer({ minimum: 1, maximum: 512, description: 'Nesting of JSON.', default: 64 }),
  keys: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    description: 'Members of one JSON object; more where the contract declares more.',
    default: 1_000,
  }),
  items: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    description: 'Elements of one JSON array; more where the contract’s `maxItems` says so.',
    default: 10_000,
  }),
  string: size(
    'Length of one JSON string as written; more where the contract’s `maxLength` says so.',
    '1MiB',
  ),
  digits: Type.Integer({
    minimum: 16,
    maximum: 10_000,
    description:
      'Characters of one JSON number as written. Numbers beyond a double are refused whatever this says.',
    default: 128,
  }),
  parts: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    description: 'Parts of a multipart body.',
    default: 200,
  }),
})

/** `apis.<name>.bounds`. */
export const boundsSection: Section<CallBoundConfig> = {
  schema: { ...bounds, default: {} } as typeof bounds,
  read(raw) {
    const entry = raw as Static<typeof bounds>
    return {
      ...entry,
      requestBody: bytes(entry.requestBody),
      responseBody: bytes(entry.responseBody),
      string: bytes(entry.string),
    }
  },
}
