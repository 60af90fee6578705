import type { ReplyRelease } from '../../kernel/reply-release.ts'

/** Two last looks at a reply, one after the other. */
export function inOrder(first: ReplyRelease | undefined, second: ReplyRelease): ReplyRelease {
  if (first === undefined) return second
  return {
    run(status, value, location) {
      const changed = first.run(status, value, location)
      return second.run(status, value, location) || changed
    },
    field: (name, value) => second.field(name, first.field(name, value)),
    blind: (status, mediaType, declared) =>
      first.blind?.(status, mediaType, declared) ?? second.blind?.(status, mediaType, declared),
  }
}
