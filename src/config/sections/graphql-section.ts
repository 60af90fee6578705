import Type, { type Static } from 'typebox'
import { listOf, oneOrMore } from '../document/words.ts'
import type { Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { GraphqlConfig } from '../types/api-config.ts'

const count = (description: string, value: number, maximum: number) =>
  Type.Integer({ minimum: 1, maximum, description, default: value })

const graphql = shape('What one GraphQL request may ask for.', {
  for: Type.Optional(
    oneOrMore(
      'Selectors of the operations that take GraphQL. Those that the contract marks (`x-sallyport: { graphql: true }`) or that take `application/graphql` do anyway.',
    ),
  ),
  depth: count('Fields inside fields.', 12, 100),
  aliases: count('Fields under another name.', 20, 10_000),
  cost: count(
    'Fields to be answered; those of a list count as often as `first`, `last`, `limit` and their kin ask for.',
    5_000,
    100_000_000,
  ),
  tokens: count('Words and signs of a document.', 2_000, 100_000),
  batch: count('Requests in one body.', 1, 1_000),
  introspection: Type.Boolean({
    description: 'Whether callers may ask what the schema is.',
    default: false,
  }),
})

/** `apis.<name>.graphql`. */
export const graphqlSection: Section<GraphqlConfig> = {
  schema: { ...graphql, default: {} } as typeof graphql,
  read(raw, pointer) {
    const { for: selectors, ...limits } = raw as Static<typeof graphql>
    return { for: selectors === undefined ? [] : listOf(selectors), ...limits, pointer }
  },
}
