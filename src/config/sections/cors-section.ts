import Type, { type Static } from 'typebox'
import { duration } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { CorsConfig } from '../types/api-config.ts'

const cors = shape('Browsers of which origins may read replies.', {
  origins: Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1,
    description: 'Exact origins, or `*` alone.',
    examples: [['https://app.travel.example']],
  }),
  credentials: Type.Boolean({
    description: 'Whether cookies and client certificates go along; not with `*`.',
    default: false,
  }),
  headers: Type.Array(Type.String({ pattern: '^[A-Za-z0-9-]+$' }), {
    description: 'Request headers a page may set.',
    default: ['authorization', 'content-type'],
  }),
  expose: Type.Array(Type.String({ pattern: '^[A-Za-z0-9-]+$' }), {
    description: 'Reply headers a page may read.',
    default: [],
  }),
  maxAge: duration('How long a browser may remember the answer.', '10min'),
})

/** `apis.<name>.cors`. */
export const corsSection: Section<CorsConfig> = {
  schema: cors,
  read(raw) {
    const entry = raw as Static<typeof cors>
    return { ...entry, maxAge: milliseconds(entry.maxAge) }
  },
}
