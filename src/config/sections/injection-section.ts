import Type, { type Static } from 'typebox'
import { listOf, oneOrMore, text } from '../document/words.ts'
import type { Section } from '../reading.ts'
import { shape } from '../shape.ts'
import {
  type InjectionClassName,
  type InjectionConfig,
  injectionClassNames,
} from '../types/injection-config.ts'

const exception = shape('A class of attacks that does not count at one place.', {
  for: oneOrMore(
    'Selectors: `*`, an operationId, `tag:NAME`, `METHOD /path/template`, `/path/prefix/**`, `schema:NAME`, or a list. One that selects nothing is an error.',
  ),
  pointer: Type.String({
    pattern: '^/(?:path|query|header|cookie|body)(?:/.*)?$',
    description: 'Where: JSON pointer into the request; array indexes and undeclared names are `*`.',
    examples: ['/body/comment', '/query/q', '/body/items/*/html'],
  }),
  class: Type.Enum([...injectionClassNames] as InjectionClassName[], {
    description: 'Which kind of attack is let pass there.',
  }),
  reason: text('Why it is safe: what the upstream does with it.', {
    examples: ['shown as text only; the renderer escapes'],
  }),
})

const threshold = (description: string) =>
  Type.Enum(['strict', 'balanced', 'lenient'] as ('strict' | 'balanced' | 'lenient')[], { description })

const operations = shape('How sure a finding must be on some operations.', {
  for: oneOrMore('Selectors of the operations. One that selects nothing is an error.'),
  threshold: threshold('`strict`, `balanced` or `lenient`, for these.'),
})

const injection = shape('How attacks in values are looked for (control `injection`).', {
  threshold: Type.Enum(['strict', 'balanced', 'lenient'] as ('strict' | 'balanced' | 'lenient')[], {
    description:
      'How sure a finding must be: `strict` also refuses what only looks like an attack, `lenient` only what cannot be anything else.',
    default: 'balanced',
  }),
  effort: Type.Integer({
    minimum: 10,
    maximum: 400,
    description:
      'Looks that the scan may take at each byte of a request, readings times detectors. What would cost more is refused: made to be slow, honest texts need about half of this at most.',
    default: 48,
  }),
  operations: Type.Array(operations, {
    description: 'Thresholds of single operations; the first that selects an operation counts.',
    default: [],
  }),
  exceptions: Type.Array(exception, {
    description: 'Places where a class of attacks is expected, such as SQL in an API for queries.',
    default: [],
  }),
})

/** `apis.<name>.injection`. */
export const injectionSection: Section<InjectionConfig> = {
  schema: { ...injection, default: {} } as typeof injection,
  read(raw, pointer) {
    const entry = raw as Static<typeof injection>
    return {
      threshold: entry.threshold,
      effort: entry.effort,
      operations: entry.operations.map((one, index) => ({
        for: listOf(one.for),
        threshold: one.threshold,
        pointer: `${pointer}/operations/${index}`,
      })),
      exceptions: entry.exceptions.map((one, index) => ({
        for: listOf(one.for),
        place: one.pointer.replace(/\/$/, ''),
        class: one.class,
        reason: one.reason,
        pointer: `${pointer}/exceptions/${index}`,
      })),
    }
  },
}
