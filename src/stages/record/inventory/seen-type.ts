import type { SeenType } from '../../../kernel/inventory.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const date = /^\d{4}-\d\d-\d\d$/
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/

/** What a text of a query or path looks like. */
export function typeOfText(text: string): SeenType {
  if (/^-?\d{1,15}$/.test(text)) return 'integer'
  if (/^-?\d{1,15}\.\d{1,15}$/.test(text)) return 'number'
  if (text === 'true' || text === 'false') return 'boolean'
  return typeOfString(text)
}

/** What a JSON value is. */
export function typeOfValue(value: unknown): SeenType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'string':
      return typeOfString(value)
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    case 'bigint':
      return 'integer'
    case 'boolean':
      return 'boolean'
    default:
      return typeof value === 'object' ? 'object' : 'unknown'
  }
}

function typeOfString(text: string): SeenType {
  if (text.length > 40) return 'string'
  if (uuid.test(text)) return 'uuid'
  if (date.test(text)) return 'date'
  return dateTime.test(text) ? 'date-time' : 'string'
}

/** One type for two: the one that both are, or the one that holds both. */
export function joinTypes(a: SeenType, b: SeenType): SeenType {
  if (a === b || b === 'unknown' || b === 'null') return a
  if (a === 'unknown' || a === 'null') return b
  const numbers: ReadonlySet<SeenType> = new Set(['integer', 'number'])
  if (numbers.has(a) && numbers.has(b)) return 'number'
  return 'string'
}
