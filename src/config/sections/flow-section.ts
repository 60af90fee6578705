import Type, { type Static, type TSchema } from 'typebox'
import { duration, listOf, namePattern, oneOrMore } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { FlowConfig } from '../types/api-config.ts'
import { pointerToken } from '../yaml/yaml-document.ts'

const flow = shape('Operations that a caller takes in order.', {
  steps: Type.Array(oneOrMore('Selector of the step’s operations, or a list of them.') as TSchema, {
    minItems: 2,
    maxItems: 32,
    description:
      'The steps. One without the step before it is refused with 409; the last one uses up the step before it.',
    examples: [['search', 'quote', 'createBooking']],
  }),
  pace: duration('Least time between two steps, as a human takes it; faster is 429.', '0s'),
  within: duration('How long after a step the next one may come.', '15min'),
  mode: Type.Optional(
    Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
      description: 'How this flow acts, where it differs from the control `function`.',
    }),
  ),
})

const schema = Type.Record(Type.String({ pattern: namePattern }), flow, {
  additionalProperties: false,
  description: 'Flows of business that bots would shorten (OWASP API6), by a name of your choice.',
  default: {},
})

/** `apis.NAME.flows`. */
export const flowSection: Section<readonly FlowConfig[]> = {
  schema,
  read: (raw, pointer) =>
    Object.entries(raw as Static<typeof schema>).map(([name, entry]) => ({
      name,
      steps: (entry.steps as readonly (string | readonly string[])[]).map(listOf),
      pace: milliseconds(entry.pace),
      within: milliseconds(entry.within),
      mode: entry.mode,
      pointer: `${pointer}/${pointerToken(name)}`,
    })),
}
