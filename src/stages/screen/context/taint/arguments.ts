import type { Inspected } from '../../../../kernel/facts.ts'

/** Texts of one call that are looked at. */
const mostTexts = 200_000
const deepest = 64
/** A number that could be an account is longer than any amount. */
const smallest = 10_000_000

/** Every text that a call carries where an upstream may look for it: path, query, and the parsed body. */
export function argumentsOf({ params, pairs, input }: Inspected): readonly string[] {
  const texts: string[] = []
  for (const name of Object.keys(params)) texts.push(params[name] as string)
  for (const { value } of pairs) texts.push(value)
  collect(input.value, texts, 0)
  return texts
}

function collect(value: unknown, texts: string[], depth: number): void {
  if (texts.length >= mostTexts || depth > deepest) return
  if (typeof value === 'string') texts.push(value)
  else if (typeof value === 'number' || typeof value === 'bigint') {
    if (value >= smallest) texts.push(String(value))
  } else if (Array.isArray(value)) for (const item of value) collect(item, texts, depth + 1)
  else if (typeof value === 'object' && value !== null)
    for (const name of Object.keys(value)) {
      // A map from addresses to anything names them, too.
      if (name.length > 8) texts.push(name)
      collect((value as Record<string, unknown>)[name], texts, depth + 1)
    }
}
