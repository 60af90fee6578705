import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Attribute {
  readonly type: string
  readonly object?: string
  readonly array?: true
  readonly required?: true
  /** Only where the event says that it has this profile. */
  readonly profile?: string
  readonly enum?: readonly string[]
}

interface Described {
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] }
}

interface Schema {
  readonly version: string
  readonly types: Readonly<
    Record<
      string,
      {
        readonly type?: string
        readonly regex?: string
        readonly range?: readonly [number, number]
        readonly max_len?: number
      }
    >
  >
  readonly classes: Readonly<Record<string, Described & { readonly category: number }>>
  readonly objects: Readonly<Record<string, Described>>
}

/** What of the published OCSF schema Sallyport writes; see `about` in the file. */
export const ocsfSchema: Schema = JSON.parse(
  readFileSync(join(import.meta.dirname, 'ocsf-1.8.0.json'), 'utf8'),
) as Schema

/** What is wrong with an event, one sentence each: attributes, requirements, types, enumerations, profiles, constraints. */
export function ocsfFlaws(event: Readonly<Record<string, unknown>>): string[] {
  const described = ocsfSchema.classes[String(event['class_uid'])]
  if (described === undefined) return [`there is no class ${String(event['class_uid'])}`]
  const { profiles = [] } = (event['metadata'] ?? {}) as { profiles?: readonly string[] }
  const flaws = flawsOf(event, described, new Set(profiles), '')
  if (event['category_uid'] !== described.category) flaws.push('/category_uid is not that of the class')
  if (event['type_uid'] !== Number(event['class_uid']) * 100 + Number(event['activity_id']))
    flaws.push('/type_uid is not class and activity')
  return flaws
}

function flawsOf(
  value: Readonly<Record<string, unknown>>,
  { attributes, constraints }: Described,
  profiles: ReadonlySet<string>,
  at: string,
): string[] {
  const flaws: string[] = []
  for (const [name, member] of Object.entries(value)) {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (attribute === undefined) flaws.push(`${at}/${name} is no attribute`)
    else if (attribute.profile !== undefined && !profiles.has(attribute.profile))
      flaws.push(`${at}/${name} needs profile ${attribute.profile}`)
    else if (attribute.array === true) {
      if (!Array.isArray(member)) flaws.push(`${at}/${name} is no list`)
      else
        for (const [i, one] of member.entries())
          flaws.push(...typeFlaws(one, attribute, profiles, `${at}/${name}/${i}`))
    } else flaws.push(...typeFlaws(member, attribute, profiles, `${at}/${name}`))
  }
  for (const [name, attribute] of Object.entries(attributes))
    if (attribute.required === true && (attribute.profile === undefined || profiles.has(attribute.profile)))
      if (value[name] === undefined) flaws.push(`${at}/${name} is missing`)
  const some = constraints?.at_least_one
  if (some !== undefined && !some.some((name) => value[name] !== undefined))
    flaws.push(`${at} has none of ${some.join(', ')}`)
  const one = constraints?.just_one
  if (one !== undefined && one.filter((name) => value[name] !== undefined).length !== 1)
    flaws.push(`${at} has not one of ${one.join(', ')}`)
  return flaws
}

function typeFlaws(
  value: unknown,
  attribute: Attribute,
  profiles: ReadonlySet<string>,
  at: string,
): string[] {
  const { type: name, object, enum: values } = attribute
  if (name === 'object_t') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no object`]
    const described = ocsfSchema.objects[object ?? '']
    if (described === undefined) return [`${at} is an object that the extract leaves out`]
    // `object` is free in form: what has no place elsewhere.
    return object === 'object'
      ? []
      : flawsOf(value as Readonly<Record<string, unknown>>, described, profiles, at)
  }
  const type = ocsfSchema.types[name] ?? {}
  const base = type.type ?? name
  if (base === 'json_t') return []
  if (base === 'boolean_t') return typeof value === 'boolean' ? [] : [`${at} is no boolean`]
  if (base === 'integer_t' || base === 'long_t') {
    if (!Number.isSafeInteger(value)) return [`${at} is no integer`]
    const [least, most] = type.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    if (Number(value) < least || Number(value) > most) return [`${at} is out of range`]
  } else if (base === 'string_t') {
    if (typeof value !== 'string') return [`${at} is no text`]
    if (value.length > (type.max_len ?? Number.POSITIVE_INFINITY)) return [`${at} is too long`]
    if (type.regex !== undefined && !new RegExp(type.regex).test(value))
      return [`${at} has not the form of ${name}`]
  }
  return values !== undefined && !values.includes(String(value)) ? [`${at} is not among the values`] : []
}
