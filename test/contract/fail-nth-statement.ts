import type { Kysely, KyselyPlugin } from 'kysely'

/** A database whose `nth` statement (from 1) fails, as one does that is full, locked or gone. */
export function failNthStatement(db: Kysely<unknown>, nth: number): Kysely<unknown> {
  let statements = 0
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (++statements === nth) throw new Error('statement failed')
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  return db.withPlugin(plugin)
}
