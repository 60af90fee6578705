import Type, { type TObject, type TProperties, type TSchema } from 'typebox'
import type { Finding, Place } from '../kernel/finding.ts'
import { findRuleDoors } from './consistent/open-doors.ts'
import { namePattern } from './document/words.ts'
import { findNotYet } from './not-yet.ts'
import { Reading } from './reading.ts'
import { contentRule, contentSection } from './sections/content-section.ts'
import { limitShape, limitsSection } from './sections/limit-section.ts'
import { functionsSection, objectsSection, propertiesSection, ruleShapes } from './sections/rules-section.ts'
import { fillDefaults, shape } from './shape.ts'
import type { ContentConfig } from './types/content-config.ts'
import type { LimitConfig } from './types/limit-config.ts'
import type { FunctionConfig, ObjectConfig, PropertyConfig } from './types/security-config.ts'
import { compileShape } from './validate-config.ts'
import type { YamlDocument } from './yaml/yaml-document.ts'

/** One `x-sallyport` of a contract. */
export interface ContractExtension {
  readonly on: 'operation' | 'parameter' | 'schema' | 'property'
  /** Operation: its id, which is a selector. Parameter: `path.bookingId`. Schema: its name. Property: `Schema.property`. */
  readonly name: string
  /** Parameter: selectors of the operations that have it; empty: every operation that has one of this name. */
  readonly operations: readonly string[]
  readonly value: Readonly<Record<string, unknown>>
  /** Place of a part of it, by its JSON pointer below the extension. */
  place(below: string): Place
}

/** Rules of one `x-sallyport`, as if `sallyport.yaml` held them. Pointers begin with `pointer`. */
export interface ContractRules {
  readonly functions: readonly FunctionConfig[]
  readonly objects: readonly ObjectConfig[]
  readonly properties: readonly PropertyConfig[]
  readonly limits: readonly LimitConfig[]
  readonly content: readonly ContentConfig[]
  readonly findings: readonly Finding[]
}

/** All keys of a shape but those that the place in the contract tells. */
function without(object: TObject, ...keys: readonly string[]): TProperties {
  return Object.fromEntries(Object.entries(object.properties).filter(([key]) => !keys.includes(key)))
}

const objectKeys = without(ruleShapes.object, 'for')
const objects = Type.Optional(
  Type.Record(Type.String({ pattern: namePattern }), shape('An object type.', objectKeys), {
    additionalProperties: false,
  }),
)
const { trust, ...how } = without(contentRule, 'for', 'detector')
/** Whose texts the replies hold: `trust`, and what is done about them. */
const content: TProperties = {
  ...Object.fromEntries(Object.entries(how).map(([key, type]) => [key, Type.Optional(type)])),
  ...(trust !== undefined && { trust: Type.Optional(trust) }),
}
const objectName = Type.Optional(Type.String({ pattern: namePattern }))

const schemas: Readonly<Record<ContractExtension['on'], TSchema>> = {
  operation: shape('Rules of an operation.', {
    allow: Type.Optional(Type.String({ minLength: 1 })),
    functions: Type.Optional(Type.Array(shape('Who may call it.', without(ruleShapes.function, 'for')))),
    objects,
    limits: Type.Optional(Type.Array(shape('A budget of its calls.', without(limitShape, 'for')))),
    websocket: Type.Optional(Type.Boolean()),
    graphql: Type.Optional(Type.Boolean()),
    expose: Type.Optional(Type.Literal('mcp')),
    ...content,
  }),
  parameter: shape('The object that a parameter names.', {
    object: objectName,
    ...without(ruleShapes.object, 'for', 'id'),
  }),
  schema: shape('The objects of a component schema.', { object: objectName, objects }),
  property: shape('Who may read and write a property.', {
    object: objectName,
    ...without(ruleShapes.property),
  }),
}

const validators = new Map<ContractExtension['on'], ReturnType<typeof compileShape>>()

/** Reads one `x-sallyport`. Whatever is wrong with it is a finding at its place; `sallyport.yaml` goes before it elsewhere. */
export function readContractRules(api: string, extension: ContractExtension, pointer: string): ContractRules {
  const { on } = extension
  const reading = new Reading(documentOf(extension, pointer), '/', new Set())
  let validate = validators.get(on)
  if (validate === undefined) {
    validate = compileShape(schemas[on])
    validators.set(on, validate)
  }
  const none = { functions: [], objects: [], properties: [], limits: [], content: [] }
  const raw = listed(structuredClone(extension.value))
  const wrong = [
    ...validate(raw, reading),
    ...findNotYet({ apis: { '*': raw } }, reading.document),
    ...tokens(raw, extension),
    ...halfTrust(raw, extension),
  ]
  if (wrong.length > 0) return { ...none, findings: wrong }
  fillDefaults(schemas[on], raw)
  const rules = { ...none, ...rulesOf(extension, raw, pointer, reading) }
  findRuleDoors({ name: api, ...rules }, reading)
  return { ...rules, findings: reading.findings }
}

type Raw = Record<string, unknown>

function rulesOf(
  { on, name, operations }: ContractExtension,
  raw: Raw,
  pointer: string,
  reading: Reading,
): Partial<ContractRules> {
  const objectsOf = (map: unknown, more: Raw): readonly ObjectConfig[] => {
    const entries = Object.entries((map ?? {}) as Record<string, Raw>)
    const rules = Object.fromEntries(entries.map(([type, rule]) => [type, { ...more, ...rule }]))
    return objectsSection.read(rules, `${pointer}/objects`, reading)
  }
  switch (on) {
    case 'operation': {
      const shorthand = raw['allow'] === undefined ? [] : [{ allow: raw['allow'] }]
      const functions = [...shorthand, ...((raw['functions'] as Raw[] | undefined) ?? [])]
      const limits = (raw['limits'] as Raw[] | undefined) ?? []
      return {
        functions: functionsSection.read(
          functions.map((rule) => ({ ...rule, for: name })),
          `${pointer}/functions`,
          reading,
        ),
        objects: objectsOf(raw['objects'], { for: [name] }),
        limits: limitsSection.read(
          limits.map((rule) => ({ ...rule, for: name })),
          `${pointer}/limits`,
          reading,
        ),
        content: contentOf(raw, name, pointer, reading),
      }
    }
    case 'parameter': {
      const { object, ...rule } = raw
      // The type of an id alone is no rule.
      if (Object.keys(rule).length === 0) return {}
      const type = typeof object === 'string' ? object : typeOf(name)
      const places = operations.length === 0 ? {} : { for: operations }
      return { objects: objectsOf({ [type]: rule }, { id: name, ...places }) }
    }
    case 'schema':
      return { objects: objectsOf(raw['objects'], { schema: name }) }
    case 'property': {
      const { object: _object, ...rule } = raw
      return { properties: propertiesSection.read({ [name]: rule }, pointer, reading) }
    }
  }
}

/** The content rule of an operation; none where it says nothing of trust. */
function contentOf(raw: Raw, name: string, pointer: string, reading: Reading): readonly ContentConfig[] {
  if (raw['trust'] === undefined) return []
  const rule = Object.fromEntries(
    contentKeys.flatMap((key) => (raw[key] === undefined ? [] : [[key, raw[key]]])),
  )
  const read = contentSection.read([{ hosts: [], envelope: false, ...rule, for: name }], pointer, reading)
  return read.map((one) => ({ ...one, pointer }))
}

const contentKeys = ['trust', 'mode', 'hosts', 'envelope', 'buffer'] as const

/** `mode` without `trust` says nothing. */
function halfTrust(raw: Raw, { on, place }: ContractExtension): readonly Finding[] {
  if (on !== 'operation' || raw['trust'] !== undefined) return []
  return contentKeys
    .filter((key) => raw[key] !== undefined)
    .map((key) => ({
      rule: 'config.content',
      severity: 'error' as const,
      message: `\`${key}\` without \`trust\` says nothing`,
      place: place(`/${key}`),
      fix: 'write whose texts the replies hold: `trust: user-generated`',
    }))
}

/** `path.bookingId` → `booking`: the name of the rule where none is written. */
function typeOf(parameter: string): string {
  const name = parameter.replace(/^[a-z]+(?:\.|\[['"])|['"]\]$/g, '')
  const type = name.replace(/[_-]?id$/i, '').replace(/[^A-Za-z0-9_-]/g, '')
  return /^[A-Za-z]/.test(type) ? type.slice(0, 64) : 'object'
}

/** One rule may stand where a list of them may. */
function listed(raw: Raw): Raw {
  for (const key of ['functions', 'limits'] as const) {
    const value = Object.hasOwn(raw, key) ? raw[key] : undefined
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) raw[key] = [value]
  }
  return raw
}

/** Nothing is put into a contract's texts, so a credential there would be written out for all who read it. */
function tokens(raw: unknown, { place }: ContractExtension): readonly Finding[] {
  const found: Finding[] = []
  const visit = (value: unknown, below: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      const at = `${below}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (key === 'token' && below.endsWith('/ask'))
        found.push({
          rule: 'config.ask',
          severity: 'error',
          message: 'a contract is no place for a credential',
          place: place(at),
          fix: 'write this object’s rule in sallyport.yaml',
        })
      else visit(child, at)
    }
  }
  visit(raw, '')
  return found
}

/** Stands for the file while a part of the contract is read: pointers are below the extension. */
function documentOf({ place, value }: ContractExtension, pointer: string): YamlDocument {
  const at = (given: string): Place => {
    const below = given.startsWith(pointer) ? given.slice(pointer.length) : given.replace(/^\/apis\/\*/, '')
    return place(below)
  }
  return { file: place('').file, value, place: at, keyPlace: at }
}
