import type { YamlPlace } from './yaml-place.ts'

/** As much of JSON Schema as the policy's has. */
export interface PolicySchema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, PolicySchema>>
  readonly patternProperties?: Readonly<Record<string, PolicySchema>>
  readonly additionalProperties?: boolean | PolicySchema
  readonly items?: PolicySchema
  readonly anyOf?: readonly PolicySchema[]
  readonly oneOf?: readonly PolicySchema[]
  readonly allOf?: readonly PolicySchema[]
}

export interface Suggestion {
  readonly label: string
  /** What is written. */
  readonly insert: string
  /** `required`, `default`, `for example`; empty where nothing is to be said. */
  readonly note: string
  readonly description: string
}

const most = 40

/** What the schema knows of what can be written there, what begins like it first. */
export function suggestionsAt(schema: PolicySchema, place: YamlPlace): readonly Suggestion[] {
  const there = schemasAt(schema, place.path)
  const all = [...(place.kind === 'key' ? keysOf(there) : []), ...valuesOf(there, place.kind)]
  const wanted = place.prefix.toLowerCase()
  const starts = all.filter(({ label }) => label.toLowerCase().startsWith(wanted))
  const holds = all.filter(({ label }) => label.toLowerCase().indexOf(wanted) > 0)
  return [...new Map([...starts, ...holds].map((one) => [one.label, one])).values()]
    .filter(({ insert }) => insert.trim() !== place.prefix)
    .slice(0, most)
}

function schemasAt(schema: PolicySchema, path: readonly string[]): readonly PolicySchema[] {
  let there = alternatives(schema)
  for (const step of path)
    there = there.flatMap((one) => childrenOf(one, step).flatMap((child) => alternatives(child)))
  return there
}

function alternatives(schema: PolicySchema): readonly PolicySchema[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  return [schema, ...inner.flatMap((one) => alternatives(one))]
}

function childrenOf(schema: PolicySchema, step: string): readonly PolicySchema[] {
  if (step === '*') return schema.items === undefined ? [] : [schema.items]
  const { properties = {}, patternProperties = {}, additionalProperties } = schema
  const named = Object.hasOwn(properties, step) ? properties[step] : undefined
  if (named !== undefined) return [named]
  const fitting = Object.values(patternProperties)
  if (fitting.length > 0) return fitting
  return typeof additionalProperties === 'object' ? [additionalProperties] : []
}

function keysOf(schemas: readonly PolicySchema[]): readonly Suggestion[] {
  return schemas.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([name, of]) => ({
      label: name,
      insert: `${name}: `,
      note: required.includes(name) ? 'required' : defaultOf(of),
      description: of.description ?? '',
    })),
  )
}

function defaultOf({ default: value }: PolicySchema): string {
  return value === undefined || typeof value === 'object' ? '' : `default ${String(value)}`
}

/** Where a name may stand, values are those of a list's items that have no names. */
function valuesOf(schemas: readonly PolicySchema[], kind: YamlPlace['kind']): readonly Suggestion[] {
  return schemas.flatMap((schema) => {
    const { enum: given = [], const: only, type, examples = [], description = '' } = schema
    const suggest = (value: unknown, note = ''): Suggestion => ({
      label: String(value),
      insert: written(value),
      note: value === schema.default ? 'default' : note,
      description,
    })
    const values = [
      ...given.map((value) => suggest(value)),
      ...(only === undefined ? [] : [suggest(only)]),
      ...(type === 'boolean' ? [suggest(true), suggest(false)] : []),
    ]
    if (kind === 'key') return values
    const plain = examples.filter((one) => typeof one !== 'object').map((one) => suggest(one, 'for example'))
    const usual =
      schema.default === undefined || typeof schema.default === 'object' ? [] : [suggest(schema.default)]
    return [...values, ...usual, ...plain]
  })
}

/** A value as YAML has it. */
function written(value: unknown): string {
  const text = String(value)
  return typeof value !== 'string' || /^[A-Za-z./][\w./@-]*$/.test(text) ? text : JSON.stringify(text)
}
