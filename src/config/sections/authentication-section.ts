import Type, { type Static } from 'typebox'
import { listOf, oneOrMore, text } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { AuthenticationConfig } from '../types/identity-config.ts'

const rule = shape('How, and how recently, callers of some operations must have authenticated (RFC 9470).', {
  for: oneOrMore('Selectors of operations.'),
  maxAge: Type.Optional(
    Type.String({
      format: 'duration',
      description: 'How long ago the person may have authenticated (`auth_time`).',
      examples: ['5min'],
    }),
  ),
  acr: Type.Optional(
    Type.Array(text('An authentication context class.'), {
      minItems: 1,
      description: 'The token’s `acr` must be one of these; told to the client, best first.',
    }),
  ),
  amr: Type.Optional(
    Type.Array(text('An authentication method (RFC 8176).'), {
      minItems: 1,
      description: 'The token’s `amr` must hold all of these.',
      examples: [['mfa']],
    }),
  ),
})

const schema = Type.Array(rule, {
  description:
    'Operations that need fresh or strong authentication. A caller who lacks it gets 401 and is told what to ask the authorization server for.',
  default: [],
})

/** `apis.<name>.authentication`. */
export const authenticationSection: Section<readonly AuthenticationConfig[]> = {
  schema,
  read(raw, pointer, reading) {
    return (raw as Static<typeof schema>).map((entry, index) => {
      const at = `${pointer}/${index}`
      if (entry.maxAge === undefined && entry.acr === undefined && entry.amr === undefined)
        reading.error(
          at,
          'config.authentication',
          'this rule asks for nothing',
          'write `maxAge`, `acr` or `amr`',
        )
      return {
        for: listOf(entry.for),
        maxAge: entry.maxAge === undefined ? undefined : milliseconds(entry.maxAge),
        acr: entry.acr,
        amr: entry.amr,
        pointer: at,
      }
    })
  },
}
