import type { Reply } from '../../kernel/facts.ts'

/** The first value of a field of a reply, by lower-case name. */
export function valueOfField(reply: Pick<Reply, 'fields'>, name: string): string | undefined {
  for (let i = 0; i < reply.fields.length; i += 2)
    if (reply.fields[i]?.toLowerCase() === name) return reply.fields[i + 1]
  return undefined
}
