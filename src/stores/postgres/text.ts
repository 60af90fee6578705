// PostgreSQL keeps every text but one with a NUL. A caller may send one, and it must be found again as it was.
const mark = '\u001b'

/** A parameter as it is stored: a NUL is written as ESC 0, and an ESC as ESC 1. Lists value by value. */
export function writeValue(value: unknown): unknown {
  if (typeof value === 'string')
    return value.includes('\0') || value.includes(mark)
      ? value.replaceAll(mark, `${mark}1`).replaceAll('\0', `${mark}0`)
      : value
  return Array.isArray(value) ? value.map(writeValue) : value
}

/** A text as it was given. */
export function readText(stored: string): string {
  if (!stored.includes(mark)) return stored
  return stored.replaceAll(`${mark}0`, '\0').replaceAll(`${mark}1`, mark)
}
