import { compilePattern } from '../pattern/pattern.ts'
import { isObject, isSchema, type JsonObject } from '../schema.ts'

/** What is wrong with one keyword. */
export interface KeywordProblem {
  readonly pointer: string
  readonly message: string
  readonly severity: 'error' | 'warning'
  readonly fix?: string
}

type Check = (value: unknown) => string | undefined

const types = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'])
const number: Check = (v) => (typeof v === 'number' && Number.isFinite(v) ? undefined : 'must be a number')
const count: Check = (v) =>
  typeof v === 'number' && Number.isInteger(v) && v >= 0 ? undefined : 'must be a whole number, 0 or more'
const boolean: Check = (v) => (typeof v === 'boolean' ? undefined : 'must be true or false')
const string: Check = (v) => (typeof v === 'string' ? undefined : 'must be a string')
const list: Check = (v) => (Array.isArray(v) ? undefined : 'must be a list')
const schema: Check = (v) => (isSchema(v) ? undefined : 'must be a schema')
const schemas: Check = (v) => {
  if (!Array.isArray(v) || v.length === 0 || !v.every(isSchema)) return 'must be a list of schemas, not empty'
  return v.length > maxList ? `lists more than ${maxList} schemas` : undefined
}
/** More than these compile in quadratic time. */
const maxList = 1_000
const maxMap = 300
const small =
  (check: Check): Check =>
  (v) =>
    check(v) ?? (Object.keys(v as JsonObject).length > maxMap ? `has more than ${maxMap} members` : undefined)
const schemaMap: Check = (v) =>
  isObject(v) && Object.values(v).every(isSchema) ? undefined : 'must map names to schemas'
const strings: Check = (v) =>
  Array.isArray(v) && v.every((s) => typeof s === 'string') ? undefined : 'must be a list of strings'
const stringsMap: Check = (v) =>
  isObject(v) && Object.values(v).every((s) => strings(s) === undefined)
    ? undefined
    : 'must map names to lists of names'
const type: Check = (v) => {
  const words = Array.isArray(v) ? v : [v]
  return words.length > 0 && words.every((t) => typeof t === 'string' && types.has(t))
    ? undefined
    : `must be one of ${[...types].join(', ')}, or a list of them`
}
const multiple: Check = (v) =>
  typeof v === 'number' && v > 0 && Number.isFinite(v) ? undefined : 'must be a number above 0'
const pattern: Check = (v) => {
  if (typeof v !== 'string') return 'must be a regular expression'
  const compiled = compilePattern(v)
  return typeof compiled === 'string' ? compiled : undefined
}
const patternMap: Check = (v) => {
  const wrong = schemaMap(v)
  if (wrong !== undefined) return wrong
  for (const key of Object.keys(v as JsonObject)) {
    const problem = pattern(key)
    if (problem !== undefined) return problem
  }
  return undefined
}

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['type', type],
  ['enum', list],
  ['multipleOf', multiple],
  ['minimum', number],
  ['maximum', number],
  ['exclusiveMinimum', number],
  ['exclusiveMaximum', number],
  ['minLength', count],
  ['maxLength', count],
  ['minItems', count],
  ['maxItems', count],
  ['minProperties', count],
  ['maxProperties', count],
  ['minContains', count],
  ['maxContains', count],
  ['uniqueItems', boolean],
  ['pattern', pattern],
  ['format', string],
  ['required', strings],
  ['properties', schemaMap],
  ['patternProperties', small(patternMap)],
  ['additionalProperties', schema],
  ['unevaluatedProperties', schema],
  ['propertyNames', schema],
  ['dependentRequired', small(stringsMap)],
  ['dependentSchemas', small(schemaMap)],
  ['items', schema],
  ['prefixItems', schemas],
  ['unevaluatedItems', schema],
  ['contains', schema],
  ['allOf', schemas],
  ['anyOf', schemas],
  ['oneOf', schemas],
  ['not', schema],
  ['if', schema],
  ['then', schema],
  ['else', schema],
  ['readOnly', boolean],
  ['writeOnly', boolean],
  ['$ref', string],
  ['$dynamicRef', string],
])

/** Mistakes that many documents carry and that have one harmless reading: the keyword says nothing. */
const forgiven: ReadonlyMap<string, (value: unknown) => boolean> = new Map<
  string,
  (value: unknown) => boolean
>([
  ['required', (v) => typeof v === 'boolean'],
  ['readOnly', () => true],
  ['writeOnly', () => true],
  ['format', () => true],
])

/**
 * Checks each keyword of one 2020-12 schema object, so that what is compiled later cannot fail. A forgiven
 * mistake is a warning and its keyword is removed.
 */
export function checkSchema(node: JsonObject): readonly KeywordProblem[] {
  let problems: KeywordProblem[] | undefined
  for (const keyword in node) {
    const message = checks.get(keyword)?.(node[keyword])
    if (message === undefined) continue
    problems ??= []
    const severity = forgiven.get(keyword)?.(node[keyword]) === true ? 'warning' : 'error'
    problems.push({ pointer: `/${keyword}`, message: `\`${keyword}\` ${message}`, severity })
    delete node[keyword]
  }
  return problems ?? none
}

const none: readonly KeywordProblem[] = []
