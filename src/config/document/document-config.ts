// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import { configSchema } from '../config-schema.ts'
import { notYet } from '../not-yet.ts'
import { formats } from './words.ts'

interface Described {
  readonly description?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Described[]
  readonly items?: Described
  readonly properties?: Readonly<Record<string, Described>>
  readonly patternProperties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly examples?: readonly unknown[]
}

/** docs/configuration.md: every key, from the schema that validates it. */
export function documentConfig(): string {
  const root = configSchema as Described
  const sections: string[] = []
  describe('', root, '', sections)
  return `${[
    '# Configuration',
    'Everything that `sallyport.yaml` may hold. This page is generated from the schema that validates the file; unknown keys are errors, and each problem is told with its line and column.',
    'Texts may hold `${NAME}` (an environment variable) and `${file:PATH}` (the content of a file, without the newline at its end); one that is missing is an error, and `$${` stands for `${`. Paths are relative to the file.',
    writtenAs(),
    ...sections,
    later(),
  ].join('\n\n')}\n`
}

function writtenAs(): string {
  const rows = [...formats].map(([name, { says, example }]) => `| ${name} | ${says} | \`${example}\` |`)
  return ['| form | is | for example |', '|---|---|---|', ...rows].join('\n')
}

function later(): string {
  const rows = notYet.map(({ pattern, what }) => `| \`${dotted(pattern)}\` | ${what} |`)
  return [
    '## Not supported yet',
    'These are read by the schema and refused with `config.not-supported`, never ignored.',
    ['| key | what |', '|---|---|', ...rows].join('\n'),
  ].join('\n\n')
}

function dotted(pointer: string): string {
  return pointer.slice(1).replaceAll('/*', '.NAME').replaceAll('/', '.')
}

/** One table for each object, then those of the objects in it. */
function describe(path: string, schema: Described, intro: string, sections: string[]): void {
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length === 0) return
  const rows = properties.map(([name, property]) => {
    const required = schema.required?.includes(name) === true ? 'required' : show(property.default)
    return `| \`${name}\` | ${kindOf(property)} | ${required} | ${cell(property)} |`
  })
  const table = ['| key | value | default | |', '|---|---|---|---|', ...rows].join('\n')
  sections.push(
    [path === '' ? '## The file' : `## ${path}`, intro, table].filter((text) => text !== '').join('\n\n'),
  )
  for (const [name, property] of properties) {
    const at = path === '' ? name : `${path}.${name}`
    for (const [suffix, object] of objectsIn(property))
      describe(`${at}${suffix}`, object, object.description ?? '', sections)
  }
}

function objectsIn(schema: Described): [string, Described][] {
  if (schema.properties !== undefined) return [['', schema]]
  if (schema.items !== undefined)
    return objectsIn(schema.items).map(([suffix, object]) => [`[]${suffix}`, object])
  const named = Object.values(schema.patternProperties ?? {}).flatMap((value) =>
    objectsIn(value).map(([suffix, object]): [string, Described] => [`.NAME${suffix}`, object]),
  )
  return [...named, ...(schema.anyOf ?? []).flatMap(objectsIn)]
}

function kindOf(schema: Described): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(' ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(kindOf))].join(' or ')
  if (schema.format !== undefined) return schema.format
  if (schema.patternProperties !== undefined) return 'mapping by name'
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'values' : kindOf(schema.items)}`
  if (schema.type === 'object') return 'mapping'
  if (schema.type === 'string') return 'text'
  return schema.type ?? 'value'
}

function show(value: unknown): string {
  if (value === undefined || JSON.stringify(value) === '{}') return ''
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function cell(schema: Described): string {
  const example = schema.examples?.[0]
  const text = schema.description ?? ''
  const shown =
    example === undefined
      ? text
      : `${text} For example \`${typeof example === 'string' ? example : JSON.stringify(example)}\`.`
  return shown.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
