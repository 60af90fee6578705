const reading = /(?<![\w.'"\]])response((?:\.[A-Za-z_]\w*|\['[^'\\]+'\]|\["[^"\\]+"\])*)/g
const step = /\.([A-Za-z_]\w*)|\['([^'\\]+)'\]|\["([^"\\]+)"\]/g

/**
 * Members of the reply that expressions read, as paths: `response.user.id` → `[user, id]`. They tell where in the contract
 * the objects stand; a path too many only makes more schemas be looked at.
 */
export function ownerPaths(...sources: readonly (string | undefined)[]): readonly (readonly string[])[] {
  const paths = new Map<string, readonly string[]>()
  for (const source of sources)
    for (const [, steps = ''] of (source ?? '').matchAll(reading)) {
      const path = [...steps.matchAll(step)].map(
        ([, dotted, single, double]) => dotted ?? single ?? double ?? '',
      )
      if (path.length > 0) paths.set(path.join('\0'), path)
    }
  return [...paths.values()]
}
